"""A stack finds another way where a lane closes, and drives on honestly where there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from drivestack.core.start import Rates
from drivestack.core.types import Aim, Closures, Decision
from drivestack.stack import STACKS, Setup
from tests.route.test_lane_router import exits
from tests.route.test_off_route import closures
from tests.scenes import goal_on, no_goal, observation, two_lanes

ROAD = two_lanes()
EGO = (100.0, 0.0, 0.0, 10.0)
OPEN = Closures.none(1)


def decided(stack: Any, memory: Any, tick: int, shut: Closures, ego: tuple = EGO) -> Any:
    return stack.decide(observation([ROAD], [ego], tick=tick, closures=shut), memory)


def lanes_of(decision: Decision) -> list[int]:
    return decision.route.lanes[0][decision.route.lane_valid[0]].tolist()


@pytest.mark.parametrize("name", STACKS)
def test_a_lane_that_closes_on_the_way_is_left(name: str) -> None:
    stack = STACKS[name](Setup(Rates(20, 20, 10)))
    shut = closures([(1, 300.0, 400.0)])
    before, memory = decided(stack, stack.start(1, no_goal(1)), 0, OPEN)
    assert lanes_of(before) == [1]
    between, memory = decided(stack, memory, 1, shut)
    assert not between.planned[0]
    assert between.route is before.route, "it is looked at when a plan is due"
    after, memory = decided(stack, memory, 2, shut)
    assert lanes_of(after) == [1, 0]
    assert after.route.change[0, 0]
    assert exits(after.route)[1] == (300.0, 0, False)
    later, memory = decided(stack, memory, 4, shut)
    assert later.route.line.tobytes() == after.route.line.tobytes(), "once is enough"
    opened, _ = decided(stack, memory, 6, OPEN)
    assert lanes_of(opened) == [1]


def test_a_goal_that_is_closed_off_is_said_to_be() -> None:
    stack = STACKS["idm"](Setup(Rates(20, 20, 10)))
    before, memory = decided(stack, stack.start(1, goal_on([1])), 0, OPEN)
    assert before.route.aim[0] == Aim.GOAL
    after, memory = decided(stack, memory, 2, closures([(0, 300.0, 310.0), (1, 290.0, 400.0)]))
    assert after.route.aim[0] == Aim.GOAL_CUT_OFF
    assert np.isfinite(after.control).all()
    assert after.route.line[0][after.route.valid[0]][:, 0].max() <= 310.0, "nor does it pretend"
    again, _ = decided(stack, memory, 4, OPEN)
    assert again.route.aim[0] == Aim.GOAL


def test_only_the_row_whose_lane_closes_is_routed_anew() -> None:
    stack = STACKS["idm"](Setup(Rates(20, 20, 10)))
    egos = [EGO, (50.0, 4.0, 0.0, 8.0)]
    memory = stack.start(2, no_goal(2))
    before, memory = stack.decide(observation([ROAD], egos), memory)
    shut = closures([(1, 300.0, 400.0)], [])
    after, _ = stack.decide(observation([ROAD], egos, tick=2, closures=shut), memory)
    assert after.route.lanes[0, :2].tolist() == [1, 0]
    assert after.route.line[1].tobytes() == before.route.line[1].tobytes()
    assert after.route.closures[1] == 0 != after.route.closures[0]


def test_an_ego_inside_a_closed_part_leaves_it() -> None:
    stack = STACKS["idm"](Setup(Rates(20, 20, 10)))
    decision, _ = decided(stack, stack.start(1, no_goal(1)), 0, closures([(1, 50.0, 400.0)]))
    assert lanes_of(decision) == [1, 0]
    x = decision.route.line[0][decision.route.valid[0]]
    assert (x[x[:, 0] > 250.0, 1] == 4.0).all()
