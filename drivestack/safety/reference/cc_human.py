"""The 'careful and competent' human driver of UN R157, in the JRC's reading.

He looks once, when the other begins to overlap his lane's width: from a time to collision above two
seconds on nothing follows, whatever happens then. Disputed as too optimistic (ec-jrc/JRC-FSM#2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from drivestack.core.compiled import inlined_kernel
from drivestack.core.tables import Row


@dataclass(frozen=True, slots=True)
class CcHuman:
    """Attributes: response: [s], in which he lifts off the pedal. lift_off: [m/s2]. critical: time
    to collision from which on he does nothing [s]."""

    response: float = 0.75
    lift_off: float = 0.4
    critical: float = 2.0


@inlined_kernel
def time_to_collision(gap: float, speed: float, lead: float) -> float:
    """[s] at constant speeds; infinite where the gap does not shrink."""
    return gap / (speed - lead) if speed > lead else math.inf


@inlined_kernel
def is_critical(gap: float, speed: float, lead: float, own: Row) -> bool:
    """What he decides on at the first overlap."""
    return time_to_collision(gap, speed, lead) <= own.critical
