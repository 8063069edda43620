"""From solved problems to commands, and to the states that they lead to."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.tables import Row, Table
from drivestack.motion.actuation import ahead_of_lag


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
