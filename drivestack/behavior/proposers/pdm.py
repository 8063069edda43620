"""Fifteen candidates of PDM-Closed: three paths along the route times five speeds, by IDM."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.brake import BRAKE, brake_chunk
from drivestack.behavior.leader import COLUMNS, along_line, leader
from drivestack.behavior.rollout import behind_leader, carried_on, moved, steered
from drivestack.core.compiled import kernel
from drivestack.core.lines import project, rows_in_use, sample
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Row, Table
from drivestack.core.types import Candidates, Goal, Observation, Route
from drivestack.vehicle.idm import free_acceleration


@dataclass(frozen=True, slots=True)
class Pdm15:
    """PDM-Closed's proposals (arXiv:2306.07962); candidate k is path k // 5 at speed k % 5, the
    last one is the emergency brake.

    Attributes:
        offsets: of the paths from the reference line, positive to the left [m]; PDM-Closed's.
        fractions: of the speed limit; PDM-Closed's.
        gap, headway, accel, comfort_decel, exponent: of IDM [m], [s], [m/s2]; PDM-Closed's.
        max_decel: hardest braking [m/s2]; highway-env's clip of 6.
        refreshed: the leader is looked for every so many steps; PDM-Closed's 2.
        reach: who is looked at, lateral to the route [m]; PDM-Closed's map radius.
        look_time, look_least: pursuit distance [s] and [m]; as in `idm`, in place of an LQR.
        max_steer: highway-env's pi/3. steer_rate: [rad/s], see `safety.envelope`.
        brake_*: the emergency brake, see `behavior.brake`; PDM-Closed's.
        steps, dt: T and its step [s]; PDM-Closed's.
    """

    offsets: tuple[float, ...] = (0.0, -1.0, 1.0)
    fractions: tuple[float, ...] = (0.2, 0.4, 0.6, 0.8, 1.0)
    gap: float = 1.0
    headway: float = 1.5
    accel: float = 1.5
    comfort_decel: float = 3.0
    exponent: float = 10.0
    max_decel: float = 6.0
    refreshed: int = 2
    reach: float = 50.0
    look_time: float = 0.6
    look_least: float = 4.0
    max_steer: float = math.pi / 3.0
    steer_rate: float = 1.0
    brake_gain: float = 10.0
    brake_least: float = -4.05
    brake_scale: float = 1.1
    brake_slow: float = 0.2
    brake_slow_gain: float = 4.0
    brake_slow_damping: float = 1.0
    steps: int = 40
    dt: float = 0.1

    def propose(self, observation: Observation, route: Route, goal: Goal) -> Candidates:
        """K = paths x speeds chunks and the emergency brake; invalid where there is no route."""
        batch, count = len(observation.tick), len(self.offsets) * len(self.fractions) + 1
        states = np.zeros((batch, count, self.steps, 4))
        controls = np.zeros((batch, count, self.steps, 2))
        valid = np.zeros((batch, count), np.bool_)
        source = np.zeros((batch, count), np.int32)
        source[:, -1] = BRAKE
        tracks, ego = observation.tracks, observation.ego
        _propose(
            route.line,
            route.valid,
            route.speed_limit,
            route.spacing,
            ego.state,
            ego.accel,
            ego.steer,
            ego.size,
            tracks.state[:, :, -1],
            tracks.size,
            tracks.valid[:, :, -1],
            np.array(self.offsets),
            np.array(self.fractions),
            self.refreshed,
            parameter_table(self),
            states,
            controls,
            valid,
        )
        return Candidates(
            states=states,
            controls=controls,
            source=source,
            valid=valid,
            dt=np.full(batch, self.dt),
        )


@kernel
def _acceleration(driver: Row, speed: float, target: float, gap: float, front: float) -> float:
    """IDM [m/s2] towards a target speed behind a leader at a gap [m] (infinite: none)."""
    free = free_acceleration(speed, target, driver.exponent, driver.accel)
    return behind_leader(driver, free, speed, gap, front)


@kernel
def _steering(
    line: NDArray,
    n: int,
    spacing: float,
    s: float,
    offset: float,
    x: float,
    y: float,
    yaw: float,
    v: float,
    steer: float,
    length: float,
    driver: Row,
) -> float:
    """Pure pursuit [rad] of the path at an offset, within the steering rate."""
    look = max(driver.look_time * v, driver.look_least)
    aim_x, aim_y, direction = sample(line, n, spacing, s + look)
    aim_x -= offset * math.sin(direction)
    aim_y += offset * math.cos(direction)
    return steered(driver, x, y, yaw, steer, length, aim_x, aim_y)


@kernel
def _chunk(
    line: NDArray,
    n: int,
    spacing: float,
    limit: NDArray,
    offset: float,
    fraction: float,
    ego: NDArray,
    steer: float,
    size: NDArray,
    others: NDArray,
    kept: int,
    refreshed: int,
    driver: Row,
    states: NDArray,
    controls: NDArray,
) -> None:
    """Roll one chunk out by the kinematic bicycle, explicit Euler.

    `others` are seen from the offset path: their lateral coordinate has the offset taken off.
    """
    x, y, yaw, v = ego[0], ego[1], ego[2], max(ego[3], 0.0)
    dt = driver.dt
    s, _ = project(line, 0, n - 1, spacing, x, y)
    end = math.inf  # a line that is shorter than its window ends for good
    if n < line.shape[0]:
        end = (n - 1) * spacing - size[0] / 2
    gap, front, since = math.inf, 0.0, 0.0
    for t in range(states.shape[0]):
        if t % refreshed == 0:
            # constant speed along the heading is believed for the whole horizon
            gap, front = leader(others, kept, s, t * dt, size[0] / 2, size[1] / 2, 0.0, math.inf)
            if end - s < gap:
                gap, front = end - s, 0.0
            since = s - front * t * dt
        left = gap - (s - front * t * dt - since)
        row = min(max(int(s / spacing), 0), n - 1)
        accel = max(_acceleration(driver, v, fraction * limit[row], left, front), -v / dt)
        steer = _steering(line, n, spacing, s, offset, x, y, yaw, v, steer, size[0], driver)
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
    accel: NDArray,
    steer: NDArray,
    size: NDArray,
    track: NDArray,
    track_size: NDArray,
    track_valid: NDArray,
    offsets: NDArray,
    fractions: NDArray,
    refreshed: int,
    drivers: Table,
    states: NDArray,
    controls: NDArray,
    valid: NDArray,
) -> None:
    """Every scenario by itself, so that a row's bits do not depend on the batch."""
    driver = drivers[0]
    others = np.zeros((track.shape[1], COLUMNS))
    beside = np.zeros((track.shape[1], COLUMNS))
    for b in range(line.shape[0]):
        n = rows_in_use(on_line[b])
        if n < 2:
            continue
        seen = track[b], track_size[b], track_valid[b]
        kept = along_line(line[b], n, spacing[b], *seen, driver.reach, others)
        valid[b] = True
        brake_chunk(ego[b], accel[b], driver.dt, driver, states[b, -1], controls[b, -1])
        for p in range(offsets.shape[0]):
            beside[:kept] = others[:kept]
            beside[:kept, 1] -= offsets[p]
            for q in range(fractions.shape[0]):
                k = p * fractions.shape[0] + q
                _chunk(
                    line[b],
                    n,
                    spacing[b],
                    limit[b],
                    offsets[p],
                    fractions[q],
                    ego[b],
                    steer[b],
                    size[b],
                    beside,
                    kept,
                    refreshed,
                    driver,
                    states[b, k],
                    controls[b, k],
                )
