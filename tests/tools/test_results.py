"""Figures, gates and the page of tools/results.py on episodes written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from drivestack.metrics.judge import COMPOSED
from tools.evidence.figures import figures, paired
from tools.evidence.gates import gates
from tools.evidence.page import Made, page
from tools.evidence.runs import REFERENCE


def row(seed: int, at_fault: bool = False, progress: float = 100.0, **other: Any) -> dict[str, Any]:
    return {
        "seed": seed, "outcome": "timeout", "at_fault": at_fault, "contact": at_fault,
        "goal_reached": False, "has_goal": False, "progress_m": progress + 5.0,
        "route_progress_m": progress, "mean_speed": 10.0,
        "ticks": 200, "dt": 0.05, "physics_hz": 20, "control_hz": 20, "plan_hz": 10,
        "physics": "clamped", "backend": "engine", **dict.fromkeys(COMPOSED),
    } | other  # fmt: skip


def crashing(seeds: set[int], progress: float = 100.0) -> list[dict[str, Any]]:
    return [row(seed, seed in seeds, progress + seed) for seed in range(20)]


def test_a_failed_episode_counts_as_the_worst() -> None:
    rows = [*crashing({3}), row(20, outcome="failed", progress=500.0)]
    found = figures({"s": rows}, "driver")
    assert (found.episodes, found.failed, found.at_fault, found.contacts) == (21, 1, 2, 1)
    assert found.progress.value == pytest.approx(sum(100.0 + i for i in range(20)) / 21)


def test_scores_are_of_the_episodes_that_have_one() -> None:
    first, second = COMPOSED[:2]
    rows = [row(0, **{first: 0.5}), row(1, **{first: None}), row(2, outcome="failed")]
    found = figures({"s": rows}, "d").scores
    assert found[first].value == 0.25, "0 for the one that failed, and none for the other"
    assert second not in figures({"s": rows[:2]}, "d").scores


def test_pairs_need_the_same_seeds() -> None:
    with pytest.raises(ValueError, match="different seeds"):
        paired({"s": crashing(set())}, {"s": crashing(set())[1:]})


def test_progress_is_equal_where_both_reach_the_goal() -> None:
    there = {"goal_reached": True, "has_goal": True}
    first = [row(0, progress=95.0, **there), row(1, progress=95.0, **there)]
    second = [row(0, progress=99.0, **there), row(1, progress=60.0)]
    assert paired({"s": first}, {"s": second}).progress.value == 0.5 * 35.0


def test_gates_follow_the_numbers() -> None:
    better = paired({"s": crashing({1}, 110.0)}, {"s": crashing(set(range(9)))})
    worse = paired({"s": crashing({1, 2}, 50.0)}, {"s": crashing({2})})
    found = {
        (gate.asked, gate.scene): gate.holds
        for gate in gates({"roundabout-v1": better, "intersection-v2": worse})
    }
    assert found == {
        ("no more at-fault contacts", "roundabout-v1"): True,
        ("no more at-fault contacts", "intersection-v2"): False,
        ("clearly fewer at-fault contacts", "roundabout-v1"): True,
        ("clearly fewer at-fault contacts", "intersection-v2"): False,
        ("progress not lower", "roundabout-v1"): True,
        ("progress not lower", "intersection-v2"): False,
    }


def test_fewer_but_not_clearly_is_told_apart() -> None:
    some = paired({"s": crashing({1})}, {"s": crashing({2, 3})})
    found = {gate.asked: gate.holds for gate in gates({"roundabout-v1": some})}
    assert found["no more at-fault contacts"]
    assert not found["clearly fewer at-fault contacts"]


def test_the_page_holds_everything() -> None:
    episodes = {
        REFERENCE: {"roundabout-v1": crashing({1, 2}), "exit-v1": crashing(set())},
        "pdm15": {"roundabout-v1": crashing({1}), "exit-v1": crashing({5})},
    }
    made = Made(
        command="python tools/results.py", candidate="pdm15", seeds="20 (seeds 0 to 19)",
        manifest={"versions": {"drivestack": "0"},
                  "machine": {"processor": "p", "architecture": "a", "cores": 1}},
        seconds=60.0, code="abc", notes="What falls short.",
        constants={"roundabout-v1": {"delta": (3.5, 4.5)}, "exit-v1": {"delta": (4.0, 4.0)}},
    )  # fmt: skip
    text = page(episodes, made)
    for part in ("## Gates: `pdm15`", "What falls short.", "| all |", "## All scenes",
                 "## exit-v1", "delta 3.5 to 4.5"):  # fmt: skip
        assert part in text, part
    assert "| no more at-fault contacts | exit-v1 | **no** | 1 against 0 |" in text
    alone = page({"pdm15": episodes["pdm15"]}, made)
    assert "Gates" not in alone
