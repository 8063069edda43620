"""Two clocks, and loops that are timed the way the package is used: one call from Python a tick."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from drivestack.core.protocols import World
from drivestack.core.start import Start


@dataclass(frozen=True, slots=True)
class Timed:
    """One quantity by both clocks: a time [s], or a rate or a ratio made of times.

    Attributes:
        cpu: by this process's CPU time, which other programs on the machine hardly change.
        wall: by the clock on the wall.
    """

    cpu: float
    wall: float

    def each(self, change: Callable[[float], float]) -> Timed:
        """The same arithmetic on both clocks."""
        return Timed(change(self.cpu), change(self.wall))

    def over(self, other: Timed) -> Timed:
        """The ratio of two."""
        return Timed(self.cpu / other.cpu, self.wall / other.wall)


def timed(call: Callable[[], object]) -> Timed:
    """Seconds that a call takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return Timed(time.process_time() - cpu, time.perf_counter() - wall)


def median(values: Sequence[Timed]) -> Timed:
    """The median by each clock on its own."""
    return Timed(
        statistics.median(value.cpu for value in values),
        statistics.median(value.wall for value in values),
    )


def drive(world: World, starts: Sequence[Start], ticks: int) -> Timed:
    """Seconds of `ticks` steps after a fresh reset, which is not timed itself."""
    world.reset(starts)
    controls = np.zeros((len(starts), 2))

    def loop() -> None:
        step = world.step
        for _ in range(ticks):
            step(controls)

    return timed(loop)
