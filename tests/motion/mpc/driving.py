"""References with known answers, both plants, and the loop that tracks one on the other."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from drivestack.core.protocols import Controller
from drivestack.core.types import Floats, Observation, Plan
from drivestack.motion.actuation import Actuation
from drivestack.motion.mpc import Mpc
from drivestack.vehicle.bicycle import step_kinematic
from drivestack.vehicle.lagged import step_lagged
from drivestack.vehicle.parameters import Actuators, highway_env_slot, new_body, set_actuators
from tests.scenes import observation, two_lanes

DT = 0.05
"""Tick and control period [s]."""

LENGTH = 5.0
ROAD = two_lanes()


def arc() -> Floats:
    """Into a left circle of 40 m radius at 10 m/s, wheels turned at 0.25 rad/s; 8 s."""
    steer = math.atan(2.0 * math.tan(math.asin(LENGTH / 2.0 / 40.0)))
    controls = np.zeros((80, 2))
    controls[:, 1] = np.clip(0.025 * (np.arange(80) - 9), 0.0, steer)
    return controls


def lane_change() -> Floats:
    """4 m to the left within 4 s at 15 m/s, by two half waves of steering; 8 s."""
    controls = np.zeros((80, 2))
    controls[10:50, 1] = 0.0355 * np.sin(2.0 * np.pi * (np.arange(40) + 0.5) / 40.0)
    return controls


def stop() -> Floats:
    """From 12 m/s to standstill at 3 m/s2, built up and released in half a second; 8 s."""
    controls = np.zeros((80, 2))
    controls[10:15, 0] = -3.0 * (np.arange(5) + 1) / 5.0
    controls[15:48, 0] = -3.0
    controls[48:53, 0] = -(12.0 - 0.9 - 9.9) / 0.5  # what is left, evenly
    return controls


def emergency() -> Floats:
    """From 20 m/s to standstill at 7 m/s2, at once; 6 s."""
    controls = np.zeros((60, 2))
    controls[10:38, 0] = -7.0
    controls[38, 0] = -4.0
    return controls


REFERENCES = {
    "straight": (15.0, np.zeros((80, 2))),
    "arc": (10.0, arc()),
    "lane change": (15.0, lane_change()),
    "stop": (12.0, stop()),
    "emergency": (20.0, emergency()),
}
"""Speed at the start [m/s] and controls (T, 2) at 0.1 s."""

LAGGED = Actuators(delay=3)
"""nuPlan's lags, 0.15 s of transport delay."""


def rolled(controls: Floats, speed: float) -> Plan:
    """The plan (B = 1) of controls at 0.1 s, by the plant's own steps, from (30, 0, 0, speed)."""
    x, y, yaw, v = 30.0, 0.0, 0.0, speed
    states = np.empty((1, len(controls), 4))
    for t, (accel, steer) in enumerate(controls):
        beta = math.atan(0.5 * math.tan(steer))
        for _ in range(2):
            x, y = x + v * math.cos(yaw + beta) * DT, y + v * math.sin(yaw + beta) * DT
            yaw, v = yaw + v * math.sin(beta) / (LENGTH / 2.0) * DT, max(v + accel * DT, 0.0)
        states[0, t] = x, y, yaw, v
    none = np.zeros(1, np.int32)
    return Plan(states, controls[None].copy(), none, none.copy(), none.copy(), np.full(1, 0.1))


@dataclass(frozen=True, slots=True)
class Plant:
    """One car; `lagged` behind its actuators."""

    lagged: bool
    body: NDArray
    slot: NDArray

    def step(self, control: Floats, tick: int) -> None:
        self.slot["tick"] = tick
        self.body["accel"], self.body["steer"] = control
        (step_lagged if self.lagged else step_kinematic)(self.body[0], self.slot[0])


def new_plant(lagged: bool, speed: float, offset: float = 0.0) -> Plant:
    """A car at (30, offset) that drives along x."""
    body, slot = new_body(), highway_env_slot()
    slot["dt"], slot["clamped"] = DT, True
    set_actuators(slot, LAGGED)
    body["x"], body["y"], body["speed"] = 30.0, offset, speed
    return Plant(lagged, body, slot)


def seen(plant: Plant, tick: int) -> Observation:
    body = plant.body[0]
    state = [body["x"], body["y"], body["heading"], body["speed"]]
    found = observation([ROAD], [state], tick=tick)
    ego = replace(found.ego, accel=np.array([body["accel"]]), steer=np.array([body["steer"]]))
    return replace(found, ego=ego)


def actuation(lagged: bool) -> Actuation:
    return Actuation.behind(LAGGED if lagged else None, DT, DT)


def mpc_for(lagged: bool) -> Mpc:
    return Mpc(actuation(lagged))


class Known(Controller, Protocol):
    """A controller that says what it knows of the actuators."""

    @property
    def actuation(self) -> Actuation: ...


@dataclass(frozen=True, slots=True)
class Drive:
    """What a loop left: states (ticks, 4), controls (ticks, 2), status, residual (ticks,)."""

    states: Floats
    controls: Floats
    status: NDArray
    residual: Floats


def driven(controller: Known, plan: Plan, plant: Plant) -> Drive:
    """The closed loop until the plan ends, which is never made anew."""
    ticks = 2 * plan.states.shape[1]
    states, controls = np.empty((ticks, 4)), np.empty((ticks, 2))
    status, residual = np.empty(ticks, np.int32), np.empty(ticks)
    memory = controller.start(1)
    under_way = np.zeros((1, controller.actuation.delay, 2))
    for tick in range(ticks):
        tracking, memory = controller.track(seen(plant, tick), plan, under_way, memory)
        under_way = np.concatenate([under_way, tracking.control[:, None]], axis=1)[:, 1:].copy()
        controls[tick] = tracking.control[0]
        status[tick], residual[tick] = tracking.status[0], tracking.residual[0]
        plant.step(controls[tick], tick)
        body = plant.body[0]
        states[tick] = body["x"], body["y"], body["heading"], body["speed"]
    return Drive(states, controls, status, residual)


def errors(drive: Drive, plan: Plan) -> Floats:
    """(T, 3) along, across [m] and speed [m/s] off the plan at its own times."""
    wanted, found = plan.states[0], drive.states[1::2]
    dx, dy = found[:, 0] - wanted[:, 0], found[:, 1] - wanted[:, 1]
    c, s = np.cos(wanted[:, 2]), np.sin(wanted[:, 2])
    return np.stack([c * dx + s * dy, c * dy - s * dx, found[:, 3] - wanted[:, 3]], axis=1)


def mirrored(plan: Plan) -> Plan:
    """Left and right exchanged."""
    return replace(
        plan, states=plan.states * [1.0, -1.0, -1.0, 1.0], controls=plan.controls * [1.0, -1.0]
    )
