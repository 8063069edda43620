"""One candidate: what the recorded driver of the ego did from now on, as a car can drive it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.rollout import aimed_at, logged_at, moved, steered
from drivestack.core.compiled import kernel
from drivestack.core.lines import rows_in_use
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Row, Table
from drivestack.core.types import Candidates, Goal, Observation, Route


@dataclass(frozen=True, slots=True)
class Replay:
    """Rolls the kinematic bicycle out along the log, from where the ego is.

    Recorded positions are noisy and no car can drive them exactly, so the chunk heads for where the
    log is a little later, in time and in space; it goes on straight past the log's last state.

    Attributes:
        catch_up: the speed is the one that leads to where the log is so much later [s]; our choice:
        shorter follows the noise, longer lags behind while the log accelerates.
        look_time, look_least: pursuit distance along the log [s] and [m]; our choice, likewise.
        least_accel, most_accel: [m/s2]; the bounds of `safety.envelope`.
        max_steer: highway-env's pi/3. steer_rate: [rad/s], see `safety.envelope`.
        steps, dt: T and its step [s].
    """

    catch_up: float = 0.3
    look_time: float = 0.3
    look_least: float = 2.0
    least_accel: float = -8.0
    most_accel: float = 4.0
    max_steer: float = math.pi / 3.0
    steer_rate: float = 1.0
    steps: int = 40
    dt: float = 0.1

    def propose(self, observation: Observation, route: Route, goal: Goal) -> Candidates:
        """One chunk a scenario, K = 1; invalid where no log is left."""
        batch = len(observation.tick)
        states = np.zeros((batch, 1, self.steps, 4))
        controls = np.zeros((batch, 1, self.steps, 2))
        valid = np.zeros((batch, 1), np.bool_)
        ego = observation.ego
        _propose(
            goal.log,
            goal.log_valid,
            observation.tick,
            observation.dt,
            ego.state,
            ego.steer,
            ego.size,
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
def _chunk(
    log: NDArray,
    n: int,
    tick: int,
    period: float,
    ego: NDArray,
    steer: float,
    size: NDArray,
    driver: Row,
    states: NDArray,
    controls: NDArray,
) -> None:
    """Roll one chunk out: the speed by where the log soon is, pure pursuit for the steering."""
    x, y, yaw, v = ego[0], ego[1], ego[2], max(ego[3], 0.0)
    dt = driver.dt
    step = dt / period
    for t in range(states.shape[0]):
        place = tick + t * step
        look = max(driver.look_time * v, driver.look_least)
        aim_x, aim_y = aimed_at(log, n, place, step, x, y, look, states.shape[0])
        steer = steered(driver, x, y, yaw, steer, size[0], aim_x, aim_y)
        # This step's way is settled by v: the acceleration decides about the next ones.
        beta = math.atan(0.5 * math.tan(steer))
        c, s = math.cos(yaw + beta), math.sin(yaw + beta)
        soon_x, soon_y, _ = logged_at(log, n, place + step + driver.catch_up / period)
        left = (soon_x - x - v * c * dt) * c + (soon_y - y - v * s * dt) * s
        accel = (left / driver.catch_up - v) / dt
        accel = max(min(max(accel, driver.least_accel), driver.most_accel), -v / dt)
        x, y, yaw, v = moved(x, y, yaw, v, accel, steer, size[0], dt)
        states[t, 0], states[t, 1], states[t, 2], states[t, 3] = x, y, yaw, v
        controls[t, 0], controls[t, 1] = accel, steer


@kernel
def _propose(
    log: NDArray,
    logged: NDArray,
    tick: NDArray,
    period: NDArray,
    ego: NDArray,
    steer: NDArray,
    size: NDArray,
    drivers: Table,
    states: NDArray,
    controls: NDArray,
    valid: NDArray,
) -> None:
    """Every scenario by itself, so that a row's bits do not depend on the batch."""
    for b in range(states.shape[0]):
        n = rows_in_use(logged[b])
        if n < 2 or tick[b] >= n - 1:
            continue
        _chunk(
            log[b],
            n,
            tick[b],
            period[b],
            ego[b],
            steer[b],
            size[b],
            drivers[0],
            states[b, 0],
            controls[b, 0],
        )
        valid[b, 0] = True
