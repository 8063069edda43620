"""The filter: intersect the bounds of all checks and move the control into them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drivestack.core.types import Bools, Filtering, Floats, Intervention, Verdict

_BRAKE = -4.0
"""Acceleration [m/s2] in place of a control that is not a number; nuPlan's comfort bound."""


def joined(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdicts of several checks as one record; at least one."""
    return Verdict(
        names=tuple(name for verdict in verdicts for name in verdict.names),
        low=np.concatenate([verdict.low for verdict in verdicts], axis=1),
        high=np.concatenate([verdict.high for verdict in verdicts], axis=1),
        value=np.concatenate([verdict.value for verdict in verdicts], axis=1),
        limit=np.concatenate([verdict.limit for verdict in verdicts], axis=1),
        failed=np.concatenate([verdict.failed for verdict in verdicts], axis=1),
    )


def filtered(control: Floats, verdict: Verdict) -> Intervention:
    """Clamp the control into every check's bounds; they can only tighten.

    Where bounds exclude each other the lower one holds: less acceleration, the same for steering
    on either side of a mirror only as long as bounds agree. A control that is not finite becomes
    braking with the wheels held, recorded as an emergency brake of a zero command.

    Args:
        control: (B, 2), not necessarily finite. verdict: of at least one check.
    """
    finite: Bools = np.all(np.isfinite(control), axis=1)
    commanded = np.where(finite[:, None], control, 0.0)
    low, high = verdict.low.max(axis=1), verdict.high.min(axis=1)
    middle = (low + high) / 2.0
    wish = np.where(finite[:, None], control, np.stack([np.full(len(control), _BRAKE),
                                                        middle[:, 1]], axis=1))  # fmt: skip
    result = np.minimum(np.maximum(wish, low), high)
    changed = (result != commanded).any(axis=1)
    kind = np.where(changed, Filtering.CLAMPED, Filtering.PASSED)
    kind = np.where(finite, kind, Filtering.EMERGENCY_BRAKE).astype(np.int32)
    worst = np.argmax(np.where(verdict.failed, verdict.value, -np.inf), axis=1)
    check = np.where(kind == Filtering.PASSED, -1, worst).astype(np.int32)
    return Intervention(commanded=commanded, filtered=result, kind=kind, check=check)
