"""The replay proposer: on the log, back to it, past its end, and nothing without one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivestack.behavior.proposers.replay import Replay
from drivestack.core.types import Candidates, Floats, Goal
from drivestack.route.lane_router import LaneRouter
from tests.scenes import logged, no_goal, observation, two_lanes


def proposed(ego: tuple[float, ...], goal: Goal, tick: int = 0) -> Candidates:
    seen = observation([two_lanes()], [ego], tick=tick)
    return Replay().propose(seen, LaneRouter().route(seen, goal), goal)


def with_log(states: Floats) -> Goal:
    return replace(
        no_goal(1), log=states[None].copy(), log_valid=np.ones((1, len(states)), np.bool_)
    )


def arc(radius: float = 30.0, speed: float = 9.0, ticks: int = 200) -> Floats:
    angle = speed * 0.05 * np.arange(ticks) / radius
    x, y = 10.0 + radius * np.sin(angle), radius * (1.0 - np.cos(angle))
    return np.stack([x, y, angle, np.full(ticks, speed)], axis=-1)


def test_it_keeps_to_a_straight_log() -> None:
    goal = logged([(50.0, 0.0, 0.0, 10.0)])
    found = proposed((60.0, 0.0, 0.0, 10.0), goal, tick=20)
    assert found.valid.all()
    np.testing.assert_allclose(found.states[0, 0, :, 0], 60.0 + np.arange(1, 41), atol=1e-9)
    np.testing.assert_allclose(found.states[0, 0, :, 1], 0.0, atol=1e-9)


def test_it_keeps_to_an_arc() -> None:
    log = arc()
    found = proposed(tuple(log[40]), with_log(log), tick=40)
    apart = found.states[0, 0, :, :2] - log[42:122:2, :2]
    assert np.hypot(*apart.T).max() < 0.1


def test_it_comes_back_to_the_log() -> None:
    found = proposed((49.0, 0.5, 0.05, 8.0), logged([(50.0, 0.0, 0.0, 10.0)]))
    np.testing.assert_allclose(found.states[0, 0, -1], [90.0, 0.0, 0.0, 10.0], atol=0.02)


def test_a_log_that_stops_is_stopped_at() -> None:
    braking = np.minimum(0.05 * np.arange(200), 3.0)
    x = 50.0 + 6.0 * braking - braking**2
    log = np.stack([x, 0 * x, 0 * x, 6.0 - 2.0 * braking], axis=-1)
    states = proposed((50.0, 0.0, 0.0, 6.0), with_log(log)).states[0, 0]
    assert states[-1, 3] == pytest.approx(0.0, abs=0.01)
    assert states[-1, 0] == pytest.approx(59.0, abs=0.15)
    assert states[:, 3].min() >= 0.0


def test_the_end_is_prolonged_and_then_nothing_is_left() -> None:
    goal = logged([(50.0, 0.0, 0.0, 10.0)], ticks=41)
    late = proposed((69.5, 0.0, 0.0, 10.0), goal, tick=39)
    assert late.valid.all()
    assert late.states[0, 0, -1, 0] == pytest.approx(109.5)
    assert not proposed((70.0, 0.0, 0.0, 10.0), goal, tick=40).valid.any()


def test_without_a_log_nothing_is_proposed() -> None:
    assert not proposed((50.0, 0.0, 0.0, 10.0), no_goal(1)).valid.any()
    goal = logged([(50.0, 0.0, 0.0, 10.0)])
    nothing = replace(goal, log_valid=np.zeros_like(goal.log_valid))
    assert not proposed((50.0, 0.0, 0.0, 10.0), nothing).valid.any()
