"""Weights of scenes: rare conditions weigh more, and nothing that was done changes a weight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivestack.behavior.tokens import Ego
from drivestack.learn.planner.demonstrations import Demonstrations
from drivestack.learn.planner.table import table_of
from drivestack.learn.planner.weighing import Weighing, conditions, effective, weighed
from tests.learn.planner.made import made


def family(
    name: str, count: int, speed: float, accel: float, across: float = 0.0
) -> Demonstrations:
    """Moments of 50 scenes, all at one speed, all with the same accelerations."""
    found = made(count, name=name)
    ego = found.tokens.ego.copy()
    ego[:, Ego.SPEED] = speed
    knots = np.zeros_like(found.knots)
    knots[:, :, 0], knots[:, :, 1] = accel, across
    tokens = replace(found.tokens, ego=ego, agents_there=np.zeros_like(found.tokens.agents_there))
    return replace(found, tokens=tokens, knots=knots)


def mixed() -> Demonstrations:
    """Five families; the first is 60 % of all."""
    return Demonstrations.joined(
        [
            family("first", 600, 12.0, -1.0),
            family("second", 100, 3.0, 1.0),
            family("third", 100, 7.0, 0.0, 0.15),
            family("fourth", 100, 18.0, -0.25),
            family("fifth", 100, 23.0, 0.0, 1.0),
        ]
    )


def test_what_is_common_is_drawn_no_more_often_than_the_cap() -> None:
    found = mixed()
    drawn = table_of(found, weighed(found, Weighing(cap=0.25)))
    assert drawn["family"]["first"] == pytest.approx(25.0, abs=0.05)
    assert drawn["family"]["second"] == pytest.approx(18.75, abs=0.05)
    assert table_of(found)["family"]["first"] == 60.0


def test_what_is_rare_enough_is_left_alone() -> None:
    found = mixed()
    weights = weighed(found, Weighing(cap=0.75))
    np.testing.assert_allclose(weights, 1.0, atol=1e-3)
    assert effective(weights) == pytest.approx(1.0, abs=1e-4)


def test_bounds_hold_and_a_single_family_stays_even() -> None:
    how = Weighing(cap=0.01)
    weights = weighed(mixed(), how)
    assert how.least * 0.999 <= weights.min() <= weights.max() <= how.most * 1.001
    alone = family("alone", 200, 10.0, 0.0)
    np.testing.assert_allclose(weighed(alone), 1.0, atol=1e-3)


def test_a_scene_weighs_the_same_whatever_was_done_in_it() -> None:
    found = mixed()
    rows = np.flatnonzero((found.family == 0) & (found.seed == 3))
    others = np.flatnonzero((found.family == 0) & (found.seed == 4))
    knots, ego = found.knots.copy(), found.tokens.ego.copy()
    knots[rows, :, 1] = 1.0
    later = rows[found.tick[rows] > found.tick[rows].min()]
    ego[later, Ego.SPEED] = 24.0  # it led elsewhere
    changed = replace(found, knots=knots, tokens=replace(found.tokens, ego=ego))
    weights = weighed(changed)
    assert (conditions(changed) == conditions(found)).all()
    assert np.unique(np.concatenate([weights[rows], weights[others]])).size == 1


def test_at_a_fork_weights_keep_what_the_expert_does_there() -> None:
    # 60 of 100 scenes go left; weights by what was done would change that (shadow_and_dagger.md, 8)
    fork = family("fork", 500, 12.0, 0.0)
    knots = fork.knots.copy()
    goes_left = fork.seed % 5 < 3
    knots[:, :, 1] = np.where(goes_left, 1.0, -1.0)[:, None]
    found = Demonstrations.joined([replace(fork, knots=knots), family("other", 4000, 8.0, 0.0)])
    weights = weighed(found)
    share = weights[:500][goes_left].sum() / weights[:500].sum()
    assert weights[:500].mean() > 1.5 * weights[500:].mean()
    assert share == pytest.approx(0.6, abs=1e-6)


def test_weights_that_were_there_count() -> None:
    found = mixed()
    doubled = replace(found, weight=2 * found.weight)
    np.testing.assert_allclose(weighed(doubled), 2 * weighed(found), rtol=1e-5)


def test_what_weights_are_worth() -> None:
    assert effective(np.array([1.0, 1.0], np.float32)) == 1.0
    assert effective(np.array([1.0, 0.0], np.float32)) == 0.5
