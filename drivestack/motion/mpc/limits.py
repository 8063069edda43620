"""Limits: each writes its rows (A, lo, hi) of ``lo <= A u <= hi`` from a row on."""

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
    """All rows (m, n) of a problem with bounds (m,); what no piece writes of A is 0.

    Every piece takes the first row that is free, and returns the one after its own.
    """

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
def actuators(
    gain: NDArray, free: NDArray, period: float, holds: NDArray, bounds: Row, out: Limit, row: int
) -> int:
    """Steering angle and acceleration, 2 rows a stage.

    Where the car starts outside, its way back at the full rate stays admissible.
    """
    least = max(bounds.least_accel, -bounds.friction)
    most = min(bounds.most_accel, bounds.friction)
    time = 0.0
    for k in range(gain.shape[0]):
        time += holds[k] * period
        for i in range(2):
            start, back = free[k, 4 + i], time * (bounds.steer_rate if i == 0 else bounds.jerk)
            low, high = (-bounds.steer, bounds.steer) if i == 0 else (least, most)
            _copy(gain[k, 4 + i], k, out.A[row])
            out.lo[row] = min(low, start + back) - start
            out.hi[row] = max(high, start - back) - start
            row += 1
    return row


@kernel
def speed(gain: NDArray, free: NDArray, plan: NDArray, bounds: Row, out: Limit, row: int) -> int:
    """No driving backwards and no overspeed, soft, 2 rows a stage."""
    for k in range(gain.shape[0]):
        now = free[k, 3] + plan[k + 1, 3]
        row = _soft(gain[k, 3], k, -now, bounds.most_speed - now, 2, out, row)
    return row


@kernel
def corridor(gain: NDArray, free: NDArray, bounds: Row, out: Limit, row: int) -> int:
    """Distance to the side of the plan, soft, 2 rows a stage."""
    for k in range(gain.shape[0]):
        off = free[k, 1]
        row = _soft(gain[k, 1], k, -bounds.corridor - off, bounds.corridor - off, 0, out, row)
    return row


@kernel
def _soft(gain: NDArray, stage: int, lo: float, hi: float, slack: int, out: Limit, row: int) -> int:
    """Two rows that hold a value of a stage between bounds, but for one of the slacks."""
    excess = out.A.shape[1] - SLACKS + slack
    for side in range(2):
        _copy(gain, stage, out.A[row + side])
        out.A[row + side, excess] = 1.0 - 2.0 * side
    out.lo[row], out.hi[row] = lo, UNBOUNDED
    out.lo[row + 1], out.hi[row + 1] = -UNBOUNDED, hi
    return row + 2


@kernel
def _copy(gain: NDArray, stage: int, target: NDArray) -> None:
    """What the inputs until the end of a stage do; later ones do nothing."""
    for j in range(2 * stage + 2):
        target[j] = gain[j]


@kernel
def friction(
    gain: NDArray,
    free: NDArray,
    first: NDArray,
    plan: NDArray,
    feed: NDArray,
    length: float,
    bounds: Row,
    out: Limit,
    row: int,
) -> int:
    """The friction circle by an inscribed octagon, soft, 6 rows a stage.

    Lateral acceleration is linear about the plan's speed and steering angle. The two facets across
    the direction of travel are left to `actuators`, whose bound of acceleration is closer.

    Args:
        first: (6,) `Error` before the first stage. feed: (N, 2) the plan's accel, steer.
    """
    radius = bounds.friction * math.cos(math.pi / 8.0)
    excess = out.A.shape[1] - SLACKS + 1
    for k in range(gain.shape[0]):
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
            own = out.A[row]
            for j in range(2 * k + 2):
                own[j] = ahead * gain[k, 5, j] + left * by_steer * gain[k, 4, j]
            for j in range(2 * k):
                own[j] += left * by_speed * gain[k - 1, 3, j]
            own[excess] = -1.0
            out.lo[row], out.hi[row] = -UNBOUNDED, radius - ahead * free[k, 5] - left * lateral
            row += 1
    return row
