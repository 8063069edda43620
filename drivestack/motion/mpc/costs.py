"""Costs: each gives its part (H, g) of ``0.5 u H u + g u``; parts add up."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.tables import Row

SLACKS = 3
"""Last variables of a problem: excess over corridor [m], friction circle [m/s2], speed [m/s]."""


class Cost(NamedTuple):
    """Hessian (n, n), symmetric, and gradient at 0 (n,)."""

    H: NDArray
    g: NDArray


@kernel
def tracking(gain: NDArray, free: NDArray, feed: NDArray, weights: Row) -> Cost:
    """Distance of every stage from the plan's own states and controls.

    Args:
        gain, free: of `condensed`. feed: (N, 2) the plan's accel, steer.
    """
    stages, inputs = gain.shape[0], gain.shape[2]
    size = inputs + SLACKS
    hessian, gradient = np.zeros((size, size)), np.zeros(size)
    weight = (weights.along, weights.across, weights.yaw, weights.speed, weights.steer,
              weights.accel)  # fmt: skip
    for k in range(stages):
        for e in range(6):
            row, error = gain[k, e], free[k, e]
            if e == 4:
                error -= feed[k, 1]
            elif e == 5:
                error -= feed[k, 0]
            for i in range(2 * k + 2):
                factor = weight[e] * row[i]
                if factor == 0.0:
                    continue
                gradient[i] += factor * error
                target = hessian[i]
                for j in range(i + 1):
                    target[j] += factor * row[j]
    for i in range(inputs):
        for j in range(i):
            hessian[j, i] = hessian[i, j]
    return Cost(hessian, gradient)


@kernel
def effort(stages: int, weights: Row) -> Cost:
    """Steering rate and jerk as parts of their bounds, squared."""
    size = 2 * stages + SLACKS
    hessian = np.zeros((size, size))
    for k in range(stages):
        hessian[2 * k, 2 * k] = weights.steer_rate
        hessian[2 * k + 1, 2 * k + 1] = weights.jerk
    return Cost(hessian, np.zeros(size))


@kernel
def slack(stages: int, weights: Row) -> Cost:
    """The price of leaving a soft limit: linear, so that it holds where it can, and quadratic."""
    first = 2 * stages
    hessian, gradient = np.zeros((first + SLACKS, first + SLACKS)), np.zeros(first + SLACKS)
    gradient[first] = weights.excess_corridor
    gradient[first + 1] = weights.excess_friction
    gradient[first + 2] = weights.excess_speed
    for i in range(first, first + SLACKS):
        hessian[i, i] = weights.excess
    return Cost(hessian, gradient)
