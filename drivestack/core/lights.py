"""Traffic lights: cycles of timed phases, and the stop lines that they govern.

What a light shows is a function of the tick alone, so no state of it has to be kept or forked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Colour(IntEnum):
    """What a light shows."""

    RED = 0
    RED_YELLOW = 1
    YELLOW = 2
    GREEN = 3
    INACTIVE = 4
    """Dark: it asks nothing of anybody."""


HALTING = (Colour.RED, Colour.RED_YELLOW)
"""Colours at which a stop line may not be crossed."""


@dataclass(frozen=True, slots=True)
class Light:
    """One light.

    Attributes:
        name: for logs and reasons.
        phases: colour and length [ticks] of each phase, in turn and for ever.
        offset: the tick at which a first phase begins; there are others before and after it.
        lines: the stop lines that it governs: lane index and s [m].
    """

    name: str
    phases: tuple[tuple[Colour, int], ...]
    offset: int
    lines: tuple[tuple[int, float], ...]

    def __post_init__(self) -> None:
        if not self.phases or min(length for _, length in self.phases) < 1:
            raise ValueError(f"Light.phases: expected phases of a tick and more, of {self.name}")

    @property
    def period(self) -> int:
        """Length of the cycle [ticks]."""
        return sum(length for _, length in self.phases)

    def at(self, tick: int) -> Colour:
        """What it shows at a tick."""
        left = (tick - self.offset) % self.period
        for colour, length in self.phases:
            if left < length:
                return colour
            left -= length
        raise AssertionError("a remainder is less than the period")

    def over(self, ticks: NDArray[np.integer]) -> NDArray[np.int32]:
        """What it shows at ticks (T,)."""
        return np.array([self.at(tick) for tick in ticks.tolist()], np.int32)
