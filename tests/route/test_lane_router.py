"""Routes: where lane changes are made, what is out of reach, the reference line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.map import Map
from drivestack.core.rows import take_rows
from drivestack.core.types import Aim, Route
from drivestack.roads.build import LaneSpec, circular, straight
from drivestack.route import ROUTERS
from drivestack.route.lane_router import LaneRouter
from tests.scenes import bend, goal_on, no_goal, observation, road_map, two_lanes


def merge(forbidden: bool = True) -> Map:
    """Two lanes and a third that runs out beside them after 100 m."""
    third = straight((0, -4), (100, -4), forbidden=forbidden)
    roads = {
        ("b", "c"): [straight((0, 4), (100, 4)), straight((0, 0), (100, 0)), third],
        ("c", "d"): [straight((100, 4), (400, 4)), straight((100, 0), (400, 0))],
    }
    return road_map("merge", roads)


def lanes_of(route: Route, b: int = 0) -> list[int]:
    return route.lanes[b][route.lane_valid[b]].tolist()


def test_several_changes_need_room_for_each() -> None:
    lanes = [straight((0, -4 * i), (400, -4 * i)) for i in range(4)]
    after = [straight((400, -4 * i), (460, -4 * i)) for i in range(4)]
    map = road_map("wide", {("a", "b"): lanes, ("b", "c"): after})
    route = LaneRouter().route(observation([map], [(5.0, 0.0, 0.0, 10.0)]), goal_on([7]))
    assert lanes_of(route) == [0, 1, 2, 3, 7], "all on the long road"
    assert route.change[0, :4].tolist() == [True, True, True, False]


def test_faster_lanes_are_left_late_but_not_too_late() -> None:
    """The change of 90 m at 30 m/s is complete where the lanes part, and begins no earlier."""
    fast, slow = straight((0, 0), (800, 0), speed_limit=30.0), straight((0, -4), (800, -4))
    ahead = [straight((800, 0), (1000, 0)), straight((800, -4), (1000, -8))]
    roads = {("a", "b"): [fast, slow], ("b", "c"): ahead[:1], ("b", "d"): ahead[1:]}
    route = LaneRouter(points=512).route(
        observation([road_map("exit", roads)], [(20.0, 0.0, 0.0, 30.0)]), goal_on([3])
    )
    assert lanes_of(route) == [0, 1, 3]
    line = route.line[0][route.valid[0]]
    moving = line[(line[:, 1] < -0.05) & (line[:, 1] > -3.95), 0]
    assert 680.0 < moving.min() < moving.max() <= 800.0
    assert moving.max() - moving.min() > 60.0


def test_a_lane_that_runs_out_is_left_before_its_end() -> None:
    seen = observation([merge()], [(10.0, -4.0, 0.0, 10.0)])
    for goal, aim in ((goal_on([4]), Aim.GOAL), (no_goal(1), Aim.NO_GOAL)):
        route = LaneRouter().route(seen, goal)
        assert route.aim[0] == aim
        assert lanes_of(route) == [2, 1, 4]
        assert exits(route)[2] == (100.0, 1, False)
        assert exits(route)[1] == (100.0, 1, True)


def test_a_lane_beside_the_goal_is_left_before_it() -> None:
    seen = observation([two_lanes()], [(20.0, 0.0, 0.0, 10.0)])
    goal = replace(goal_on([0]), position=np.array([[300.0, 4.0]]))
    route = LaneRouter().route(seen, goal)
    by, towards, through = exits(route)[1]
    assert (towards, through) == (0, False)
    assert 280.0 <= by <= 300.0
    assert exits(route)[0] == (600.0, 0, True)


def test_a_goal_behind_is_out_of_reach() -> None:
    seen = observation([two_lanes()], [(200.0, 0.0, 0.0, 10.0)])
    goal = replace(goal_on([1]), position=np.array([[100.0, 0.0]]))
    route = LaneRouter().route(seen, goal)
    free = LaneRouter().route(seen, no_goal(1))
    assert route.aim[0] == Aim.GOAL_CUT_OFF
    assert route.line.tobytes() == free.line.tobytes()
    assert exits(route) == exits(free) == {0: (600.0, 0, True), 1: (600.0, 1, True)}


def test_a_wide_goal_is_reached_on_any_of_its_lanes() -> None:
    seen = observation([two_lanes()], [(20.0, 0.0, 0.0, 10.0)])
    wide = replace(goal_on([0]), position=np.array([[300.0, 4.0]]), radius=np.array([5.0]))
    route = LaneRouter().route(seen, wide)
    assert route.aim[0] == Aim.GOAL
    assert lanes_of(route) == [1], "no needless lane change"


def test_the_lane_is_one_that_leads_to_the_goal() -> None:
    """Where a left turn lies on the way straight on, the ego may be on either."""
    roads = {
        ("a", "b"): [straight((-50, 0), (0, 0))],
        ("b", "c"): [straight((0, 0), (30, 0))],
        ("b", "d"): [circular((0, 30), 30.0, -np.pi / 2, 0.0)],
        ("d", "e"): [straight((30, 30), (30, 90))],
    }
    seen = observation([road_map("fork", roads)], [(2.0, 0.0, 0.0, 8.0)])
    assert lanes_of(LaneRouter().route(seen, no_goal(1))) == [1]
    goal = replace(goal_on([3]), position=np.array([[30.0, 80.0]]))
    assert lanes_of(LaneRouter().route(seen, goal)) == [2, 3]


def test_loops_go_round() -> None:
    arcs = {(str(k), str((k + 1) % 4)): [quarter(k)] for k in range(4)}
    seen = observation([road_map("ring", arcs)], [(20.0, 0.0, np.pi / 2, 5.0)])
    route = LaneRouter().route(seen, no_goal(1))
    assert lanes_of(route)[:6] == [0, 1, 2, 3, 0, 1]
    assert route.valid.all(), "it never ends"
    np.testing.assert_allclose(np.hypot(*route.line[0, :, :2].T), 20.0, atol=0.05)


def quarter(k: int) -> LaneSpec:
    return circular((0.0, 0.0), 20.0, k * np.pi / 2, (k + 1) * np.pi / 2)


def exits(route: Route) -> dict[int, tuple[float, int, bool]]:
    """Of each lane's nearest stretch: by when to leave it, for which lane, and whether it goes."""
    found = take_rows(route.corridor, np.array([0]))
    columns = (found.lane, found.leave_by, found.leave_for, found.through)
    rows = list(zip(*(column[0][found.valid[0]].tolist() for column in columns), strict=True))
    return {lane: (by, towards, through) for lane, by, towards, through in reversed(rows)}


