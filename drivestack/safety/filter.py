"""The filter: intersect the bounds of all checks, move the control into them, or take over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from drivestack.core.arrays import check_fields
from drivestack.core.protocols import SafetyCheck
from drivestack.core.rows import Batched, take_rows
from drivestack.core.tables import Table
from drivestack.core.types import Floats, Intervention, Observation, Plan, Verdict

from .bounds import Columns
from .composition import enter_or_leave, move, possible
from .minimal_risk import LeastRisk

LATCH = np.dtype(
    [
        ("active", np.bool_),  # in the minimal-risk condition
        ("check", np.int32),  # what led to it, where active
        ("clear", np.int32),  # control ticks since its cause was last there
    ],
    align=True,
)


@dataclass(frozen=True, slots=True, eq=False)
class Latch:
    """What the filter remembers.

    Attributes:
        state: (B,) rows of `LATCH`. checks: what each check remembers.
    """

    state: Table
    checks: Batched

    def __post_init__(self) -> None:
        check_fields(self, {"state": ("B", LATCH)})


@dataclass(frozen=True, slots=True)
class Filter:
    """Checks, and what happens where they fail.

    Attributes:
        period: time a control is held [s]. checks: at least one. minimal_risk: takes over.
        guards: so many of the checks, the first ones, judge the control as it is commanded. The
        others judge what the bounds of the guards leave of it: what the car can do.
        recovery: the minimal-risk condition is left once its cause is gone for this long [s];
        Autoware's debounce (safety.md, 5). columns: of all checks.
    """

    period: float
    checks: Sequence[SafetyCheck]
    minimal_risk: LeastRisk
    guards: int = 0
    recovery: float = 1.0
    columns: Columns = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", Columns.of(self.checks))

    def start(self, batch: int) -> Latch:
        """No minimal-risk condition."""
        memories = Batched(check.start(batch) for check in self.checks)
        return Latch(np.zeros(batch, LATCH), memories)

    def apply(
        self, observation: Observation, plan: Plan, control: Floats, latch: Latch
    ) -> tuple[Verdict, Intervention, Latch]:
        """What the checks say of a control (B, 2), not necessarily finite, and what becomes of it.

        The minimal-risk condition is entered where a failed check asks for it, where bounds exclude
        each other, and where the control is not finite.
        """
        batch, found = len(control), self.columns.opened(len(control))
        judged, memories = control, []
        checks = zip(self.checks, latch.checks, self.columns.places, strict=True)
        for number, (check, memory, place) in enumerate(checks):
            if number == self.guards > 0:
                judged = np.empty((batch, 2))
                possible(found[: place.start], control, judged)
            memories.append(check.check(observation, plan, judged, memory, found[place]))
        state, commanded = np.zeros(batch, LATCH), np.zeros((batch, 2))
        enter_or_leave(found, control, latch.state, self.period, self.recovery, state, commanded)
        filtered = commanded.copy()
        if state["active"].any():
            risky = np.flatnonzero(state["active"])
            filtered[risky] = self.minimal_risk.control(take_rows(observation, risky))
        kind, decided = np.empty(batch, np.int32), np.empty(batch, np.int32)
        move(found, state, commanded, filtered, kind, decided)
        intervention = Intervention(commanded, filtered, kind, decided)
        return self.columns.verdict(found), intervention, Latch(state, Batched(memories))
