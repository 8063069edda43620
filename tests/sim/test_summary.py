"""The table of results."""

from __future__ import annotations

import pytest

from drivestack.sim.overview import overview, shortfall
from drivestack.sim.summary import SCORES, table

DRIVEN = {"stack": "idm", "controller": "mpc", "backend": "engine"}


def row(scene: str, **values: object) -> dict[str, object]:
    given = {
        "scene": scene,
        "outcome": "timeout",
        "contact": False,
        "at_fault": False,
        "frozen": False,
        "goal_reached": False,
        "has_goal": False,
        "ticks": 100,
        "dt": 0.05,
        "progress_m": 50.0,
        "mean_speed": 10.0,
        "wall_seconds": 0.5,
        "expectations": "none",
        "unmet": "",
        "duty": "",
        "duty_met": "",
        "exercised": "",
        **dict.fromkeys(SCORES, 1.0),
    }
    return given | values


def test_failed_episodes_are_counted_and_in_no_mean_but_scores() -> None:
    rows = [
        row("a", expectations="met"),
        row("a", contact=True, at_fault=True, progress_m=10.0, ticks=20, mean_speed=20.0),
        row("b", outcome="failed", ticks=3, progress_m=999.0, expectations="failed"),
    ]
    a, b, total = table(rows, 2.0)
    assert (a.scene, a.episodes, a.contact.hits, a.at_fault.hits, a.failed) == ("a", 2, 1, 1, 0)
    assert a.progress_m.value == 30.0
    assert a.mean_speed.value == pytest.approx((10 * 5 + 20 * 1) / 6)
    assert a.steps_per_second == pytest.approx(120.0)
    assert (b.failed, b.progress_m.value, b.contact.high) == (1, None, 1.0)
    assert (a.as_expected, a.with_expectations) == (1, 1)
    assert (total.as_expected, total.with_expectations) == (1, 2)
    assert (total.episodes, total.failed, total.steps_per_second) == (3, 1, 60.0)


def test_a_failed_episode_scores_nothing_whatever_it_was_measured_to_be() -> None:
    rows = [row("a"), row("a", outcome="failed", pdms_1=0.0)]
    (a, _) = table(rows, 1.0)
    for column in SCORES:
        assert a.scores[column].value == 0.5, column
        assert a.scores[column].count == 2


def test_an_absent_score_is_in_no_mean() -> None:
    rows = [row("a", ego_progress=None), row("a", ego_progress=0.25)]
    (a, _) = table(rows, 1.0)
    assert (a.scores["ego_progress"].count, a.scores["ego_progress"].value) == (1, 0.25)
    assert a.scores["ego_progress"].low is None
    assert a.scores["pdms_1"].count == 2


def test_goals_are_counted_where_there_is_one() -> None:
    rows = [row("a", has_goal=True, goal_reached=True), row("a", has_goal=True), row("a")]
    (a, _) = table(rows, 1.0)
    assert (a.goal.hits, a.goal.trials) == (1, 2)


def test_duties_are_counted_by_what_the_cases_were() -> None:
    rows = [
        row("a", duty="must_avoid", duty_met="yes", exercised="yes"),
        row("a", duty="must_avoid", duty_met="no", exercised="yes", contact=True),
        row("a", duty="must_avoid", duty_met="no", outcome="failed"),
        row("a", duty="exempt", exercised="yes", contact=True),
        row("a", duty="not_exercised", exercised="no"),
        row("b"),
    ]
    a, b, total = table(rows, 1.0)
    assert (a.duties.met.hits, a.duties.met.trials) == (1, 3)
    assert (a.duties.exempt, a.duties.not_exercised) == (1, 1)
    assert (a.exercised.hits, a.exercised.trials) == (3, 4)
    assert (b.duties.any, b.exercised.trials) == (False, 0)
    assert total.duties == a.duties


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({}, ""),
        ({"duty": "must_avoid", "duty_met": "yes"}, ""),
        ({"duty_met": "no", "outcome": "contact"}, "contact had to be avoided"),
        ({"duty_met": "no", "outcome": "failed", "unmet": "did not finish"}, "did not finish"),
        ({"duty_met": "no", "unmet": "contact: true"}, "contact: true; contact had to be avoided"),
    ],
)
def test_what_an_episode_did_not_come_up_to(values: dict[str, str], why: str) -> None:
    assert shortfall(row("a", **values)) == why
    named = overview([{**row("a", **values), **DRIVEN, "scenario": "s", "failure": ""}], 1.0)
    assert named.unexpected == ((("s", why),) if why else ())