def test_reference_line_is_evenly_spaced_and_changes_lane() -> None:
    seen = observation([two_lanes()], [(100.0, 0.0, 0.0, 10.0)])
    route = LaneRouter().route(seen, goal_on([0]))
    assert lanes_of(route) == [1, 0]
    line = route.line[0][route.valid[0]]
    steps = np.hypot(*np.diff(line[:, :2], axis=0).T)
    assert np.allclose(steps, 2.0, atol=1e-2)
    assert line[0, 0] == pytest.approx(90.0)
    before, after = line[line[:, 0] < 100.0], line[line[:, 0] > 132.0]
    assert np.allclose(before[:, 1], 0.0, atol=1e-9)
    assert np.allclose(after[:, 1], 4.0, atol=1e-9)
    assert np.abs(np.diff(line[:, 2])).max() < 0.1, "no kink"


def test_line_follows_an_arc() -> None:
    seen = observation([bend()], [(60.0, 0.0, 0.0, 10.0)])
    route = ROUTERS["lanes"]().route(seen, no_goal(1))
    line = route.line[0][route.valid[0]]
    radius = np.hypot(line[:, 0] - 80.0, line[:, 1] - 40.0)
    on_arc = (line[:, 0] > 80.5) & (line[:, 1] < 39.5)
    assert np.allclose(radius[on_arc], 40.0, atol=0.05)
    assert line[on_arc][10, 2] == pytest.approx(
        np.arctan2(line[on_arc][10, 0] - 80.0, 40.0 - line[on_arc][10, 1]), abs=0.02
    )


def test_rows_do_not_depend_on_the_batch() -> None:
    egos = [(60.0, 0.0, 0.0, 10.0), (90.0, 3.0, 0.3, 8.0), (10.0, 0.5, 0.0, 3.0)]
    whole = LaneRouter().route(observation([bend()], egos), no_goal(3))
    for b, ego in enumerate(egos):
        alone = LaneRouter().route(observation([bend()], [ego]), no_goal(1))
        assert alone.line[0].tobytes() == whole.line[b].tobytes()
        assert lanes_of(alone) == lanes_of(whole, b)
