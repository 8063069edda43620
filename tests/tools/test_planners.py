"""The page of planners: what is planted is said, pair by pair."""

from __future__ import annotations

from typing import Any

import pytest

from tools import planners
from tools.planners import KEPT, main, page, suites


def rows(count: int, score: float, faults: int = 0) -> list[dict[str, Any]]:
    plain: dict[str, Any] = dict.fromkeys(KEPT, 1.0)
    return [
        plain
        | {"scenario": f"a#{i}", "seed": i, "pdms_1": score, "at_fault": i < faults,
           "goal_reached": True}
        for i in range(count)
    ]  # fmt: skip


def test_what_is_planted_is_said() -> None:
    text = page({"merge-v1": {"flow": rows(100, 0.9), "pdm15": rows(100, 0.6, 5)}}, "a command")
    assert "Made by `a command`" in text
    assert "| flow | 90.0 (90.0 to 90.0) | 0 of 100 | 90.0 |" in text
    assert "| pdm15 | 60.0 (60.0 to 60.0) | 5 of 100 | 60.0 |" in text
    (pair,) = [line for line in text.splitlines() if line.startswith("| merge-v1 | pdm15 |")]
    assert "+30.0 (+30.0 to +30.0) | 0 : 5 |" in pair
    assert pair.endswith("| yes |")


def test_who_is_worse_is_said_to_be() -> None:
    text = page({"merge-v1": {"flow": rows(100, 0.5, 8), "pdm15": rows(100, 0.6)}}, "a command")
    (pair,) = [line for line in text.splitlines() if line.startswith("| merge-v1 | pdm15 |")]
    assert "-10.0 (-10.0 to -10.0) | 8 : 0 |" in pair
    assert pair.endswith("| **no** |")


def test_suites_are_of_seeds_that_nothing_was_made_with() -> None:
    found = {suite.name: suite for suite in suites(1, 1)}
    assert set(planners.SCENES) < set(found)
    assert found["roundabout-v1"].count == 1
    assert set(found["rare, never learned from"].starts) == {"rare-animal", "rare-opening-door"}
    assert not set(found["rare"].starts) & set(found["rare, never learned from"].starts)
    seeds = {s.seed for suite in found.values() for starts in suite.starts.values() for s in starts}
    assert seeds == {9000}


def test_an_unknown_arm_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--arms", "flow,pdm16"])
    assert "expected flow and others of" in capsys.readouterr().err
