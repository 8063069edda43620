"""Limits: each gives its rows (A, lo, hi) of ``lo <= A u <= hi``; rows are stacked."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.tables import Row

from .costs import SLACKS
from .model import slip

UNBOUNDED = 1e30
"""What daqp takes for no bound (its ``DAQP_INF``)."""


class Limit(NamedTuple):
    """Rows (m, n) with bounds (m,)."""

    A: NDArray
    lo: NDArray
    hi: NDArray


@kernel
def inputs(stages: int) -> tuple[NDArray, NDArray]:
    """Bounds (n,) of the variables themselves: parts of a bound, slacks that only loosen."""
    size = 2 * stages + SLACKS
    lo, hi = np.full(size, -1.0), np.ones(size)
    lo[2 * stages :] = 0.0
    hi[2 * stages :] = UNBOUNDED
    return lo, hi


@kernel
def actuators(gain: NDArray, free: NDArray, period: float, holds: NDArray, bounds: Row) -> Limit:
    """Steering angle and acceleration, 2 rows a stage.

    Where the car starts outside, its way back at the full rate stays admissible.
    """
    stages, width = gain.shape[0], gain.shape[2]
    rows = np.zeros((2 * stages, width + SLACKS))
    lo, hi = np.empty(2 * stages), np.empty(2 * stages)
    least = max(bounds.least_accel, -bounds.friction)
    most = min(bounds.most_accel, bounds.friction)
    time = 0.0
    for k in range(stages):
        time += holds[k] * period
        for i in range(2):
            start, back = free[k, 4 + i], time * (bounds.steer_rate if i == 0 else bounds.jerk)
            low, high = (-bounds.steer, bounds.steer) if i == 0 else (least, most)
            rows[2 * k + i, :width] = gain[k, 4 + i]
            lo[2 * k + i] = min(low, start + back) - start
            hi[2 * k + i] = max(high, start - back) - start
    return Limit(rows, lo, hi)


@kernel
def speed(gain: NDArray, free: NDArray, plan: NDArray, bounds: Row) -> Limit:
    """No driving backwards and no overspeed, soft, 2 rows a stage."""
    stages, width = gain.shape[0], gain.shape[2]
    rows = np.zeros((2 * stages, width + SLACKS))
    lo, hi = np.full(2 * stages, -UNBOUNDED), np.full(2 * stages, UNBOUNDED)
    for k in range(stages):
        now = free[k, 3] + plan[k + 1, 3]
        rows[2 * k, :width] = rows[2 * k + 1, :width] = gain[k, 3]
        rows[2 * k, width + 2], rows[2 * k + 1, width + 2] = 1.0, -1.0
        lo[2 * k] = -now
        hi[2 * k + 1] = bounds.most_speed - now
    return Limit(rows, lo, hi)


@kernel
def corridor(gain: NDArray, free: NDArray, bounds: Row) -> Limit:
    """Distance to the side of the plan, soft, 2 rows a stage."""
    stages, width = gain.shape[0], gain.shape[2]
    rows = np.zeros((2 * stages, width + SLACKS))
    lo, hi = np.full(2 * stages, -UNBOUNDED), np.full(2 * stages, UNBOUNDED)
    for k in range(stages):
        rows[2 * k, :width] = rows[2 * k + 1, :width] = gain[k, 1]
        rows[2 * k, width], rows[2 * k + 1, width] = 1.0, -1.0
        lo[2 * k] = -bounds.corridor - free[k, 1]
        hi[2 * k + 1] = bounds.corridor - free[k, 1]
    return Limit(rows, lo, hi)


@kernel
def friction(
    gain: NDArray,
    free: NDArray,
    first: NDArray,
    plan: NDArray,
    feed: NDArray,
    length: float,
    bounds: Row,
) -> Limit:
    """The friction circle by an inscribed octagon, soft, 6 rows a stage.

    Lateral acceleration is linear about the plan's speed and steering angle. The two facets across
    the direction of travel are left to `actuators`, whose bound of acceleration is closer.

    Args:
        first: (6,) `Error` before the first stage. feed: (N, 2) the plan's accel, steer.
    """
    stages, width = gain.shape[0], gain.shape[2]
    rows = np.zeros((6 * stages, width + SLACKS))
    lo, hi = np.full(6 * stages, -UNBOUNDED), np.empty(6 * stages)
    for k in range(stages):
        v, steer = max(plan[k, 3], 0.0), feed[k, 1]
        beta, beta_slope = slip(steer)
        by_speed = 2.0 * v * math.sin(beta) / (length / 2.0)
        by_steer = v * v * math.cos(beta) * beta_slope / (length / 2.0)
        error = first[3] if k == 0 else free[k - 1, 3]
        lateral = 0.5 * v * by_speed + by_speed * error + by_steer * (free[k, 4] - steer)
        for facet in range(6):
            side = 1.0 if facet < 3 else -1.0
            angle = (facet % 3 - 1) * math.pi / 4.0
            ahead, left = math.sin(angle), side * math.cos(angle)
            row = rows[6 * k + facet]
            for j in range(2 * k + 2):
                past = gain[k - 1, 3, j] if k > 0 else 0.0
                row[j] = ahead * gain[k, 5, j]
                row[j] += left * (by_steer * gain[k, 4, j] + by_speed * past)
            row[width + 1] = -1.0
            radius = bounds.friction * math.cos(math.pi / 8.0)
            hi[6 * k + facet] = radius - ahead * free[k, 5] - left * lateral
    return Limit(rows, lo, hi)
