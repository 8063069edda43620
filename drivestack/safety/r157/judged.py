"""What acting was worth on the grid: every driver beside who does nothing, and what is possible."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivestack.core.types import Bools

from .cases import CutIns, Sideways
from .driven import NEVER, Model, Outcomes, Strike, drive


@dataclass(frozen=True, slots=True)
class Judged:
    """Counts over one range of the grid (safety.md, 10).

    Attributes:
        cases: of the range. collisions: of them. acted: a speed was reduced. needed: cases that
        collide if nobody acts. saved: needed, acted or evaded, no contact. missed: needed, neither.
        needless: acted, not needed. harm: contact where there is none if nobody acts.
        needless_share: of the cases that are safe by themselves. lost: mean speed taken off in a
        needless case [m/s]. impact: mean closing speed of collisions [m/s]. evaded_share: of the
        safe cases, in which it shifted or sped up, which is no acting.
    """

    cases: int
    collisions: int
    acted: int
    needed: int
    saved: int
    missed: int
    needless: int
    harm: int
    needless_share: float
    lost: float
    impact: float
    evaded_share: float


def judged(found: Outcomes, needed: Bools) -> Judged:
    """Judge a driver by the same cases without any action, (N,) `needed`."""
    hit, acted = found.strike != Strike.NONE, found.braked
    answered, needless = acted | found.evaded, acted & ~needed
    return Judged(
        cases=len(hit),
        collisions=int(hit.sum()),
        acted=int(acted.sum()),
        needed=int(needed.sum()),
        saved=int((needed & answered & ~hit).sum()),
        missed=int((needed & ~answered).sum()),
        needless=int(needless.sum()),
        harm=int((hit & ~needed).sum()),
        needless_share=float(needless.sum() / max(int((~needed).sum()), 1)),
        lost=float(found.lost[needless].mean()) if needless.any() else 0.0,
        impact=float(found.impact[hit].mean()) if hit.any() else 0.0,
        evaded_share=float((found.evaded & ~needed).sum() / max(int((~needed).sum()), 1)),
    )


def needed(cases: CutIns, sideways: Sideways) -> Bools:
    """(N,) whether a case ends in a contact if nobody acts."""
    return drive(cases, sideways, Model.NOBODY).strike != Strike.NONE


def avoidable(cases: CutIns, sideways: Sideways, delay: int) -> Bools:
    """(N,) whether nobody's acting, or full braking, ends without a contact.

    Braking begins at the first sample with motion, and the delay [samples] later; the earliest is
    always among the best for a case that needs it.
    """
    first = np.argmax(sideways.speed > 0.0, axis=1)[cases.aside]
    begin = np.where(cases.aside > 0, first + delay, NEVER)
    braked = drive(cases, sideways, Model.NOBODY, begin).strike == Strike.NONE
    return braked | ~needed(cases, sideways)
