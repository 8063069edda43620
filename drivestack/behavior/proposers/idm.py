"""One candidate: follow the route behind whoever drives ahead, by the Intelligent Driver Model."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.leader import COLUMNS, along_line, leader
from drivestack.behavior.rollout import behind_leader, carried_on, moved, steered
from drivestack.behavior.speed import comfortable_speed
from drivestack.core.compiled import kernel
from drivestack.core.lines import project, rows_in_use, sample
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Row, Table
from drivestack.core.types import Candidates, Goal, Observation, Route
from drivestack.vehicle.idm import free_acceleration


@dataclass(frozen=True, slots=True)
class Idm:
    """The lane-following proposer; the chunk is rolled out by the kinematic bicycle.

    Attributes:
        gap, headway, accel, comfort_decel: standstill gap [m], [s], [m/s2]; PDM-Closed's, the gap
        is Treiber's 2 m (2000). max_decel: hardest braking behind a leader [m/s2]; highway-env's
        clip of 6. exponent: of the free road; Treiber's 4.
        max_lateral: in curves [m/s2], below nuPlan's comfort bound of 4.89. slowing: ahead of them
        [m/s2]. foresight: how far ahead the allowed speed is looked at [s].
        margin: kept free beside the ego [m]. drift: how long a neighbour's slow lateral motion is
        believed [s]. reach: who is looked at, lateral to the route [m].
        look_time, look_least: pursuit distance [s] and [m].
        max_steer: highway-env's pi/3. steer_rate: [rad/s], see `safety.envelope`.
        steps, dt: T and its step [s].
    """

    gap: float = 2.0
    headway: float = 1.5
    accel: float = 1.5
    comfort_decel: float = 3.0
    max_decel: float = 6.0
    exponent: float = 4.0
    max_lateral: float = 3.0
    slowing: float = 1.5
    foresight: float = 1.0
    margin: float = 0.3
    drift: float = 1.5
    reach: float = 60.0
    look_time: float = 0.6
    look_least: float = 4.0
    max_steer: float = math.pi / 3.0
    steer_rate: float = 1.0
    steps: int = 40
    dt: float = 0.1

    def propose(self, observation: Observation, route: Route, goal: Goal) -> Candidates:
        """One chunk a scenario, K = 1; invalid where there is no route."""
        batch = len(observation.tick)
        states = np.zeros((batch, 1, self.steps, 4))
        controls = np.zeros((batch, 1, self.steps, 2))
        valid = np.zeros((batch, 1), np.bool_)
        tracks, ego = observation.tracks, observation.ego
        _propose(
            route.line,
            route.valid,
            route.speed_limit,
            route.spacing,
            ego.state,
            ego.steer,
            ego.size,
            tracks.state[:, :, -1],
            tracks.size,
            tracks.valid[:, :, -1],
            parameter_table(self),
            states,
            controls,
            valid,
        )
        return Candidates(
            states=states,
            controls=controls,
            source=np.zeros((batch, 1), np.int32),
            valid=valid,
            dt=np.full(batch, self.dt),
        )


@kernel
def _acceleration(
    driver: Row, speed: float, target: float, soon: float, gap: float, front_speed: float
) -> float:
    """IDM along a line [m/s2]: comfortable for the road, up to the limit for a leader.

    IDM alone would lag behind a target that falls, so it may not exceed what leads to the speed
    `soon` allowed `foresight` seconds ahead.
    """
    free = free_acceleration(speed, target, driver.exponent, driver.accel)
    accel = max(min(free, (soon - speed) / driver.foresight), -driver.comfort_decel)
    return behind_leader(driver, accel, speed, gap, front_speed)


@kernel
def _chunk(
    line: NDArray,
    n: int,
    spacing: float,
    allowed: NDArray,
    ego: NDArray,
    steer: float,
    size: NDArray,
    others: NDArray,
    kept: int,
    driver: Row,
    states: NDArray,
    controls: NDArray,
) -> None:
    """Roll one chunk out: IDM for the speed, pure pursuit for the steering, explicit Euler."""
    x, y, yaw, v = ego[0], ego[1], ego[2], max(ego[3], 0.0)
    dt = driver.dt
    s, _ = project(line, 0, n - 1, spacing, x, y)
    ends = n < line.shape[0]  # a line that is shorter than its window ends for good
    for t in range(states.shape[0]):
        gap, front = leader(
            others, kept, s, t * dt, size[0] / 2, size[1] / 2, driver.margin, driver.drift
        )
        if ends and (n - 1) * spacing - s - size[0] / 2 < gap:
            gap, front = (n - 1) * spacing - s - size[0] / 2, 0.0
        row = min(max(int(s / spacing), 0), n - 1)
        soon = min(max(int((s + v * driver.foresight) / spacing), 0), n - 1)
        accel = _acceleration(driver, v, allowed[row], allowed[soon], gap, front)
        accel = max(accel, -v / dt)
        look = max(driver.look_time * v, driver.look_least)
        aim_x, aim_y, _ = sample(line, n, spacing, s + look)
        steer = steered(driver, x, y, yaw, steer, size[0], aim_x, aim_y)
        x, y, yaw, v = moved(x, y, yaw, v, accel, steer, size[0], dt)
        s = carried_on(line, n, spacing, s, v * dt, x, y)
        states[t, 0], states[t, 1], states[t, 2], states[t, 3] = x, y, yaw, v
        controls[t, 0], controls[t, 1] = accel, steer


@kernel
def _propose(
    line: NDArray,
    on_line: NDArray,
    limit: NDArray,
    spacing: NDArray,
    ego: NDArray,
    steer: NDArray,
    size: NDArray,
    track: NDArray,
    track_size: NDArray,
    track_valid: NDArray,
    drivers: Table,
    states: NDArray,
    controls: NDArray,
    valid: NDArray,
) -> None:
    """Every scenario by itself, so that a row's bits do not depend on the batch."""
    driver = drivers[0]
    allowed = np.zeros(line.shape[1])
    others = np.zeros((track.shape[1], COLUMNS))
    for b in range(line.shape[0]):
        n = rows_in_use(on_line[b])
        if n < 2:
            continue
        comfortable_speed(
            line[b], n, spacing[b], limit[b], driver.max_lateral, driver.slowing, allowed
        )
        kept = along_line(
            line[b],
            n,
            spacing[b],
            track[b],
            track_size[b],
            track_valid[b],
            driver.reach,
            others,
        )
        _chunk(
            line[b],
            n,
            spacing[b],
            allowed,
            ego[b],
            steer[b],
            size[b],
            others,
            kept,
            driver,
            states[b, 0],
            controls[b, 0],
        )
        valid[b, 0] = True
