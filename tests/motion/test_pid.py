"""Tracking a plan on the kinematic bicycle: speed, path, stopping without reversing."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from drivestack.behavior.proposers.idm import Idm
from drivestack.core.map import Map
from drivestack.core.types import Plan
from drivestack.motion import CONTROLLERS, Actuation
from drivestack.roads.build import straight
from drivestack.route.lane_router import LaneRouter
from drivestack.vehicle.pursuit import pursuit_steering
from tests.scenes import bend, no_goal, observation, road_map, two_lanes

DT = 0.05


def stepped(state: np.ndarray, accel: float, steer: float) -> np.ndarray:
    x, y, yaw, v = state
    beta = math.atan(0.5 * math.tan(steer))
    return np.array(
        [
            x + v * math.cos(yaw + beta) * DT,
            y + v * math.sin(yaw + beta) * DT,
            yaw + v * math.sin(beta) / 2.5 * DT,
            v + accel * DT,
        ]
    )


def driven(
    name: str, map: Map, ego: tuple[float, ...], ticks: int, tracks: tuple = ()
) -> np.ndarray:
    """States of a closed loop with a plan every other tick."""
    controller = CONTROLLERS[name](Actuation(DT))
    memory = controller.start(1)
    state = np.array(ego, np.float64)
    states, applied = [], np.zeros(2)
    plan = None
    for tick in range(ticks):
        seen = observation([map], [state], tracks, tick=tick)
        seen = replace(seen, ego=replace(seen.ego, accel=applied[:1], steer=applied[1:]))
        if tick % 2 == 0:
            route = LaneRouter().route(seen, no_goal(1))
            chunk = Idm().propose(seen, route, no_goal(1))
            none = np.zeros(1, np.int32)
            plan = Plan(chunk.states[:, 0].copy(), chunk.controls[:, 0].copy(), none, none.copy(),
                        np.array([tick], np.int32), chunk.dt.copy())  # fmt: skip
        assert plan is not None
        tracking, memory = controller.track(seen, plan, np.zeros((1, 0, 2)), memory)
        applied = tracking.control[0].copy()
        state = stepped(state, *applied)
        states.append(state)
    return np.array(states)


@pytest.mark.parametrize("name", CONTROLLERS)
def test_follows_a_bend(name: str) -> None:
    states = driven(name, bend(), (40, 0, 0, 10.0), 260)
    on_arc = (states[:, 0] > 85) & (states[:, 1] < 35)
    radius = np.hypot(states[on_arc, 0] - 80.0, states[on_arc, 1] - 40.0)
    assert np.abs(radius - 40.0).max() < 0.5
    assert states[-1, 1] > 45.0, "it came round"
    assert abs(states[-1, 0] - 120.0) < 0.5


@pytest.mark.parametrize("name", CONTROLLERS)
def test_stops_and_never_reverses(name: str) -> None:
    standing = np.array([[110.0, 0.0, 0.0, 0.0]])
    road = road_map("one-lane", {("a", "b"): [straight((0, 0), (600, 0))]})
    states = driven(name, road, (50, 0, 0, 12.0), 500, (standing,))
    assert states[:, 3].min() > -1e-12
    assert states[-1, 3] < 0.05
    assert 110.0 - states[-1, 0] - 5.0 > 1.0


@pytest.mark.parametrize("name", CONTROLLERS)
def test_keeps_the_planned_speed(name: str) -> None:
    states = driven(name, two_lanes(3000), (50, 0, 0, 19.0), 600)
    assert states[-1, 3] == pytest.approx(20.0, abs=0.1)
    assert np.abs(states[:, 1]).max() < 1e-6


def test_pursuit_arc_passes_through_the_aim() -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        angle, distance = rng.uniform(-0.9, 0.9), rng.uniform(4.0, 30.0)
        aim = distance * math.cos(angle), distance * math.sin(angle)
        steer = pursuit_steering(0.0, 0.0, 0.0, 5.0, *aim, math.pi / 2.01)
        beta = math.atan(0.5 * math.tan(steer))
        curvature = math.sin(beta) / 2.5
        x = y = 0.0
        yaw, nearest = 0.0, math.inf
        for _ in range(40000):
            x, y = x + 1e-3 * math.cos(yaw + beta), y + 1e-3 * math.sin(yaw + beta)
            yaw += 1e-3 * curvature
            nearest = min(nearest, math.dist((x, y), aim))
        assert nearest < 5e-3


def test_pursuit_mirrors_exactly() -> None:
    left = pursuit_steering(1.0, 2.0, 0.3, 5.0, 9.0, 7.0, 1.0)
    right = pursuit_steering(1.0, -2.0, -0.3, 5.0, 9.0, -7.0, 1.0)
    assert left == -right
