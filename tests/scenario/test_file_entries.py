"""A suite's entries that name a file may replace its seeds, count and single axes."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.core.errors import InputError
from drivestack.scenario.expand import cases
from drivestack.scenario.loader import documents
from tests.scenario.writing import SCENARIO, write

VARIED = SCENARIO + "vary:\n  ego.speed: [8, 9]\n  actors.lead.s: {uniform: [30, 50]}\ncount: 7\n"


def found(folder: Path, entry: str) -> list:
    write(folder, "one.yaml", VARIED)
    path = write(folder, "suite.yaml", f"suite: s\nscenarios:\n  - {{file: one.yaml{entry}}}\n")
    (document,) = documents(path)
    return list(cases(document))


def test_as_the_file_says(tmp_path: Path) -> None:
    assert len(found(tmp_path, "")) == 2 * 7


def test_count_and_an_axis_are_replaced(tmp_path: Path) -> None:
    listed = found(tmp_path, ", count: 3, vary: {ego.speed: [10]}")
    assert [case.scenario.ego.speed for case in listed] == [10.0] * 3
    first = found(tmp_path, "")[0]
    assert listed[0].scenario.actors == first.scenario.actors, "draws stay what they were"


def test_an_axis_may_be_added(tmp_path: Path) -> None:
    assert len(found(tmp_path, ", vary: {time_limit: [1, 2, 3]}")) == 2 * 7 * 3


def test_a_wrong_axis_is_named_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"suite\.yaml:3: .*ego\.sped"):
        found(tmp_path, ", vary: {ego.sped: [1]}")
