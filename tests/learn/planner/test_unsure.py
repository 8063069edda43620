"""What sensors make of a moment: tokens that stay true to each other, and who is left out."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from drivestack.behavior.features import tokens_of
from drivestack.behavior.stop_lines import STOP_LINE_ID
from drivestack.behavior.tokens import Agent, Ego, Tokens
from drivestack.core.map import Map
from drivestack.core.types import Observation
from drivestack.learn.planner.unsure import Unsure, seen_again
from drivestack.route import ROUTERS
from tests.contracts.situations import all_of_them
from tests.scenes import bend, no_goal, observation, two_lanes

EXACT = Unsure(noisy=0.0, dropped=0.0)
NOISY = Unsure(noisy=1.0, dropped=0.0)
BLIND = Unsure(noisy=0.0, dropped=1.0)

MOVING = [[140.0, 4.0, 0.0, 8.0], [90.0, 4.0, 0.1, 11.0], [170.0, 0.0, math.pi, 9.0]]
STANDING = [[145.0, 0.0, 0.3, 0.0], [80.0, 4.0, 0.0, 0.2]]
ROUND_THE_BEND = [[75.0, 0.2, 0.0, 4.0], [108.0, 12.0, 0.8, 6.0], [120.0, 60.0, 1.6, 9.0]]


def told(seen: Observation) -> Tokens:
    goal = no_goal(len(seen.tick))
    return tokens_of(seen, ROUTERS["lanes"]().route(seen, goal), goal)


def known() -> Tokens:
    return told(all_of_them())


def one(road: Map, ego: tuple[float, ...], others: list[list[float]]) -> Observation:
    return observation([road], [ego], [np.array(others)])


def as_measured(seen: Observation, exact: Tokens, noisy: Tokens) -> Observation:
    """The world in which everybody is where the noisy tokens have him."""
    state, ego = seen.tracks.state.copy(), seen.ego.state.copy()
    yaw, count = ego[0, 2], int(exact.agents_there[0].sum())
    c, s = math.cos(yaw), math.sin(yaw)
    for before, now in zip(exact.agents[0, :count], noisy.agents[0, :count], strict=True):
        x, y = before[Agent.X], before[Agent.Y]
        place = ego[0, :2] + np.array([c * x - s * y, s * x + c * y])
        row = int(np.argmin(np.linalg.norm(state[0, :, 0, :2] - place, axis=1)))
        x, y = now[Agent.X], now[Agent.Y]
        state[0, row, 0, :2] = ego[0, :2] + np.array([c * x - s * y, s * x + c * y])
        state[0, row, 0, 2] = yaw + math.atan2(now[Agent.SIN], now[Agent.COS])
        state[0, row, 0, 3] = now[Agent.SPEED]
    ego[0, 3] = noisy.ego[0, Ego.SPEED]
    return replace(seen, ego=replace(seen.ego, state=ego), tracks=replace(seen.tracks, state=state))


@pytest.mark.parametrize(
    ("road", "ego", "others", "off"),
    [
        (two_lanes(), (100.0, 0.5, 0.05, 12.0), MOVING, 2e-3),
        (two_lanes(), (100.0, 0.5, 0.05, 12.0), STANDING, 2e-3),
        # the place along a bent line is that of its tangent: 0.4 m aside on 40 m is 1 %
        (bend(), (60.0, 0.3, 0.1, 9.0), ROUND_THE_BEND, 6e-2),
    ],
)
def test_errors_are_those_of_a_world_in_which_everybody_is_elsewhere(
    road: Map, ego: tuple[float, ...], others: list[list[float]], off: float
) -> None:
    seen = one(road, ego, others)
    exact = told(seen)
    for seed in range(10):
        noisy = seen_again(exact, NOISY, np.random.default_rng(seed))
        assert not np.array_equal(noisy.agents, exact.agents)
        again = told(as_measured(seen, exact, noisy))
        np.testing.assert_allclose(noisy.agents, again.agents, atol=off)
        assert noisy.ego[0, Ego.SPEED] == pytest.approx(again.ego[0, Ego.SPEED])


def test_nothing_changes_with_perfect_sensors() -> None:
    tokens = known()
    seen = seen_again(tokens, EXACT, np.random.default_rng(0))
    for name in ("ego", "route", "lanes", "agents", "agents_there"):
        np.testing.assert_array_equal(getattr(seen, name), getattr(tokens, name))


def test_errors_are_of_the_size_that_is_asked_for() -> None:
    tokens = told(one(two_lanes(), (100.0, 0.0, 0.0, 12.0), [[160.0, 0.0, 0.0, 9.0]]))
    draw, how = np.random.default_rng(0), Unsure(dropped=0.0)
    seen = [seen_again(tokens, how, draw) for _ in range(3000)]
    for column, most in ((Agent.X, 0.2), (Agent.SPEED, 0.3)):
        errors = np.array([t.agents[0, 0, column] for t in seen]) - tokens.agents[0, 0, column]
        assert np.mean(errors == 0.0) == pytest.approx(0.5, abs=0.04)
        # standard deviations are even between 0 and the most
        assert errors[errors != 0.0].std() == pytest.approx(most / math.sqrt(3.0), rel=0.1)
    own = np.array([t.ego[0, Ego.SPEED] for t in seen]) / 12.0 - 1.0
    assert own[own != 0.0].std() == pytest.approx(0.01 / math.sqrt(3.0), rel=0.1)


def test_stop_lines_stay_and_nobody_is_made_up() -> None:
    seen = one(
        two_lanes(), (100.0, 0.0, 0.0, 12.0), [[180.0, 4.0, 0.0, 12.0], [190.0, 4.0, 0.0, 12]]
    )
    ids = np.array([[0, STOP_LINE_ID]], np.int32)
    tokens = told(replace(seen, tracks=replace(seen.tracks, id=ids)))
    lines = tokens.agents[:, :, Agent.LINE] > 0.0
    assert lines.sum() == 1
    for how in (NOISY, BLIND):
        again = seen_again(tokens, how, np.random.default_rng(0))
        np.testing.assert_array_equal(again.agents[lines], tokens.agents[lines])
        assert not np.array_equal(again.agents, tokens.agents)
        assert not again.agents[~again.agents_there].any()
        assert not (again.agents_there & ~tokens.agents_there).any()


def test_who_is_far_and_on_no_course_to_meet_may_be_left_out() -> None:
    near, met = [115.0, 4.0, 0.0, 12.0], [180.0, 0.0, math.pi, 12.0]
    away = [195.0, 4.0, 0.0, 12.0]
    tokens = told(one(two_lanes(), (100.0, 0.0, 0.0, 12.0), [near, met, away]))
    seen = seen_again(tokens, BLIND, np.random.default_rng(0))
    gone = tokens.agents_there & ~seen.agents_there
    assert tokens.agents[gone][:, Agent.X].tolist() == [95.0]


def test_the_farther_the_likelier() -> None:
    others = [[100.0 + x, 4.0, 0.0, 12.0] for x in (15.0, 50.0, 100.0)]
    tokens = told(one(two_lanes(400.0), (100.0, 0.0, 0.0, 12.0), others))
    draw, how = np.random.default_rng(0), Unsure(noisy=0.0)
    there = np.array([seen_again(tokens, how, draw).agents_there[0, :3] for _ in range(4000)])
    np.testing.assert_allclose(1.0 - there.mean(axis=0), [0.0, 0.025, 0.05], atol=0.01)
