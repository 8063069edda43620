"""The performance model of UN R157, as the JRC's study reads it: brake late, but hard at once."""

from __future__ import annotations

from dataclasses import dataclass

from drivestack.core.compiled import inlined_kernel
from drivestack.core.tables import Row


@dataclass(frozen=True, slots=True)
class Reg157:
    """Attributes: response: [s]. brake: [m/s2]. beside: clear distance to the side at which another
    one counts as cutting in [m]. slack: added to the time that braking takes [s]."""

    response: float = 0.35
    brake: float = 6.0
    beside: float = 0.5
    slack: float = 0.45


@inlined_kernel
def unsafe(gap: float, aside: float, speed: float, lead: float, own: Row) -> bool:
    """Whether the time to collision is below half of that to brake the difference away.

    Args:
        gap, aside: clear distances ahead and to the side [m]; also where he is alongside the gap's
        magnitude counts. speed, lead: [m/s].
    """
    closing = speed - lead
    if aside > own.beside or closing <= 0.0:
        return False
    return abs(gap) / closing <= closing / (2.0 * own.brake) + own.slack
