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

FEASIBLE = 1e-9
"""How far an answer may break a row that was left out; far below `TOLERANCE`."""

ATTEMPTS = 4
"""With the rows that were active, twice with what the answer broke, at last with all rows."""

ACTIVE, LOWER = 1, 2
"""daqp's flags of an active bound and, beside it, of a lower one."""

_Problem = tuple[NDArray, NDArray, NDArray, NDArray, NDArray]
"""Hessian, gradient, rows, lo, hi of `solve`."""


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
    slacks: int,
) -> Solution:
    """Minimise ``0.5 u H u + g u`` with ``lo <= (u, A u) <= hi``, and never raise.

    daqp calls a problem with NaN solved; only the residual decides. A start that leads nowhere is
    given up for an empty one.

    Args:
        hessian: (n, n). gradient: (n,). rows: (m, n). lo, hi: (n + m,).
        active: (n + m,) int32 marks of a solution near by, or zeros.
        slacks: how many of the last variables are at least 0, cost a positive price, and meet
        others in rows alone.
    """
    problem = hessian, gradient, rows, lo, hi
    if active.any():
        found = _solve_from(problem, active.copy(), slacks)
        if found.residual <= TOLERANCE:
            return found
    nothing = np.zeros_like(active)
    found = _solve_from(problem, nothing.copy(), slacks)
    if found.residual <= TOLERANCE:
        return found
    return Solution(np.zeros(len(gradient)), np.inf, nothing)


def _solve_from(problem: _Problem, active: NDArray, slacks: int) -> Solution:
    """Solve with the rows that are marked, and again with those that the answer breaks.

    daqp spends nine tenths of its time on turning all rows into its own coordinates, and few of
    240 ever matter. An answer that breaks none of the others is the whole problem's. Slack that no
    row uses stays 0 and is left out too: where nothing binds then, daqp needs half the time.

    Args:
        active: marks of the start; written over.
    """
    hessian, gradient, rows, lo, hi = problem
    size, kept = len(gradient), np.zeros(len(rows), bool)
    part, start, low, high = (np.empty_like(whole) for whole in (rows, active, lo, hi))
    for attempt in range(ATTEMPTS):
        if attempt == ATTEMPTS - 1:
            kept[:] = True
        used, end = _take(rows, lo, hi, active, slacks, kept, part, low, high, start)
        u, _, flag, info = daqp.solve(
            np.ascontiguousarray(hessian[:used, :used]), gradient[:used],
            np.ascontiguousarray(part[: end - used, :used]), high[:end], low[:end], start[:end],
            iter_limit=MOST_ITERATIONS,
        )  # fmt: skip
        if flag != 1:
            break
        answer = np.zeros(size)
        answer[:used] = u
        broken, residual = _judged(*problem, answer, used, info["lam"], kept, active)
        if not broken:
            return Solution(answer, residual, active)
    return Solution(np.zeros(size), np.inf, active)


@kernel
def _take(
    rows: NDArray,
    lo: NDArray,
    hi: NDArray,
    active: NDArray,
    slacks: int,
    kept: NDArray,
    part: NDArray,
    low: NDArray,
    high: NDArray,
    marked: NDArray,
) -> tuple[int, int]:
    """Write rows, lo, hi and marks of the part that is kept; the variables' bounds go first.

    Args:
        kept: (m,); what is marked is added.

    Returns:
        How many variables, and how many bounds there are in the part.
    """
    size = rows.shape[1]
    used = size - slacks
    for i in range(rows.shape[0]):
        kept[i] |= active[size + i] != 0
        if kept[i]:
            for j in range(size - slacks, size):
                if rows[i, j] != 0.0:
                    used = size
    end = used
    low[:used], high[:used], marked[:used] = lo[:used], hi[:used], active[:used]
    for i in range(rows.shape[0]):
        if kept[i]:
            part[end - used] = rows[i]
            low[end], high[end], marked[end] = lo[size + i], hi[size + i], active[size + i]
            end += 1
    return used, end


@kernel
def _judged(
    hessian: NDArray,
    gradient: NDArray,
    rows: NDArray,
    lo: NDArray,
    hi: NDArray,
    u: NDArray,
    used: int,
    found: NDArray,
    kept: NDArray,
    active: NDArray,
) -> tuple[bool, float]:
    """Whether a part's answer breaks rows that were left out, and its residual for the whole.

    Args:
        u: (n,), of which the part has `used`. found: the part's multipliers.
        kept: (m,); what is broken is added.
        active: (n + m,) becomes the marks of the answer.
    """
    size = rows.shape[1]
    values, multipliers = _values(rows, u), np.zeros(lo.shape[0])
    multipliers[:used] = found[:used]
    multipliers[used:size] = -gradient[used:]  # a slack's price keeps it at 0
    place, broken = used, False
    for i in range(size, lo.shape[0]):
        if kept[i - size]:
            multipliers[i] = found[place]
            place += 1
        elif values[i] > hi[i] + FEASIBLE or values[i] < lo[i] - FEASIBLE:
            kept[i - size] = broken = True
    active[:] = marks(multipliers)
    if broken:
        return True, np.inf
    return False, optimality_residual(hessian, gradient, rows, lo, hi, values, multipliers)


@kernel
def marks(multipliers: NDArray) -> NDArray:
    """(n + m,) daqp's marks of the bounds whose multipliers are not 0."""
    active = np.zeros(multipliers.shape[0], np.int32)
    for i in range(multipliers.shape[0]):
        if multipliers[i] != 0.0:
            active[i] = ACTIVE if multipliers[i] > 0.0 else ACTIVE + LOWER
    return active


@kernel
def _values(rows: NDArray, u: NDArray) -> NDArray:
    """(n + m,) the variables and the rows' products with them.

    In four sums, which need not wait for each other.
    """
    size = u.shape[0]
    values = np.empty(size + rows.shape[0])
    values[:size] = u
    whole = size // 4 * 4
    for i in range(rows.shape[0]):
        row = rows[i]
        a, b, c, d = 0.0, 0.0, 0.0, 0.0
        for j in range(0, whole, 4):
            a += row[j] * u[j]
            b += row[j + 1] * u[j + 1]
            c += row[j + 2] * u[j + 2]
            d += row[j + 3] * u[j + 3]
        for j in range(whole, size):
            a += row[j] * u[j]
        values[size + i] = (a + b) + (c + d)
    return values


@kernel
def optimality_residual(
    hessian: NDArray,
    gradient: NDArray,
    rows: NDArray,
    lo: NDArray,
    hi: NDArray,
    values: NDArray,
    multipliers: NDArray,
) -> float:
    """Largest violation of the Karush-Kuhn-Tucker conditions; infinite where one is not a number.

    Stationarity is relative to the largest entry of the gradient (at least 1), the bounds are
    absolute, complementarity is relative like stationarity. A positive multiplier belongs to the
    upper bound.

    Args:
        values: the inputs, and behind them the products of the rows with them.
    """
    n, m = rows.shape[1], rows.shape[0]
    scale, worst = 1.0, 0.0
    for i in range(n):
        scale = max(scale, abs(gradient[i]))
    slope = gradient.copy()
    for i in range(n):
        slope[i] += multipliers[i]
        for j in range(n):
            slope[j] += hessian[i, j] * values[i]
    total = 0.0  # NaN anywhere shows here, but not in a maximum
    for i in range(n + m):
        value, multiplier = values[i], multipliers[i]
        if i >= n and multiplier != 0.0:
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
