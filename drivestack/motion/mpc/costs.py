"""Costs: each adds its part to (H, g) of ``0.5 u H u + g u``."""

from __future__ import annotations

from typing import NamedTuple

from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.tables import Row

SLACKS = 3
"""Last variables of a problem: excess over corridor [m], friction circle [m/s2], speed [m/s]."""


class Cost(NamedTuple):
    """Hessian (n, n), symmetric, and gradient at 0 (n,); pieces add to what is there."""

    H: NDArray
    g: NDArray


@kernel
def tracking(gain: NDArray, free: NDArray, feed: NDArray, weights: Row, total: Cost) -> None:
    """Distance of every stage from the plan's own states and controls.

    Args:
        gain, free: of `condensed`. feed: (N, 2) the plan's accel, steer.
    """
    stages, inputs = gain.shape[0], gain.shape[2]
    weight = (weights.along, weights.across, weights.yaw, weights.speed, weights.steer,
              weights.accel)  # fmt: skip
    for k in range(stages):
        error = free[k].copy()
        error[4] -= feed[k, 1]
        error[5] -= feed[k, 0]
        for half in range(2):  # three rows at once need a third of the stores
            e = 3 * half
            a, b, c = gain[k, e], gain[k, e + 1], gain[k, e + 2]
            for i in range(2 * k + 2):
                of_a, of_b, of_c = weight[e] * a[i], weight[e + 1] * b[i], weight[e + 2] * c[i]
                total.g[i] += of_a * error[e] + of_b * error[e + 1] + of_c * error[e + 2]
                target = total.H[i]
                for j in range(i + 1):
                    target[j] += of_a * a[j] + of_b * b[j] + of_c * c[j]
    for i in range(inputs):
        for j in range(i):
            total.H[j, i] = total.H[i, j]


@kernel
def effort(stages: int, weights: Row, total: Cost) -> None:
    """Steering rate and jerk as parts of their bounds, squared."""
    for k in range(stages):
        total.H[2 * k, 2 * k] += weights.steer_rate
        total.H[2 * k + 1, 2 * k + 1] += weights.jerk


@kernel
def slack(stages: int, weights: Row, total: Cost) -> None:
    """The price of leaving a soft limit: linear, so that it holds where it can, and quadratic."""
    first = 2 * stages
    total.g[first] += weights.excess_corridor
    total.g[first + 1] += weights.excess_friction
    total.g[first + 2] += weights.excess_speed
    for i in range(first, first + SLACKS):
        total.H[i, i] += weights.excess
