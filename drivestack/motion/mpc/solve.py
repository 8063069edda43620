"""Solve a dense problem by daqp, and judge the answer by the optimality conditions ourselves."""

from __future__ import annotations

from typing import NamedTuple

import daqp
import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel

TOLERANCE = 1e-6
"""Largest residual of a solution that is used; inputs are parts of their bounds."""

MOST_ITERATIONS = 400
"""Ten times what cold problems of `tests/motion/mpc` need."""

LOWER = 2
"""daqp's flag of an active lower bound, beside 1 for active."""


class Solution(NamedTuple):
    """What a problem came to.

    Attributes:
        u: (n,). residual: of the optimality conditions, infinite where there is no solution.
        active: (n + m,) daqp's marks of active bounds, for the next start.
    """

    u: NDArray
    residual: float
    active: NDArray


def solve(
    hessian: NDArray,
    gradient: NDArray,
    rows: NDArray,
    lo: NDArray,
    hi: NDArray,
    active: NDArray,
) -> Solution:
    """Minimise ``0.5 u H u + g u`` with ``lo <= (u, A u) <= hi``, and never raise.

    daqp calls a problem with NaN solved; only the residual decides. A start that leads nowhere is
    given up for an empty one.

    Args:
        hessian: (n, n). gradient: (n,). rows: (m, n). lo, hi: (n + m,).
        active: (n + m,) int32 marks of a solution near by, or zeros.
    """
    nothing = np.zeros_like(active)
    found = Solution(np.zeros(len(gradient)), np.inf, nothing)
    for start in (active, nothing) if active.any() else (nothing,):
        u, _, flag, info = daqp.solve(
            hessian, gradient, rows, hi, lo, start.copy(), iter_limit=MOST_ITERATIONS
        )
        if flag != 1:
            continue
        residual = optimality_residual(hessian, gradient, rows, lo, hi, u, info["lam"])
        if residual <= TOLERANCE:
            return Solution(u, residual, marks(info["lam"]))
    return found


def marks(multipliers: NDArray) -> NDArray:
    """(n + m,) daqp's marks of the bounds whose multipliers are not 0."""
    return ((multipliers != 0.0) + LOWER * (multipliers < 0.0)).astype(np.int32)


@kernel
def optimality_residual(
    hessian: NDArray,
    gradient: NDArray,
    rows: NDArray,
    lo: NDArray,
    hi: NDArray,
    u: NDArray,
    multipliers: NDArray,
) -> float:
    """Largest violation of the Karush-Kuhn-Tucker conditions; infinite where one is not a number.

    Stationarity is relative to the largest entry of the gradient (at least 1), the bounds are
    absolute, complementarity is relative like stationarity. A positive multiplier belongs to the
    upper bound.
    """
    n, m = rows.shape[1], rows.shape[0]
    scale, worst = 1.0, 0.0
    for i in range(n):
        scale = max(scale, abs(gradient[i]))
    slope = gradient.copy()
    for i in range(n):
        slope[i] += multipliers[i]
        for j in range(n):
            slope[j] += hessian[i, j] * u[i]
    total = 0.0  # NaN anywhere shows here, but not in a maximum
    for i in range(n + m):
        value, multiplier = 0.0, multipliers[i]
        if i < n:
            value = u[i]
        else:
            for j in range(n):
                value += rows[i - n, j] * u[j]
            if multiplier != 0.0:
                for j in range(n):
                    slope[j] += multiplier * rows[i - n, j]
        above, below = value - hi[i], lo[i] - value
        gap = -above if multiplier > 0.0 else -below
        tight = abs(multiplier * gap) / scale if multiplier != 0.0 else 0.0
        worst = max(worst, above, below, tight)
        total += above + below + tight
    for i in range(n):
        worst = max(worst, abs(slope[i]) / scale)
        total += slope[i]
    return worst if total - total == 0.0 else np.inf
