"""Few-step solvers for dx/dt = v(x, t), from noise at t = 0 to data at t = 1.

A solver is written out as its network calls: each adds a multiple of the velocity just found and
one of the velocity before it. The default is AB2E: two-step Adams-Bashforth with an Euler step at
the end, which returns E[data | x] and so does not widen the modes. Works on arrays of numpy and of
torch alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

Array = TypeVar("Array")
"""Of numpy or torch."""

Field = Callable[[Array, float], Array]
"""The velocity v(x, t)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One evaluation of the field, and what it adds: ``x + now * v + before * v_before``.

    Attributes:
        time: at which the field is asked, 0 is noise and 1 is data.
        now: times the velocity found. before: times the velocity of the call before.
    """

    time: float
    now: float
    before: float = 0.0


Solver = Callable[[int, float], tuple[Call, ...]]
"""The calls of a solver, of their number and the grid's exponent."""


def grid(steps: int, power: float) -> tuple[float, ...]:
    """Times ``(i / steps) ** power``, from 0 to 1; above 1 the steps are short near the noise."""
    if steps < 1 or power <= 0.0:
        raise ValueError(f"expected at least one step and a positive power, not {steps}, {power}")
    return tuple((i / steps) ** power for i in range(steps + 1))


def euler(calls: int, power: float) -> tuple[Call, ...]:
    """Straight on at each step. One call is the mean of the data, whatever the noise."""
    return tuple(Call(t, after - t) for t, after in pairwise(grid(calls, power)))


def midpoint(calls: int, power: float) -> tuple[Call, ...]:
    """Two calls a step: half a step to ask there, a whole one with the answer."""
    if calls % 2:
        raise ValueError(f"midpoint takes two calls a step, not {calls} in all")
    found = []
    for t, after in pairwise(grid(calls // 2, power)):
        half = 0.5 * (after - t)
        found += [Call(t, half), Call(t + half, after - t, -half)]
    return tuple(found)


def ab2(calls: int, power: float) -> tuple[Call, ...]:
    """Two-step Adams-Bashforth on an uneven grid; its first step is Euler's."""
    times = grid(calls, power)
    steps = [after - t for t, after in pairwise(times)]
    found = [Call(0.0, steps[0])]
    for t, before, step in zip(times[1:], steps, steps[1:], strict=False):
        half = 0.5 * step / before
        found.append(Call(t, step * (1.0 + half), -step * half))
    return tuple(found)


def ab2e(calls: int, power: float) -> tuple[Call, ...]:
    """`ab2` with an Euler step at the end."""
    return (*ab2(calls, power)[:-1], euler(calls, power)[-1])


SOLVERS: dict[str, Solver] = {"euler": euler, "midpoint": midpoint, "ab2": ab2, "ab2e": ab2e}


SOLVER, CALLS, POWER = "ab2e", 4, 1.5
"""Of a flow, unless told otherwise: solver, calls for a candidate, power of the grid."""


def integrate(field: Field[Array], noise: Array, calls: Sequence[Call]) -> Array:
    """From noise to data along a field."""
    x, before = noise, noise
    for call in calls:
        found = field(x, call.time)
        x = x + call.now * found  # pyright: ignore[reportOperatorIssue]
        if call.before:
            x = x + call.before * before  # pyright: ignore[reportOperatorIssue]
        before = found
    return x
