"""Between command and wheels: where the car will be when a command acts, and what to command."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.tables import Row, Table
from drivestack.vehicle.lagged import lag, on_friction_circle

from .model import advance


@kernel
def delayed(
    state: NDArray,
    accel: NDArray,
    steer: NDArray,
    size: NDArray,
    pending: NDArray,
    actuation: Table,
    bounds: Table,
) -> NDArray:
    """The cars when the next command acts, as `vehicle.lagged` moves them until then.

    Args:
        state: (B, 4). accel, steer: (B,) applied. size: (B, 2) [m].
        pending: (B, D, 2) commands under way, oldest first.

    Returns:
        (B, 6) x, y, yaw, v, accel, steer.
    """
    own, most = actuation[0], bounds[0]
    cars = np.empty((state.shape[0], 6))
    for b in range(state.shape[0]):
        car = cars[b]
        car[:4] = state[b]
        car[4], car[5] = accel[b], steer[b]
        for d in range(pending.shape[1]):
            wanted = min(max(pending[b, d, 1], -most.steer), most.steer)
            car[4] = lag(car[4], pending[b, d, 0], own.accel_lag, most.jerk, own.period)
            car[5] = lag(car[5], wanted, own.steer_lag, most.steer_rate, own.period)
            accel_held, steer_held = on_friction_circle(
                car[4], car[5], car[3], size[b, 0], most.friction
            )
            moved, _ = advance(car[3], steer_held, accel_held, size[b, 0], own.period, 1)
            c, s = math.cos(car[2]), math.sin(car[2])
            car[0] += c * moved[0] - s * moved[1]
            car[1] += s * moved[0] + c * moved[1]
            car[2] += moved[2]
            car[3] = moved[3]
    return cars


@kernel
def _ahead_of_lag(state: float, wanted: float, time_constant: float, period: float) -> float:
    """The command after which a first-order lag is at `wanted` one period later."""
    if time_constant <= 0.0:
        return wanted
    return state - (wanted - state) / math.expm1(-period / time_constant)


@kernel
def commanded(car: NDArray, accel: float, steer: float, own: Row, most: Row) -> NDArray:
    """(2,) the command that brings the actuators to an acceleration and a steering angle.

    Never more braking than stops the car within the period, so it does not reverse.

    Args:
        car: (6,) of `delayed`. accel: [m/s2]. steer: [rad].
    """
    control = np.empty(2)
    least = max(accel, -car[3] / own.period)
    control[0] = _ahead_of_lag(car[4], least, own.accel_lag, own.period)
    control[1] = _ahead_of_lag(car[5], steer, own.steer_lag, own.period)
    control[0] = min(max(control[0], most.least_accel), most.most_accel)
    control[1] = min(max(control[1], -most.steer), most.steer)
    return control


@kernel
def answered(
    cars: NDArray,
    inputs: NDArray,
    gain: NDArray,
    free: NDArray,
    plan: NDArray,
    actuation: Table,
    bounds: Table,
) -> tuple[NDArray, NDArray]:
    """Commands (B, 2) of solved problems, and the states (B, N, 4) that they lead to.

    Args:
        cars: (B, 6) of `delayed`. inputs: (B, n). gain, free, plan: of `Problems`.
    """
    batch, stages, width = gain.shape[0], gain.shape[1], gain.shape[3]
    control, states = np.empty((batch, 2)), np.empty((batch, stages, 4))
    error = np.empty(6)
    for b in range(batch):
        for k in range(stages):
            for e in range(6):
                error[e] = free[b, k, e]
                for j in range(width):
                    error[e] += gain[b, k, e, j] * inputs[b, j]
            if k == 0:
                control[b] = commanded(cars[b], error[5], error[4], actuation[0], bounds[0])
            x, y, yaw, v = plan[b, k + 1]
            c, s = math.cos(yaw), math.sin(yaw)
            states[b, k, 0] = x + c * error[0] - s * error[1]
            states[b, k, 1] = y + s * error[0] + c * error[1]
            states[b, k, 2], states[b, k, 3] = yaw + error[2], v + error[3]
    return control, states
