"""From solved problems to commands, and to the states that they lead to."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.tables import Row, Table
from drivestack.core.types import Status
from drivestack.motion.actuation import ahead_of_lag

_SOLVED, _FALLBACK = int(Status.SOLVED), int(Status.FALLBACK)


@kernel
def commanded(car: NDArray, accel: float, steer: float, own: Row, most: Row) -> NDArray:
    """(2,) the command that brings the actuators to an acceleration and a steering angle.

    Never more braking than stops the car within the period, so it does not reverse.

    Args:
        car: (6,) of `delayed`. accel: [m/s2]. steer: [rad].
    """
    control = np.empty(2)
    least = max(accel, -car[3] / own.period)
    control[0] = ahead_of_lag(car[4], least, own.accel_lag, own.period)
    control[1] = ahead_of_lag(car[5], steer, own.steer_lag, own.period)
    control[0] = min(max(control[0], most.least_accel), most.most_accel)
    control[1] = min(max(control[1], -most.steer), most.steer)
    return control


@kernel
def answered(
    cars: NDArray,
    present: NDArray,
    inputs: NDArray,
    gain: NDArray,
    free: NDArray,
    plan: NDArray,
    actuation: Table,
    bounds: Table,
    residual: NDArray,
    status: NDArray,
) -> tuple[NDArray, NDArray]:
    """Commands (B, 2) of solved problems, and states (B, N + 1, 4), the present one first.

    A row without a solution, or whose answer is no number, gets its plan for a prediction and no
    usable command.

    Args:
        cars: (B, 6) of `delayed`. present: (B, 4). inputs: (B, n). gain, free, plan: of `Problems`.
        residual: (B,) infinite where there is no solution; 0 is written there.
        status: (B,) `Status`, written.
    """
    batch, stages = gain.shape[0], gain.shape[1]
    control, states = np.empty((batch, 2)), np.empty((batch, stages + 1, 4))
    for b in range(batch):
        states[b, 0] = present[b]
        total = residual[b]  # NaN and infinity anywhere show in a sum
        for k in range(stages):
            error = _error(inputs[b], gain[b, k], free[b, k])
            if k == 0:
                control[b] = commanded(cars[b], error[5], error[4], actuation[0], bounds[0])
                total += control[b, 0] + control[b, 1]
            x, y, yaw, v = plan[b, k + 1]
            c, s = math.cos(yaw), math.sin(yaw)
            x, y = x + c * error[0] - s * error[1], y + s * error[0] + c * error[1]
            yaw, v = yaw + error[2], v + error[3]
            states[b, k + 1, 0], states[b, k + 1, 1] = x, y
            states[b, k + 1, 2], states[b, k + 1, 3] = yaw, v
            total += x + y + yaw + v
        status[b] = _SOLVED
        if not math.isfinite(total):
            status[b], residual[b] = _FALLBACK, 0.0
            states[b, 1:] = plan[b, 1:]
    return control, states


@kernel
def _error(inputs: NDArray, gain: NDArray, free: NDArray) -> NDArray:
    """(6,) errors after one stage."""
    error = free.copy()
    for e in range(6):
        for j in range(gain.shape[1]):
            error[e] += gain[e, j] * inputs[j]
    return error
