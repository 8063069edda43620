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
from .costs import SLACKS, Cost, effort, slack, tracking
from .limits import Limit, actuators, corridor, friction, inputs, speed
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
    """Room for a batch, with the zeros that pieces add to or leave."""
    size, rows = 2 * stages + SLACKS, ROWS_PER_STAGE * stages
    return Problems(
        H=np.zeros((batch, size, size)),
        g=np.zeros((batch, size)),
        A=np.zeros((batch, rows, size)),
        lo=np.empty((batch, size + rows)),
        hi=np.empty((batch, size + rows)),
        gain=np.zeros((batch, stages, 6, 2 * stages)),
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
    stages, plan, gain, free = holds.shape[0], out.plan[b], out.gain[b], out.free[b]
    first = first_error(car, car[5], car[4], plan[0])
    condensed(first, plan, feed, length, period, holds, bounds, gain, free)
    cost = Cost(out.H[b], out.g[b])
    tracking(gain, free, feed, weights, cost)
    effort(stages, weights, cost)
    slack(stages, weights, cost)
    size = out.g.shape[1]
    out.lo[b, :size], out.hi[b, :size] = inputs(stages)
    limit, row = Limit(out.A[b], out.lo[b, size:], out.hi[b, size:]), 0
    row = actuators(gain, free, period, holds, bounds, limit, row)
    row = speed(gain, free, plan, bounds, limit, row)
    row = corridor(gain, free, bounds, limit, row)
    row = friction(gain, free, first, plan, feed, length, bounds, limit, row)


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
