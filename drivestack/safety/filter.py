"""The filter: intersect the bounds of all checks, move the control into them, or take over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drivestack.core.arrays import check_fields
from drivestack.core.protocols import SafetyCheck
from drivestack.core.rows import Batched, take_rows
from drivestack.core.types import (
    Bools,
    Filtering,
    Floats,
    Intervention,
    Ints,
    Observation,
    Plan,
    Verdict,
)

from .minimal_risk import LeastRisk


@dataclass(frozen=True, slots=True, eq=False)
class Latch:
    """What the filter remembers.

    Attributes:
        active: (B,) in the minimal-risk condition. check: (B,) what led to it, where active.
        clear: (B,) control ticks since its cause was last there. checks: what each check remembers.
    """

    active: Bools
    check: Ints
    clear: Ints
    checks: Batched

    def __post_init__(self) -> None:
        check_fields(
            self, {"active": ("B", np.bool_), "check": ("B", np.int32), "clear": ("B", np.int32)}
        )


@dataclass(frozen=True, slots=True)
class Filter:
    """Checks, and what happens where they fail.

    Attributes:
        period: time a control is held [s]. checks: at least one. minimal_risk: takes over.
        recovery: the minimal-risk condition is left once its cause is gone for this long [s];
        Autoware's debounce (safety.md, 5).
    """

    period: float
    checks: Sequence[SafetyCheck]
    minimal_risk: LeastRisk
    recovery: float = 1.0

    def start(self, batch: int) -> Latch:
        """No minimal-risk condition."""
        none = np.zeros(batch, np.int32)
        memories = Batched(check.start(batch) for check in self.checks)
        return Latch(np.zeros(batch, np.bool_), none, none.copy(), memories)

    def apply(
        self, observation: Observation, plan: Plan, control: Floats, latch: Latch
    ) -> tuple[Verdict, Intervention, Latch]:
        """What the checks say of a control (B, 2), not necessarily finite, and what becomes of it.

        The minimal-risk condition is entered where a failed check asks for it, where bounds exclude
        each other, and where the control is not finite.
        """
        said = [
            check.check(observation, plan, control, memory)
            for check, memory in zip(self.checks, latch.checks, strict=True)
        ]
        verdict, memories = joined([one for one, _ in said]), Batched(one for _, one in said)
        finite: Bools = np.all(np.isfinite(control), axis=1)
        low, high, check = verdict.low.max(axis=1), verdict.high.min(axis=1), _decisive(verdict)
        asked = np.where(verdict.failed, verdict.response, Filtering.PASSED).max(axis=1)
        cause = (asked == Filtering.MINIMAL_RISK) | (low > high).any(axis=1) | ~finite
        latch = self._latched(latch, cause, check, memories)
        commanded = np.where(finite[:, None], control, 0.0)
        wish = commanded.copy()
        risky = np.flatnonzero(latch.active)
        if len(risky):
            wish[risky] = self.minimal_risk.control(take_rows(observation, risky))
        # where bounds exclude each other the upper one holds, which is less acceleration
        result = np.minimum(np.maximum(wish, low), high)
        kind = _kinds((result != commanded).any(axis=1), verdict, latch)
        check = np.where(latch.active, latch.check, check)
        check = np.where(kind == Filtering.PASSED, -1, check).astype(np.int32)
        return verdict, Intervention(commanded, result, kind, check), latch

    def _latched(self, latch: Latch, cause: Bools, check: Ints, memories: Batched) -> Latch:
        """Entered at once, left after the recovery time."""
        clear = np.where(cause, 0, latch.clear + 1).astype(np.int32)
        lasting = latch.active & (clear * self.period < self.recovery - 1e-9)
        kept = np.where(lasting, latch.check, 0).astype(np.int32)
        decisive = np.where(cause, check, kept).astype(np.int32)
        return Latch(cause | lasting, decisive, clear, memories)


def joined(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdicts of several checks as one record; at least one."""

    def both(name: str) -> np.ndarray:
        return np.concatenate([getattr(verdict, name) for verdict in verdicts], axis=1)

    return Verdict(
        names=tuple(name for verdict in verdicts for name in verdict.names),
        low=both("low"),
        high=both("high"),
        value=both("value"),
        limit=both("limit"),
        failed=both("failed"),
        response=both("response"),
        object=both("object"),
        has_object=both("has_object"),
    )


def _decisive(verdict: Verdict) -> Ints:
    """(B,) the failed check with the gravest response, of equals the one farthest past its limit.

    The first one where none failed; one that only watches decides nothing.
    """
    excess = verdict.value - verdict.limit
    grave = verdict.response + excess / (1.0 + np.abs(excess))
    gravity = np.where(verdict.failed & (verdict.response > Filtering.PASSED), grave, -1.0)
    return np.argmax(gravity, axis=1).astype(np.int32)


def _kinds(changed: Bools, verdict: Verdict, latch: Latch) -> Ints:
    """(B,) `Filtering`, given whether the control was changed."""
    braking = (verdict.failed & (verdict.response == Filtering.EMERGENCY_BRAKE)).any(axis=1)
    kind = np.where(braking, Filtering.EMERGENCY_BRAKE, Filtering.CLAMPED)
    kind = np.where(changed, kind, Filtering.PASSED)
    return np.where(latch.active, Filtering.MINIMAL_RISK, kind).astype(np.int32)
