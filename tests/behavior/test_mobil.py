"""Lane changes of `idm`: MOBIL's gain and what it imposes, its clock, its completion, the route."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivestack.behavior.mobil import Others, neighbours
from drivestack.behavior.proposers.idm import Idm
from drivestack.core.map import Map
from drivestack.core.types import Aim, Candidates, Floats, Goal, Route
from drivestack.roads.build import straight
from drivestack.roads.lane_tables import lanes_of
from drivestack.route.lane_router import LaneRouter
from tests.scenes import goal_on, no_goal, observation, road_map

SLOW = [90.0, 0.0, 0.0, 6.0]
"""Ahead on the ego's lane, at y = 0."""

EGO = (50.0, 0.0, 0.0, 15.0)


def road() -> Map:
    """Two lanes in two pieces: lanes 0 (y = 4) and 1 (y = 0), then 2 and 3."""
    return road_map(
        "road",
        {
            ("a", "b"): [straight((0, y), (600, y)) for y in (4, 0)],
            ("b", "c"): [straight((600, y), (1200, y)) for y in (4, 0)],
        },
    )


def proposed(
    ego: tuple[float, ...],
    *tracks: list[float],
    tick: int = 0,
    goal: Goal | None = None,
    change: Route | None = None,
    proposer: Idm | None = None,
) -> Candidates:
    seen = observation([road()], [ego], [np.array(tracks).reshape(-1, 4)], tick=tick)
    goal = goal or no_goal(1)
    route = change or LaneRouter().route(seen, goal)
    return (proposer or Idm()).propose(seen, route, goal)


def aside(found: Candidates) -> float:
    """How far to the left the chunk leads [m]."""
    return float(found.states[0, 0, -1, 1])


def route_of(ego: tuple[float, ...], goal: Goal | None = None) -> Route:
    return LaneRouter().route(observation([road()], [ego]), goal or no_goal(1))


def test_a_slow_leader_is_overtaken() -> None:
    assert aside(proposed(EGO, SLOW)) > 2.0
    to_the_right = proposed((50.0, 4.0, 0.0, 15.0), [90.0, 4.0, 0.0, 6.0])
    assert aside(to_the_right) < 2.0


def test_the_lane_is_kept_without_a_gain() -> None:
    assert aside(proposed(EGO)) == pytest.approx(0.0, abs=1e-6)
    both = proposed(EGO, SLOW, [90.0, 4.0, 0.0, 6.0])
    assert aside(both) == pytest.approx(0.0, abs=1e-6)
    far = proposed(EGO, [300.0, 0.0, 0.0, 14.0])
    assert aside(far) == pytest.approx(0.0, abs=1e-6), "0.2 m/s2 is the least gain"


def test_nobody_behind_is_made_to_brake_hard() -> None:
    assert aside(proposed(EGO, SLOW, [30.0, 4.0, 0.0, 25.0])) == pytest.approx(0.0, abs=1e-6)
    assert aside(proposed(EGO, SLOW, [50.0, 4.0, 0.0, 15.0])) == pytest.approx(0.0, abs=1e-6)
    assert aside(proposed(EGO, SLOW, [10.0, 4.0, 0.0, 15.0])) > 2.0


def test_nobody_changes_lane_at_a_standstill() -> None:
    crawling = (50.0, 0.0, 0.0, 0.9)
    assert aside(proposed(crawling, [56.0, 0.0, 0.0, 0.0])) == pytest.approx(0.0, abs=1e-6)


def test_decisions_are_made_once_a_second() -> None:
    for tick in range(1, 20):
        assert aside(proposed(EGO, SLOW, tick=tick)) == pytest.approx(0.0, abs=1e-6)
    assert aside(proposed(EGO, SLOW, tick=20)) > 2.0


def test_a_change_that_has_begun_goes_on_between_the_seconds() -> None:
    moving = (50.0, 0.02, 0.02, 15.0)
    assert aside(proposed(moving, SLOW, tick=2)) > 2.0
    late = proposed(moving, SLOW, [30.0, 4.0, 0.0, 25.0], tick=2)
    assert aside(late) == pytest.approx(0.0, abs=0.1), "it is judged again until it is under way"
    under_way = (50.0, 0.8, 0.05, 15.0)
    assert aside(proposed(under_way, SLOW, [30.0, 4.0, 0.0, 25.0], tick=2)) > 2.0


