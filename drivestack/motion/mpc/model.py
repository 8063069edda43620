"""The kinematic bicycle about its centre and its Jacobian, in the frame of the car that starts."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel


@kernel
def slip(steer: float) -> tuple[float, float]:
    """Slip angle at the centre [rad] and its derivative by the steering angle [1]."""
    half_tan = 0.5 * math.tan(steer)
    return math.atan(half_tan), (0.5 + 2.0 * half_tan * half_tan) / (1.0 + half_tan * half_tan)


@kernel
def advance(
    speed: float, steer: float, accel: float, length: float, period: float, holds: int
) -> tuple[NDArray, NDArray]:
    """Where a car at the origin with yaw 0 is after `holds` periods of explicit Euler.

    This is `vehicle.bicycle.step_kinematic` with the floor at speed 0, so the plant's own error of
    integration is part of the prediction.

    Args:
        speed: [m/s]. steer: [rad]. accel: [m/s2]. length: twice the distance of an axle from the
            centre [m]. period: [s].

    Returns:
        (4,) x, y, yaw, speed and its (4, 4) Jacobian by yaw, speed, steer, accel at the start.
    """
    state, jacobian = np.zeros(4), np.zeros((4, 4))
    state[3] = speed
    jacobian[2, 0] = jacobian[3, 1] = 1.0
    beta, beta_slope = slip(steer)
    curvature = math.sin(beta) / (length / 2.0)
    curvature_slope = math.cos(beta) * beta_slope / (length / 2.0)
    for _ in range(holds):
        v = state[3]
        c, s = math.cos(state[2] + beta), math.sin(state[2] + beta)
        state[0] += v * c * period
        state[1] += v * s * period
        state[2] += v * curvature * period
        state[3] = max(v + accel * period, 0.0)
        for i in range(4):
            heading = jacobian[2, i] + (beta_slope if i == 2 else 0.0)
            rate = jacobian[3, i]
            jacobian[0, i] += period * (c * rate - v * s * heading)
            jacobian[1, i] += period * (s * rate + v * c * heading)
            jacobian[2, i] += period * curvature * rate
        jacobian[2, 2] += period * v * curvature_slope
        jacobian[3, 3] += period
    return state, jacobian
