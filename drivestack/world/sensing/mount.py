"""A sensor in one scenario: what its random numbers are named by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from drivestack.core.rng import stream
from drivestack.core.sensor import PERFECT, Sensor
from drivestack.core.start import Start


@dataclass(frozen=True, slots=True)
class Mount:
    """One row of a batch.

    Attributes:
        sensor: what it can do. scenario, seed: of the episode. closures: as in `Start`.
    """

    sensor: Sensor
    scenario: str
    seed: int
    closures: tuple[tuple[int, float, float], ...] = ()

    @classmethod
    def of(cls, start: Start) -> Self:
        """The sensor of a scenario."""
        sensor = PERFECT if start.sensing.is_perfect else start.sensing  # told apart at every tick
        return cls(sensor, start.scenario, start.seed, start.closures)

    def random(self, purpose: str, tick: int) -> np.random.Generator:
        """The numbers of one purpose at one tick; no other purpose, tick or row moves them."""
        return stream(self.seed, self.scenario, "sensing", purpose, tick)


UNUSED = Mount(PERFECT, "", 0)
"""For slots without a scenario: nothing is computed."""
