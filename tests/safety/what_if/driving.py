"""A car on a straight road that follows its plan unless the check says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from drivestack.core.geometry import boxes_overlap
from drivestack.core.map import Map
from drivestack.core.types import Floats, Observation, Plan, PlanSource
from drivestack.safety.what_if.check import WhatIf
from drivestack.vehicle.bicycle import euler_step
from tests.safety.alone import alone
from tests.scenes import observation, two_lanes

DT = 0.05

Mover = Callable[[float], Sequence[float]]
"""State ``x, y, yaw, v`` of another one after so many seconds."""


def at_speed(x: float, y: float, v: float, yaw: float = 0.0, brake: float = 0.0) -> Mover:
    """Straight on, from the start on braking [m/s2]."""

    def state(time: float) -> Sequence[float]:
        braking = min(time, v / brake) if brake > 0.0 else 0.0
        gone = v * (braking if brake > 0.0 else time) - 0.5 * brake * braking**2
        now = v - brake * braking
        return x + gone * np.cos(yaw), y + gone * np.sin(yaw), yaw, now

    return state


def straight_plan(seen: Observation, speed: float | None = None, aside: float = 0.0) -> Plan:
    """4 s along x at the present or another speed, `aside` metres to the left after 2 s."""
    x, y, _, v = seen.ego.state[0]
    v = v if speed is None else speed
    t = 0.1 * np.arange(1, 41)
    states = np.zeros((1, 40, 4))
    states[0, :, 0], states[0, :, 3] = x + v * t, v
    states[0, :, 1] = y + aside * np.minimum(t / 2.0, 1.0)
    return Plan(
        states=states,
        controls=np.zeros((1, 40, 2)),
        chosen=np.zeros(1, np.int32),
        source=np.full(1, PlanSource.CANDIDATE, np.int32),
        tick=seen.tick.copy(),
        dt=np.full(1, 0.1),
    )


@dataclass
class Drive:
    """What came of it: did they touch, how close did they come [m], when did it act [s]."""

    touched: bool
    gap: float
    acted: list[float]
    states: Floats


def drive(
    ego: Sequence[float],
    others: Sequence[Mover],
    seconds: float = 6.0,
    aside: float = 0.0,
    check: WhatIf | None = None,
    map: Map | None = None,
) -> Drive:
    """Drive a car of 5 x 2 m that wants to keep its speed, or to move aside, from lane 1 of two."""
    own = check or WhatIf(DT)
    memory, state, steer = own.start(1), np.array(ego, np.float64), 0.0
    found = Drive(False, np.inf, [], np.zeros((0, 4)))
    wish, passed, road = state[3], [], map or two_lanes(2000.0)
    for tick in range(int(seconds / DT)):
        now = np.array([mover(tick * DT) for mover in others]).reshape(-1, 4)
        seen = observation([road], [state], [now], tick, steer)
        plan = straight_plan(seen, wish, aside - state[1] if aside else 0.0)
        command = np.array([[np.clip((wish - state[3]) / 0.5, -3.0, 2.0), 0.0]])
        if aside:
            command[0, 1] = np.clip(0.02 * (aside - state[1]) - 0.5 * state[2], -0.05, 0.05)
        verdict, memory = alone(own, seen, plan, command, memory)
        if verdict.failed[0, 0]:
            found.acted.append(tick * DT)
        control = np.clip(command, verdict.low[:, 0], verdict.high[:, 0])[0]
        steer = float(control[1])
        state = np.array(euler_step(*state, control[0], steer, 5.0, DT))
        passed.append(state)
        for mover in others:
            other = mover((tick + 1) * DT)
            found.touched |= bool(boxes_overlap(*state[:3], 5.0, 2.0, *other[:3], 5.0, 2.0))
            found.gap = min(found.gap, float(np.hypot(*(np.array(other[:2]) - state[:2]))))
    return replace(found, states=np.array(passed))
