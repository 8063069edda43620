"""Routes: search costs, merges, the reference line, when a route is kept."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.core.map import Map
from drivestack.core.types import Route
from drivestack.roads.build import straight
from drivestack.route import ROUTERS
from drivestack.route.graph import lane_graph
from drivestack.route.lane_router import LaneRouter
from drivestack.route.off_route import Keep, stale
from drivestack.route.search import SearchCost, Step, straight_on, to_goal
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


def test_a_lane_that_runs_out_has_no_successor() -> None:
    graph = lane_graph(merge())
    assert graph.after == ((3,), (4,), (), (), ())
    assert graph.beside == ((1,), (0,), (1,), (4,), (3,))


def test_loose_joints_still_join() -> None:
    roads = {
        ("a", "b"): [straight((0, 0), (50, 0))],
        ("b", "c"): [straight((52, 3), (90, 3))],
    }
    assert lane_graph(road_map("loose", roads)).after == ((1,), ())


def test_cheapest_way_changes_lane_once() -> None:
    graph = lane_graph(merge())
    assert to_goal(graph, 2, 10.0, 4, 20.0, SearchCost()) == [
        Step(2, False),
        Step(1, True),
        Step(4, False),
    ]
    assert to_goal(graph, 3, 0.0, 0, 20.0, SearchCost()) == []


def test_several_changes_need_room_for_each() -> None:
    lanes = [straight((0, -4 * i), (400, -4 * i)) for i in range(4)]
    after = [straight((400, -4 * i), (460, -4 * i)) for i in range(4)]
    map = road_map("wide", {("a", "b"): lanes, ("b", "c"): after})
    way = to_goal(lane_graph(map), 0, 0.0, 7, 50.0, SearchCost())
    changes = [step.lane for step in way if step.change]
    assert changes == [1, 2, 3], "all on the long road"


def test_straight_on_leaves_a_lane_that_ends() -> None:
    graph = lane_graph(merge())
    way = straight_on(graph, [Step(2, False)], 300.0, 16)
    assert [step.lane for step in way] == [2, 1, 4]


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


def test_routes_are_kept_until_left_or_used_up() -> None:
    map = two_lanes(2000.0)
    route = LaneRouter().route(observation([map], [(100.0, 0.0, 0.0, 20.0)]), no_goal(1))
    keep = Keep()
    for ego, expected in (
        ((150.0, 0.5, 0.0, 20.0), False),
        ((150.0, 3.6, 0.0, 20.0), True),
        ((450.0, 0.0, 0.0, 20.0), True),
    ):
        assert stale(observation([map], [ego]), route, keep).tolist() == [expected]
    short = LaneRouter().route(observation([two_lanes(300.0)], [(250.0, 0, 0, 20)]), no_goal(1))
    assert stale(observation([map], [(280.0, 0, 0, 20)]), short, keep).tolist() == [False]
