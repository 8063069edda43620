"""The plan in force, gone on with: what keeps a planner that has several answers at one of them.

Its remaining states are followed from where the ego is now, by the kinematic bicycle, so that the
chunk can be driven whatever has become of the plan. Past its end it goes on beside the route, and
its acceleration fades: a plan that is kept for long becomes a chunk that asks for nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.lines import project, rows_in_use
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Row, Table
from drivestack.core.types import Candidates, Observation, Plan, PlanSource, Route

from .knots import route_bend, steering_for
from .origin import Origin
from .rollout import aimed_at, carried_on, moved, steered


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a plan is gone on with.

    Attributes:
        oldest: a plan that was made longer ago says nothing [s]; our choice: after as long without
        a new one the safety layer stops the car.
        look_time, look_least: pursuit distance along its states [s] and [m]; as in `idm`, and so
        short that a swerve is not cut.
        catch_up: time constant [s] with which a speed that is not the planned one is corrected; our
        choice: at once, as within a step, is a jerk for each error of a tracker.
        fade: how fast acceleration ends beyond the plan's end [m/s3]; as `wide.WITH_EASE`: at once
        is a jerk in every plan that is gone on with.
        least_accel, most_accel: [m/s2]; the bounds of `safety.envelope`.
        max_steer: highway-env's pi/3. steer_rate: [rad/s], see `safety.envelope`.
        window: of the route's curvature [m], as in `knots.Drawing`. dt: of a chunk's step [s].
    """

    oldest: float = 1.0
    look_time: float = 0.5
    look_least: float = 2.0
    catch_up: float = 0.5
    fade: float = 2.5
    least_accel: float = -8.0
    most_accel: float = 4.0
    max_steer: float = math.pi / 3.0
    steer_rate: float = 1.0
    window: float = 3.0
    dt: float = 0.1

    def first(
        self, observation: Observation, route: Route, plan: Plan, others: Candidates
    ) -> Candidates:
        """The candidates with the plan in force, gone on with, as number 0.

        It is not valid where there is none, or one that was no candidate itself.
        """
        own = self.alone(observation, route, plan, others.states.shape[2])
        return Candidates(
            states=np.concatenate([own.states, others.states], axis=1),
            controls=np.concatenate([own.controls, others.controls], axis=1),
            source=np.concatenate([own.source, others.source], axis=1),
            valid=np.concatenate([own.valid, others.valid], axis=1),
            dt=others.dt,
        )

    def alone(self, observation: Observation, route: Route, plan: Plan, steps: int) -> Candidates:
        """The plan in force, gone on with for so many steps: K = 1."""
        batch = len(observation.tick)
        states, controls = np.zeros((batch, 1, steps, 4)), np.zeros((batch, 1, steps, 2))
        valid = np.zeros((batch, 1), np.bool_)
        told = np.isin(plan.source, (PlanSource.CANDIDATE, PlanSource.HELD))
        age = (observation.tick - plan.tick) * observation.dt
        told &= (age >= 0.0) & (age <= self.oldest)
        if plan.states.shape[1] == steps:
            ego = observation.ego
            _follow_all(
                plan.states, told, age, ego.state, ego.steer, ego.size, route.line, route.valid,
                route.spacing, parameter_table(self), states, controls, valid,
            )  # fmt: skip
        source = np.full((batch, 1), Origin.KEPT, np.int32)
        return Candidates(states, controls, source, valid, np.full(batch, self.dt))


@kernel
def _prolong(
    states: NDArray, line: NDArray, n: int, spacing: float, length: float, driver: Row,
    way: NDArray,
) -> None:  # fmt: skip
    """The states (T, 4) of a plan and what follows, along the route, written."""
    steps = states.shape[0]
    way[:steps] = states
    end = states[steps - 1]
    x, y, yaw, v = end[0], end[1], end[2], end[3]
    s, accel = 0.0, (v - states[steps - 2, 3]) / driver.dt
    if n >= 2:
        s, _ = project(line, 0, n - 1, spacing, x, y)
    for t in range(steps, way.shape[0]):
        bend = route_bend(line, n, spacing, s, driver.window)
        steer = steering_for(bend, length, driver.max_steer)
        less = min(abs(accel), driver.fade * driver.dt)
        accel = max(accel - math.copysign(less, accel), -v / driver.dt)
        x, y, yaw, v = moved(x, y, yaw, v, accel, steer, length, driver.dt)
        way[t, 0], way[t, 1], way[t, 2], way[t, 3] = x, y, yaw, v
        if n >= 2:
            s = carried_on(line, n, spacing, s, v * driver.dt, x, y)


@kernel
def _speed_at(way: NDArray, row: float) -> float:
    """Speed [m/s] of states (T, 4) at a row and a part; the last one's beyond."""
    last = way.shape[0] - 1
    i = min(int(row), last)
    part = min(row, float(last)) - i
    return (1.0 - part) * way[i, 3] + part * way[min(i + 1, last), 3]


@kernel
def _follow(
    way: NDArray, age: float, ego: NDArray, steer: float, length: float, driver: Row,
    states: NDArray, controls: NDArray,
) -> None:  # fmt: skip
    """One chunk along the states of a plan, prolonged; row i holds at (i + 1) dt of it."""
    x, y, yaw, v = ego[0], ego[1], ego[2], max(ego[3], 0.0)
    n, dt = way.shape[0], driver.dt
    for t in range(states.shape[0]):
        now = age / dt + t  # steps since the plan was made; row now - 1 is where it is then
        look = max(driver.look_time * v, driver.look_least)
        aim_x, aim_y = aimed_at(way, n, max(now - 1.0, 0.0), 1.0, x, y, look, n)
        steer = steered(driver, x, y, yaw, steer, length, aim_x, aim_y)
        wanted = _speed_at(way, now)
        planned = _speed_at(way, now - 1.0) if now >= 1.0 else v
        accel = (wanted - planned) / dt + (planned - v) / driver.catch_up
        accel = max(min(max(accel, driver.least_accel), driver.most_accel), -v / dt)
        x, y, yaw, v = moved(x, y, yaw, v, accel, steer, length, dt)
        states[t, 0], states[t, 1], states[t, 2], states[t, 3] = x, y, yaw, v
        controls[t, 0], controls[t, 1] = accel, steer


@kernel
def _follow_all(
    ways: NDArray, told: NDArray, age: NDArray, ego: NDArray, steer: NDArray, size: NDArray,
    lines: NDArray, on_line: NDArray, spacing: NDArray, drivers: Table, states: NDArray,
    controls: NDArray, valid: NDArray,
) -> None:  # fmt: skip
    """Every scenario by itself."""
    driver = drivers[0]
    way = np.zeros((ways.shape[1] + 2 * int(driver.oldest / driver.dt), 4))
    for b in range(states.shape[0]):
        if told[b]:
            n = rows_in_use(on_line[b])
            _prolong(ways[b], lines[b], n, spacing[b], size[b, 0], driver, way)
            _follow(
                way, age[b], ego[b], steer[b], size[b, 0], driver, states[b, 0],
                controls[b, 0],
            )  # fmt: skip
            valid[b, 0] = True
