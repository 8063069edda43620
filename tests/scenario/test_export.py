"""First states written as scenario files, and read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.scenario import load
from drivestack.scenario.expand import cases
from drivestack.scenario.export import exported, kept
from drivestack.scenario.loader import documents
from drivestack.scenario.resolve import resolve
from tests.scenario.writing import SCENARIO, write


@pytest.mark.parametrize("seeds", ["[4]", "3-5", "[3, 5]"])
def test_a_first_state_of_many_seeds_is_kept_with_its_own(tmp_path: Path, seeds: str) -> None:
    whole = write(tmp_path, "whole.yaml", SCENARIO + f"seeds: {seeds}\n")
    (document,) = documents(whole)
    for case in cases(document):
        (start,) = resolve(case)
        (again,) = load(write(tmp_path, f"kept-{start.seed}.yaml", kept(case, start)))
        assert (again.scenario, again.seed) == (start.scenario, start.seed)
        assert (again.bodies == start.bodies).all()


def test_first_states_are_written_with_their_seeds(tmp_path: Path) -> None:
    (document,) = documents(write(tmp_path, "whole.yaml", SCENARIO + "seeds: 3-5\n"))
    texts = [text for case in cases(document) for _, text in exported(case)]
    files = [write(tmp_path, f"{n}.yaml", text) for n, text in enumerate(texts)]
    assert [start.seed for file in files for start in load(file)] == [3, 4, 5]
