"""Families: cases of seeds for training and for reports are others, where there are enough."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.learn.families import REPORT, TRAINING, families_in, shares_cases, start_of
from tests.scenario.writing import SCENARIO, write
from tests.test_readme import ROOT


def cases_of(file: Path, seeds: range) -> set[str]:
    (document,) = families_in([file]).values()
    return {start_of(document, seed).scenario.partition("@")[0] for seed in seeds}


def dealt(folder: Path, count: int) -> Path:
    speeds = ", ".join(str(5 + number) for number in range(count))
    return write(folder, "family.yaml", SCENARIO + f"vary: {{ego.speed: [{speeds}]}}\n")


@pytest.mark.parametrize(("count", "shared"), [(9, True), (10, False), (25, False)])
def test_cases_are_dealt_out_where_there_are_enough(
    tmp_path: Path, count: int, shared: bool
) -> None:
    file = dealt(tmp_path, count)
    (document,) = families_in([file]).values()
    assert shares_cases(document) == shared
    learned = cases_of(file, TRAINING[::80])
    reported = cases_of(file, REPORT[::10])
    assert bool(learned & reported) == shared


def test_scenes_and_random_ranges_share_nothing() -> None:
    scenarios = ROOT / "scenarios"
    env = families_in([scenarios / "highway_env.yaml", scenarios / "rare.yaml"])
    assert not any(shares_cases(document) for document in env.values())


def test_a_single_case_is_shared(tmp_path: Path) -> None:
    (document,) = families_in([write(tmp_path, "one.yaml", SCENARIO)]).values()
    assert shares_cases(document)
