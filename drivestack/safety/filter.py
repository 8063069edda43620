"""The filter: intersect the bounds of all checks, move the control into them, or take over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from drivestack.core.arrays import check_fields
from drivestack.core.protocols import SafetyCheck
from drivestack.core.rows import Batched, take_rows
from drivestack.core.tables import Table
from drivestack.core.types import Bools, Floats, Intervention, Ints, Observation, Plan, Verdict

from .bounds import Columns
from .composition import enter_or_leave, move
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
        check_fields(self, _LATCH)


_LATCH = {"active": ("B", np.bool_), "check": ("B", np.int32), "clear": ("B", np.int32)}


@dataclass(frozen=True, slots=True)
class Filter:
    """Checks, and what happens where they fail.

    Attributes:
        period: time a control is held [s]. checks: at least one. minimal_risk: takes over.
        recovery: the minimal-risk condition is left once its cause is gone for this long [s];
        Autoware's debounce (safety.md, 5). columns: of all checks.
    """

    period: float
    checks: Sequence[SafetyCheck]
    minimal_risk: LeastRisk
    recovery: float = 1.0
    columns: Columns = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", Columns.of(self.checks))

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
        found = self.columns.opened(len(control))
        checks = zip(self.checks, latch.checks, self.columns.places, strict=True)
        memories = Batched(
            check.check(observation, plan, control, memory, found[place])
            for check, memory, place in checks
        )
        commanded = np.zeros_like(control)
        after = self._latched(found, control, latch, memories, commanded)
        filtered = commanded.copy()
        if after.active.any():
            risky = np.flatnonzero(after.active)
            filtered[risky] = self.minimal_risk.control(take_rows(observation, risky))
        kind, decided = np.empty_like(after.check), np.empty_like(after.check)
        move(found, after.active, after.check, commanded, filtered, kind, decided)
        intervention = Intervention(commanded, filtered, kind, decided)
        return self.columns.verdict(found), intervention, after

    def _latched(
        self, found: Table, control: Floats, last: Latch, memories: Batched, commanded: Floats
    ) -> Latch:
        """Whether it is in the minimal-risk condition now; what is commanded is written."""
        active = np.empty_like(last.active)
        check, clear = np.empty_like(last.check), np.empty_like(last.clear)
        enter_or_leave(found, control, last.active, last.check, last.clear, self.period,
                       self.recovery, active, check, clear, commanded)  # fmt: skip
        return Latch(active, check, clear, memories)