def test_a_change_is_given_up_for_one_who_changes_ahead() -> None:
    """From a third lane, one would; here the lane's other side is the verge."""
    other = [65.0, 6.5, -0.1, 15.0]
    assert aside(proposed((50.0, 0.8, 0.05, 15.0), other, tick=2)) < 0.2
    keeping = [65.0, 6.5, 0.0, 15.0]
    assert aside(proposed((50.0, 0.8, 0.05, 15.0), keeping, tick=2)) > 2.0


def test_the_leader_left_behind_is_still_minded() -> None:
    found = proposed((70.0, 0.0, 0.0, 15.0), SLOW)
    assert aside(found) > 1.0
    assert found.controls[0, 0, 0, 0] < -2.0


def test_lanes_out_of_the_corridor_are_not_changed_to() -> None:
    route = route_of(EGO)
    valid = route.corridor.valid & (route.corridor.lane != 0)
    assert valid.sum() < route.corridor.valid.sum()
    narrow = replace(route, corridor=replace(route.corridor, valid=valid))
    assert aside(proposed(EGO, SLOW, change=narrow)) == pytest.approx(0.0, abs=1e-6)


def bound(at: float = 300.0) -> tuple[Goal, Route]:
    """A goal on the left lane, and a route that says so."""
    goal = replace(goal_on([0]), position=np.array([[at, 4.0]]))
    route = route_of(EGO, goal)
    assert route.aim[0] == Aim.GOAL
    return goal, route


def test_a_binding_route_is_followed_where_it_is_safe() -> None:
    goal, route = bound()
    assert aside(proposed(EGO, tick=7, goal=goal, change=route)) > 2.0
    beside = [[50.0, 4.0, 0.0, 15.0], [30.0, 4.0, 0.0, 20.0]]
    for other in beside:
        waiting = proposed(EGO, other, goal=goal, change=route)
        assert aside(waiting) == pytest.approx(0.0, abs=0.05)


def test_who_finds_no_gap_waits_at_the_end_of_his_lane() -> None:
    goal, route = bound()
    own = route.corridor.lane == 1
    corridor = replace(
        route.corridor,
        leave_by=np.where(own, 120.0, route.corridor.leave_by),
        leave_for=np.where(own, 0, route.corridor.leave_for).astype(np.int32),
        through=route.corridor.through & ~own,
    )
    closed = replace(route, corridor=corridor)
    found = proposed(EGO, [50.0, 4.0, 0.0, 15.0], goal=goal, change=closed, proposer=Idm(steps=300))
    assert found.states[0, 0, -1, 3] < 0.1
    assert 110.0 < found.states[0, 0, -1, 0] < 120.0


def test_who_is_on_a_binding_route_does_not_leave_it() -> None:
    goal = replace(goal_on([1]), position=np.array([[300.0, 0.0]]))
    assert aside(proposed(EGO, SLOW, goal=goal)) == pytest.approx(0.0, abs=1e-6)
    far = replace(goal_on([3]), position=np.array([[1100.0, 0.0]]))
    assert aside(proposed(EGO, SLOW, goal=far)) > 2.0, "far from the goal there is time"


def seen_from(states: Floats, lane: int, s: float) -> list[float]:
    map = road()
    size = np.tile([5.0, 2.0], (len(states), 1))
    others = Others(states, size, np.ones(len(states), np.bool_))
    return list(neighbours(lanes_of(map), map.links, lane, s, 2.5, others))


def test_neighbours_are_bumper_to_bumper_and_across_joints() -> None:
    states = np.array([[610.0, 4.0, 0, 7.0], [560.0, 4.2, 0, 9.0], [640.0, 4.0, 0, 1.0]])
    assert seen_from(states, 0, 590.0)[1::2] == [7.0, 9.0]
    assert seen_from(states, 0, 590.0)[::2] == pytest.approx([15.0, 25.0])
    assert seen_from(states, 1, 590.0) == [np.inf, 0.0, np.inf, 0.0]
