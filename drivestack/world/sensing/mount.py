"""A sensor in one scenario: what its random numbers are named by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from drivestack.core.lights import Light
from drivestack.core.rng import stream
from drivestack.core.sensor import COMMON_RADAR, PERFECT, Radar, Sensor
from drivestack.core.start import Start
from drivestack.roads.mirror import to_iso
from drivestack.roads.stop_lines import Lines, lines_of


@dataclass(frozen=True, slots=True)
class Mount:
    """One row of a batch.

    Attributes:
        sensor: what it can do. scenario, seed: of the episode. closures, lights: as in `Start`.
        lines: where the stop lines of the lights are, ISO; None where there are no lights.
        radar: beside the sensor.
    """

    sensor: Sensor
    scenario: str
    seed: int
    closures: tuple[tuple[int, float, float], ...] = ()
    lights: tuple[Light, ...] = ()
    lines: Lines | None = None
    radar: Radar = COMMON_RADAR

    @classmethod
    def of(cls, start: Start) -> Self:
        """The sensor of a scenario."""
        sensor = PERFECT if start.sensing.is_perfect else start.sensing  # told apart at every tick
        lines = lines_of(to_iso(start.map), start.lights) if start.lights else None
        radar = start.sensing.radar
        return cls(sensor, start.scenario, start.seed, start.closures, start.lights, lines, radar)

    def random(self, purpose: str, tick: int) -> np.random.Generator:
        """The numbers of one purpose at one tick; no other purpose, tick or row moves them."""
        return stream(self.seed, self.scenario, "sensing", purpose, tick)


UNUSED = Mount(PERFECT, "", 0)
"""For slots without a scenario: nothing is computed."""
