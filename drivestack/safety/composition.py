"""What follows from all that the checks found: bounds intersect, the gravest response counts."""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.tables import Table
from drivestack.core.types import Filtering

_PASSED, _CLAMPED = int(Filtering.PASSED), int(Filtering.CLAMPED)
_BRAKE, _RISK = int(Filtering.EMERGENCY_BRAKE), int(Filtering.MINIMAL_RISK)


@kernel
def possible(found: Table, control: NDArray, judged: NDArray) -> None:
    """Write what the bounds of the guards leave of a control (B, 2); what is not finite stays."""
    for b in range(control.shape[0]):
        for i in range(2):
            low, high = _bounds(found, b, i)
            wish = control[b, i]
            judged[b, i] = min(max(wish, low), high) if math.isfinite(wish) else wish


@kernel
def enter_or_leave(
    found: Table, control: NDArray, last: Table, period: float, recovery: float, state: Table,
    commanded: NDArray,
) -> None:  # fmt: skip
    """Whether each is in the minimal-risk condition: at once, left after the recovery time [s].

    Args:
        found: (C, B) rows of `bounds.FINDING`. control: (B, 2). last, state: (B,) rows of
        `filter.LATCH` at the last tick, and now, written. commanded: (B, 2) zeros; the control
        where it is finite, written.
    """
    for b in range(control.shape[0]):
        finite = math.isfinite(control[b, 0]) and math.isfinite(control[b, 1])
        if finite:
            commanded[b, 0], commanded[b, 1] = control[b, 0], control[b, 1]
        cause = not finite
        for c in range(found.shape[0]):
            cause |= found[c, b].failed and found[c, b].response == _RISK
        for i in range(2):
            low, high = _bounds(found, b, i)
            cause |= low > high
        before, after = last[b], state[b]
        after.clear = 0 if cause else before.clear + 1
        lasting = before.active and after.clear * period < recovery - 1e-9
        after.active = cause or lasting
        after.check = 0
        if cause:
            after.check = _decisive(found, b)
        elif lasting:
            after.check = before.check


@kernel
def move(
    found: Table, state: Table, commanded: NDArray, filtered: NDArray, kind: NDArray,
    decided: NDArray,
) -> None:  # fmt: skip
    """Move a control into the bounds, and say what was done to it.

    Args:
        state: of the latch. commanded: (B, 2). filtered: (B, 2) what is wished for, and then
        what is left of it. kind, decided: (B,) as in `Intervention`, written.
    """
    for b in range(commanded.shape[0]):
        changed, braking = False, False
        for i in range(2):
            low, high = _bounds(found, b, i)
            # where bounds exclude each other the upper one holds, which is less acceleration
            wish = filtered[b, i] if filtered[b, i] > low else low
            filtered[b, i] = wish if wish < high else high
            changed |= filtered[b, i] != commanded[b, i]
        for c in range(found.shape[0]):
            braking |= found[c, b].failed and found[c, b].response == _BRAKE
        kind[b] = _PASSED
        if changed:
            kind[b] = _BRAKE if braking else _CLAMPED
        if state[b].active:
            kind[b] = _RISK
        decided[b] = -1
        if kind[b] != _PASSED:
            decided[b] = state[b].check if state[b].active else _decisive(found, b)


@hot_kernel
def _bounds(found: Table, b: int, i: int) -> tuple[float, float]:
    """What the bounds of all checks leave of one part of the control."""
    low, high = found[0, b].low[i], found[0, b].high[i]
    for c in range(1, found.shape[0]):
        low, high = max(low, found[c, b].low[i]), min(high, found[c, b].high[i])
    return low, high


@hot_kernel
def _decisive(found: Table, b: int) -> int:
    """The failed check with the gravest response, of equals the one farthest past its limit.

    The first one where none failed; one that only watches decides nothing.
    """
    gravest, place = -1.0, 0
    for c in range(found.shape[0]):
        one = found[c, b]
        if one.failed and one.response > _PASSED:
            excess = one.value - one.limit
            grave = one.response + excess / (1.0 + abs(excess))
            if grave > gravest:
                gravest, place = grave, c
    return place
