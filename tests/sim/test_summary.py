"""Intervals and the table of results."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.sim.summary import Z_95, table, wilson


@given(st.integers(1, 500), st.data())
def test_wilson_ends_solve_the_score_equation(trials: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, trials))
    rate = hits / trials
    for end, expected in zip(wilson(hits, trials), (0, trials), strict=True):
        if hits == expected:
            assert end == rate
            continue
        error = Z_95 * math.sqrt(end * (1 - end) / trials)
        assert abs(end - rate) == pytest.approx(error, rel=1e-9)


def test_wilson_without_trials_excludes_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def row(scene: str, **values: object) -> dict[str, object]:
    given = {
        "scene": scene,
        "outcome": "timeout",
        "contact": False,
        "at_fault": False,
        "goal_reached": False,
        "has_goal": False,
        "ticks": 100,
        "dt": 0.05,
        "progress_m": 50.0,
        "mean_speed": 10.0,
        "wall_seconds": 0.5,
        "expectations": "none",
    }
    return given | values


def test_failed_episodes_are_counted_and_in_no_mean() -> None:
    rows = [
        row("a", expectations="met"),
        row("a", contact=True, at_fault=True, progress_m=10.0, ticks=20, mean_speed=20.0),
        row("b", outcome="failed", ticks=3, progress_m=999.0, expectations="failed"),
    ]
    a, b, total = table(rows, 2.0)
    assert (a.scene, a.episodes, a.contact, a.at_fault, a.failed) == ("a", 2, 1, 1, 0)
    assert a.progress_m == 30.0
    assert a.mean_speed == pytest.approx((10 * 5 + 20 * 1) / 6)
    assert a.steps_per_second == pytest.approx(120.0)
    assert (b.failed, b.progress_m, b.contact_high) == (1, 0.0, 1.0)
    assert (a.as_expected, a.with_expectations) == (1, 1)
    assert (total.as_expected, total.with_expectations) == (1, 2)
    assert (total.episodes, total.failed, total.steps_per_second) == (3, 1, 60.0)
