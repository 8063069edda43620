"""The reference line: it stays on open lanes, and bends gently where lanes change or join badly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.map import Map
from drivestack.core.types import Floats, Route
from drivestack.roads.build import circular, straight
from drivestack.roads.lanes import local_coordinates, position
from drivestack.route.lane_router import LaneRouter
from tests.route.reference import Roads, random_roads
from tests.route.test_random_roads import observed
from tests.scenes import goal_on, no_goal, observation, road_map

ROUTER = LaneRouter()


def points(route: Route) -> Floats:
    return route.line[0][route.valid[0]]


def turns(line: Floats) -> Floats:
    """Change of direction from piece to piece [rad]."""
    dx, dy = np.diff(line[:, :2], axis=0).T
    return np.diff(np.unwrap(np.arctan2(dy, dx)))


@pytest.mark.parametrize("ring", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_lines_stay_on_open_lanes(seed: int, ring: bool) -> None:
    random = np.random.default_rng([seed, ring, 7])
    roads = random_roads(random, ring)
    for lane in range(len(roads.lanes)):
        if any(other == lane for other, _, _ in roads.closed):
            continue
        route = ROUTER.route(observed(roads, lane, 1.0), no_goal(1))
        if joined_badly(roads, route):
            continue
        for x, y, _ in points(route)[1:]:
            assert on_open_lane(roads, x, y), (lane, x, y)


def joined_badly(roads: Roads, route: Route) -> bool:
    """Whether the route goes over a joint that leads to another slot."""
    lanes = [roads.lanes[n] for n in route.lanes[0][route.lane_valid[0]]]
    pairs = zip(lanes, lanes[1:], route.change[0], strict=False)
    return any(a.slot != b.slot for a, b, change in pairs if not change)


def on_open_lane(roads: Roads, x: float, y: float) -> bool:
    map = roads.map
    for number, lane in enumerate(map.lanes):
        s, lateral = local_coordinates(lane, map.points, x, y)
        if not -0.5 <= s <= lane["length"] + 0.5 or abs(lateral) > 2.0 + 0.02:
            continue
        if not any(n == number and a + 0.5 < s < b - 0.5 for n, a, b in roads.closed):
            return True
    return False


def test_a_line_ends_before_a_closed_road() -> None:
    roads = Roads(road_map("one", {("a", "b"): [straight((0, 0), (400, 0))]}), [], 1, False,
                  [(0, 200.0, 260.0)])  # fmt: skip
    seen = observation([roads.map], [(50.0, 0.0, 0.0, 9.0)], closures=roads.closures())
    line = points(ROUTER.route(seen, no_goal(1)))
    assert 196.0 <= line[-1, 0] <= 200.0


def bad_joint(aside: float, turn: float) -> Map:
    """A straight lane, and another one that begins beside its end in another direction."""
    end = (100 + 100 * np.cos(turn), aside + 100 * np.sin(turn))
    roads = {("a", "b"): [straight((0, 0), (100, 0))], ("b", "c"): [straight((100, aside), end)]}
    return road_map("joint", roads)


@pytest.mark.parametrize(("aside", "turn"), [(0.0, 0.5), (3.0, 0.0), (-1.5, 0.4), (0.0, -0.8)])
def test_bad_joints_are_bridged(aside: float, turn: float) -> None:
    seen = observation([bad_joint(aside, turn)], [(50.0, 0.0, 0.0, 8.0)])
    line = points(ROUTER.route(seen, no_goal(1)))
    assert np.abs(turns(line)).max() < max(0.16, 2.0 * abs(turn) / 7.0)
    middle = position(seen.maps[0].lanes[1], seen.maps[0].points, 60.0, 0.0)
    assert np.hypot(*(line[:, :2] - middle).T).min() < 1.01, "it arrives on the second lane"


def test_a_lane_change_goes_on_over_a_joint() -> None:
    """Short lanes of a ring road: the change is as long as on a long one."""
    arcs = [(80.0 - 4.0 * k, -np.pi / 2 + 0.2 * i, -np.pi / 2 + 0.2 * (i + 1)) for i in range(8)
            for k in range(2)]  # fmt: skip
    roads = {
        (f"n{i}", f"n{i + 1}"): [circular((0, 80), *arc) for arc in arcs[2 * i : 2 * i + 2]]
        for i in range(8)
    }
    map = road_map("arcs", roads)
    assert map.lanes["length"].max() < 20.0
    seen = observation([map], [(0.5, 0.0, 0.0, 12.0)])
    x, y = position(map.lanes[15], map.points, map.lanes[15]["length"], 0.0)
    goal = replace(goal_on([15]), position=np.array([[x, y]]))
    line = points(ROUTER.route(seen, goal))
    inward = 80.0 - np.hypot(line[:, 0], line[:, 1] - 80.0)
    assert np.diff(inward).min() > -0.01, "steadily inwards"
    moving = (inward > 0.05) & (inward < 3.95)
    assert 25.0 < 2.0 * moving.sum() < 45.0
    assert np.abs(turns(line)).max() < 0.06
