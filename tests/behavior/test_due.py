"""Lane changes that a route needs: which side, how many, how urgent; lanes that nobody crosses."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.behavior.due import Due, Hurry, due_change
from drivestack.behavior.road import Body, road_of, routes_of
from drivestack.core.map import Map
from drivestack.core.parameters import parameter_table
from drivestack.roads.build import straight
from drivestack.roads.lane_tables import lanes_of
from drivestack.roads.links import links_of, steps_to
from drivestack.route.lane_router import LaneRouter
from tests.scenes import goal_on, observation, road_map, two_lanes

HURRY = parameter_table(Hurry())[0]


def exit_road(lanes: int = 4, length: float = 400.0) -> Map:
    """Lanes at y = 0, -4, ... from 0 to `length`; all go on, and the last one also to an exit."""
    ends = [(4.0 * -k) for k in range(lanes)]
    roads = {
        ("a", "b"): [straight((0, y), (length, y)) for y in ends],
        ("b", "c"): [straight((length, y), (length + 300, y)) for y in ends],
        ("b", "out"): [straight((length, ends[-1]), (length + 300, ends[-1] - 60))],
    }
    return road_map("exit", roads)


def due(map: Map, x: float, lane: int, v: float, goal: int) -> Due:
    """What is due for an ego on a lane of `exit_road`."""
    seen = observation([map], [(x, -4.0 * lane, 0, v)])
    route = LaneRouter().route(seen, goal_on([goal]))
    road = road_of(lanes_of(map), links_of(map), routes_of(route), 0)
    return due_change(road, lane, Body(seen.ego.state[0], 0.0, 0.0, seen.ego.size[0]), HURRY)


def test_on_the_lane_that_leads_to_the_goal_nothing_is_due() -> None:
    found = due(exit_road(), 100.0, 3, 20.0, goal=8)
    assert (found.side, found.here, found.missed) == (0, 0.0, False)
    assert found.right == 0.0, "there is no lane"


@pytest.mark.parametrize(("x", "urgency"), [(60.0, 0.0), (190.0, 0.9), (300.0, 1.0)])
def test_every_later_change_takes_its_share_of_the_way(x: float, urgency: float) -> None:
    """Three changes before s = 400, of which the routes's cells leave the last until there."""
    found = due(exit_road(), x, 0, 20.0, goal=8)
    assert found.side == -1
    each = (400.0 - x) / 3.0 / 20.0
    assert found.urgency == pytest.approx(min(max((6.0 - each) / 3.0, 0.0), 1.0), abs=0.12)
    assert found.urgency == pytest.approx(urgency, abs=0.2)
    assert found.here == pytest.approx(3.0 * found.urgency)
    assert found.right <= found.here


def test_leaving_the_right_lane_late_is_a_burden() -> None:
    early, late = (due(exit_road(), x, 3, 20.0, goal=8) for x in (100.0, 340.0))
    assert early.left == 0.0
    assert late.left > 0.9
    assert late.here == 0.0


def test_a_change_without_room_is_missed() -> None:
    assert not due(exit_road(), 370.0, 2, 10.0, goal=8).missed
    assert due(exit_road(), 393.0, 2, 10.0, goal=8).missed


def test_a_slow_car_has_less_of_a_hurry_but_never_all_the_time() -> None:
    assert due(exit_road(), 320.0, 2, 20.0, goal=8).urgency > due(
        exit_road(), 320.0, 2, 12.0, goal=8
    ).urgency  # fmt: skip
    assert due(exit_road(), 380.0, 2, 0.0, goal=8).urgency > 0.5


def test_off_every_lane_nothing_is_due() -> None:
    map = exit_road()
    seen = observation([map], [(100.0, 0.0, 0.0, 20.0)])
    route = LaneRouter().route(seen, goal_on([8]))
    road = road_of(lanes_of(map), links_of(map), routes_of(route), 0)
    body = Body(seen.ego.state[0], 0.0, 0.0, seen.ego.size[0])
    assert due_change(road, -1, body, HURRY) == Due(0, 0.0, False, 0.0, 0.0, 0.0)


def test_steps_between_lanes_have_a_sign() -> None:
    links = links_of(two_lanes())  # lane 0 is to the left of lane 1
    assert [steps_to(links, a, b) for a, b in ((1, 0), (0, 1), (1, 1))] == [1, -1, 0]
    links = links_of(exit_road())
    assert [steps_to(links, 0, k) for k in range(5)] == [0, -1, -2, -3, 0]


def test_nobody_cuts_to_an_exit_across_two_lanes_and_more() -> None:
    """From the lane beside the last one traffic may cut across to the exit, as on rings."""
    map = exit_road()
    links = links_of(map)
    to_exit = [
        lane
        for lane in range(4)
        if 8 in links.after[links.after_at[lane] : links.after_at[lane + 1]]
    ]
    assert to_exit == [2, 3]
    assert links.met[links.after_at[3] : links.after_at[4]].all()
    assert np.count_nonzero(~links.met[: links.after_at[4]]) == 1
