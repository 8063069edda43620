"""How far a run is, for whoever wants to show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """What a run is busy with."""

    CHECKING = "checking"
    """Scenarios of the files are checked; `total` is known so far."""
    DRIVING = "episodes"


@dataclass(frozen=True, slots=True)
class Advance:
    """A step of a run.

    Attributes:
        phase: what it is busy with. done, total: scenarios; a total is corrected as exclusions are
        come to. ticks: physics ticks driven since the last step. references: scenarios of which the
        reference has been driven since the last step.
    """

    phase: Phase
    done: int
    total: int
    ticks: int = 0
    references: int = 0


Progress = Callable[[Advance], None]
"""Told of every step."""
