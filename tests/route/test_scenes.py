"""Routes through every scene of highway-env, and their mirror images."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.map import Map
from drivestack.core.start import Start
from drivestack.core.types import Aim, Floats, Goal, Observation, Route
from drivestack.roads.lanes import position
from drivestack.roads.mirror import mirrored, to_iso
from drivestack.route.lane_router import LaneRouter
from drivestack.scenario.sources.highway_env import load
from drivestack.scenario.sources.highway_env_scenes import SCENES
from drivestack.sim.goals import goals_of
from tests.scenes import goal_on, no_goal, observation

ROUTER = LaneRouter()

LOOPS = {"racetrack-v1", "racetrack-oval-v1", "racetrack-large-v1"}

LOOSE = {"exit-v1", "roundabout-v1", "roundabout-generic-v1"}
"""highway-env's lanes leave gaps there, which lines have to bridge."""


def seen_by(map: Map, start: Start) -> Observation:
    """The ego as it starts, in the map's ISO frame."""
    ego = start.bodies[int(start.slot["ego"][0])]
    turn = -1.0 if start.map.y_right else 1.0
    pose = (ego["x"], turn * ego["y"], turn * ego["heading"], ego["speed"])
    return observation([map], [pose])


def begun(name: str, seed: int = 0) -> tuple[Map, Observation, Goal]:
    start = load(name, seed)
    map = to_iso(start.map)
    return map, seen_by(map, start), goals_of([start], [map], len(start.log))


def points(route: Route, b: int = 0) -> Floats:
    return route.line[b][route.valid[b]]


def lanes_of(map: Map, route: Route) -> list[tuple[str, str, int]]:
    return [map.lane_name(int(lane)) for lane in route.lanes[0][route.lane_valid[0]]]


@pytest.mark.parametrize("name", SCENES)
def test_every_goal_is_within_reach(name: str) -> None:
    for seed in range(3):
        _, seen, goal = begun(name, seed)
        route = ROUTER.route(seen, goal)
        if not goal.valid[0]:
            assert route.aim[0] == Aim.NO_GOAL
            continue
        assert route.aim[0] == Aim.GOAL
        line = points(route)
        assert np.hypot(*(line[:, :2] - goal.position[0]).T).min() < goal.radius[0]


@pytest.mark.parametrize("name", SCENES)
def test_lines_turn_no_sharper_than_a_car_can(name: str) -> None:
    _, seen, goal = begun(name)
    line = points(ROUTER.route(seen, goal))
    turn = np.abs(np.remainder(np.diff(line[:, 2]) + np.pi, 2.0 * np.pi) - np.pi)
    pieces = np.hypot(*np.diff(line[:, :2], axis=0).T)
    assert (turn / pieces).max() < 1.0 / 5.0, "sharper than a radius of 5 m"


@pytest.mark.parametrize("name", [name for name in SCENES if name not in LOOSE])
def test_lines_stay_on_lanes(name: str) -> None:
    map, seen, goal = begun(name)
    line = points(ROUTER.route(seen, goal))
    half = map.lanes["width"].max() / 2.0
    centres = np.vstack(
        [
            [position(lane, map.points, s, 0.0) for s in np.arange(0.0, lane["length"] + 50.0)]
            for lane in map.lanes
        ]
    )
    for x, y, _ in line:
        assert np.hypot(centres[:, 0] - x, centres[:, 1] - y).min() <= half + 0.1


def test_the_exit_is_reached_through_lanes_that_are_left_in_time() -> None:
    map, seen, goal = begun("exit-v1")
    route = ROUTER.route(seen, goal)
    names = lanes_of(map, route)
    assert names[0] == ("0", "1", 0)
    assert names[-2:] == [("1", "2", 6), ("2", "exit", 0)]
    assert route.change[0].sum() == 6
    found = route.corridor
    by = {
        map.lane_name(int(found.lane[0, w])): float(found.leave_by[0, w])
        for w in np.flatnonzero(found.valid[0] & ~found.through[0])
    }
    # one after the other, each with 20 m, the last one complete where the exit begins
    expected = {("1", "2", k): 20.0 * k for k in range(1, 6)}
    assert by == pytest.approx({("0", "1", 0): 400.0, **expected})
    line = points(route)
    assert (np.diff(line[:, 0]) > 0.0).all(), "it never goes back"


@pytest.mark.parametrize("name", sorted(LOOPS))
def test_racetracks_go_round(name: str) -> None:
    map, seen, goal = begun(name)
    route = ROUTER.route(seen, goal)
    assert route.valid.all(), "a loop has no end"
    assert not route.change.any()
    names = lanes_of(map, route)
    assert names[0] in names[1:], "a lap is shorter than the line"


def test_a_goal_behind_is_reached_round_the_loop() -> None:
    map, seen, _ = begun("racetrack-v1")
    here = int(ROUTER.route(seen, no_goal(1)).lanes[0, 0])
    x, y = position(map.lanes[here], map.points, 0.0, 0.0)
    behind = replace(goal_on([here]), position=np.array([[x, y]]))
    ego = position(map.lanes[here], map.points, 0.9 * map.lanes[here]["length"], 0.0)
    route = ROUTER.route(observation([map], [(*ego, seen.ego.state[0, 2], 5.0)]), behind)
    assert route.aim[0] == Aim.GOAL
    assert route.lanes[0][route.lane_valid[0]].tolist().count(here) >= 2


def test_turning_back_takes_the_u_turn() -> None:
    map, seen, goal = begun("u-turn-v1")
    names = lanes_of(map, ROUTER.route(seen, goal))
    assert [name[:2] for name in names] == [("a", "b"), ("b", "c"), ("c", "d")]


@pytest.mark.parametrize("name", SCENES)
def test_mirrored_maps_give_mirrored_routes(name: str) -> None:
    map, seen, goal = begun(name)
    image = mirrored(map)
    state = seen.ego.state * [1.0, -1.0, -1.0, 1.0]
    there = replace(seen, maps=(image,), ego=replace(seen.ego, state=state))
    aim = replace(goal, position=goal.position * [1.0, -1.0])
    route, other = ROUTER.route(seen, goal), ROUTER.route(there, aim)
    for field in ("lanes", "lane_valid", "change", "valid", "speed_limit", "aim"):
        np.testing.assert_array_equal(getattr(other, field), getattr(route, field))
    for field in ("lane", "valid", "start", "leave_by", "leave_for", "through"):
        a, b = getattr(other.corridor, field), getattr(route.corridor, field)
        np.testing.assert_array_equal(a, b)
    np.testing.assert_allclose(other.line[..., :2], route.line[..., :2] * [1.0, -1.0], atol=1e-9)
    turn = other.line[..., 2] + route.line[..., 2]
    assert np.abs(np.remainder(turn + math.pi, 2.0 * math.pi) - math.pi).max() < 1e-9
