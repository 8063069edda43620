"""The tracking problem of every scenario: sample, condense, add costs, stack limits.

A cost or limit is added here, and nowhere else: one line in `_problem`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.tables import Row, Table

from .condense import condensed, first_error
from .costs import SLACKS, effort, slack, tracking
from .limits import actuators, corridor, friction, inputs, speed
from .reference import sampled

ROWS_PER_STAGE = 12
"""Rows that all limits together put on a stage."""


class Problems(NamedTuple):
    """Dense problems: min ``0.5 u H u + g u`` with ``lo <= (u, A u) <= hi``.

    Attributes:
        H: (B, n, n). g: (B, n). A: (B, m, n). lo, hi: (B, n + m), bounds of the variables first.
        gain: (B, N, 6, 2N). free: (B, N, 6). plan: (B, N + 1, 4) sampled.
    """

    H: NDArray
    g: NDArray
    A: NDArray
    lo: NDArray
    hi: NDArray
    gain: NDArray
    free: NDArray
    plan: NDArray


def empty_problems(batch: int, stages: int) -> Problems:
    """Room for a batch."""
    size, rows = 2 * stages + SLACKS, ROWS_PER_STAGE * stages
    return Problems(
        H=np.empty((batch, size, size)),
        g=np.empty((batch, size)),
        A=np.empty((batch, rows, size)),
        lo=np.empty((batch, size + rows)),
        hi=np.empty((batch, size + rows)),
        gain=np.empty((batch, stages, 6, 2 * stages)),
        free=np.empty((batch, stages, 6)),
        plan=np.empty((batch, stages + 1, 4)),
    )


@kernel
def _problem(
    b: int,
    car: NDArray,
    feed: NDArray,
    length: float,
    period: float,
    holds: NDArray,
    weights: Row,
    bounds: Row,
    out: Problems,
) -> None:
    """Write problem `b`; its plan is in place. `car`: (6,) x, y, yaw, v, accel, steer."""
    stages, plan = holds.shape[0], out.plan[b]
    first = first_error(car, car[5], car[4], plan[0])
    gain, free = condensed(first, plan, feed, length, period, holds, bounds)
    _copy(out.free[b], free)
    for k in range(stages):
        _copy(out.gain[b, k], gain[k])
    size = out.g.shape[1]
    out.H[b], out.g[b] = 0.0, 0.0
    for cost in (
        tracking(gain, free, feed, weights),
        effort(stages, weights),
        slack(stages, weights),
    ):
        for i in range(size):
            out.g[b, i] += cost.g[i]
            for j in range(size):
                out.H[b, i, j] += cost.H[i, j]
    out.lo[b, :size], out.hi[b, :size] = inputs(stages)
    row = 0
    for limit in (
        actuators(gain, free, period, holds, bounds),
        speed(gain, free, plan, bounds),
        corridor(gain, free, bounds),
        friction(gain, free, first, plan, feed, length, bounds),
    ):
        end = row + limit.lo.shape[0]
        _copy(out.A[b, row:end], limit.A)
        out.lo[b, size + row : size + end] = limit.lo
        out.hi[b, size + row : size + end] = limit.hi
        row = end


@kernel
def _copy(target: NDArray, source: NDArray) -> None:
    """Copy a table entry by entry, which takes a third of what numba's slices take."""
    for i in range(source.shape[0]):
        for j in range(source.shape[1]):
            target[i, j] = source[i, j]


@kernel
def build(
    states: NDArray,
    controls: NDArray,
    plan_dt: NDArray,
    begin: NDArray,
    cars: NDArray,
    size: NDArray,
    period: float,
    holds: NDArray,
    weights: Table,
    bounds: Table,
    out: Problems,
) -> None:
    """Write the problem of every scenario by itself.

    Args:
        states: (B, T, 4) and controls: (B, T, 2) of the plans. plan_dt: (B,) [s].
        begin: (B,) time after the plan's start at which the next control acts [s].
        cars: (B, 6) x, y, yaw, v, accel, steer at that time. size: (B, 2) length, width [m].
        period: [s]. holds: (N,) stages in periods.
    """
    for b in range(states.shape[0]):
        plan, feed = sampled(
            states[b], controls[b], plan_dt[b], size[b, 0], begin[b], period, holds
        )
        out.plan[b] = plan
        _problem(b, cars[b], feed, size[b, 0], period, holds, weights[0], bounds[0], out)
