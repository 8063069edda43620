"""The twins of interventions: the same world from the same moment on, without the layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from drivestack.core.errors import InputError
from drivestack.core.types import Decision, Ints
from drivestack.sim.driver import Driver
from drivestack.sim.rollout import DRIVEN, Moment, Rollout

from .branches import Branch, Branches
from .fate import Fate, fate_of
from .spells import GAP, Onsets, acting

HORIZON = 8.0
"""How long a twin is followed [s]; our choice: a car at 30 m/s with 4 m/s2 stands by then."""

LONGEST = 120.0
"""More is no twin of one intervention but of a whole episode [s]."""


@dataclass(frozen=True, slots=True)
class Twins:
    """How twins are driven.

    Attributes:
        horizon: [s]. batch: how many at once.
    """

    horizon: float = HORIZON
    batch: int = 64

    def __post_init__(self) -> None:
        if not 0.0 < self.horizon <= LONGEST:
            limits = f"more than 0 s and at most {LONGEST:g} s"
            raise InputError(f"twins must be followed for {limits}, got {self.horizon:g}")


@dataclass(frozen=True, slots=True, eq=False)
class Twin:
    """One of them.

    Attributes:
        place: of the scenario in its group. tick: at which the intervention begins.
        moment: at that tick. fate: what becomes of it; None: it raised an exception.
    """

    place: int
    tick: int
    moment: Moment
    fate: Fate | None = None


class Splitter:
    """A `Brancher` that keeps the moment at which each spell begins."""

    def __init__(self, places: Sequence[int], dt: float, keep: Callable[[Twin], None]) -> None:
        self._places, self._keep = places, keep
        self._onsets = Onsets(GAP, dt)

    def on_decision(self, slots: Ints, rollout: Rollout, decision: Decision) -> None:
        """Keep the moment before an intervention."""
        for slot in np.flatnonzero(acting(decision) & (slots >= 0)).tolist():
            if rollout.starts[slot].ego_kind not in DRIVEN:
                continue
            place, tick = self._places[int(slots[slot])], int(rollout.scene.tick[slot])
            if self._onsets.begins(place, tick):
                self._keep(Twin(place, tick, rollout.moment(slot)))


class TwinRuns:
    """Drives the twins of one group of scenarios, as soon as there are enough for a batch.

    Args:
        look: called at every tick; may raise.
    """

    def __init__(self, twins: Twins, driver: Driver, dt: float, look: Callable[[], None]) -> None:
        self.ticks = round(twins.horizon / dt)
        self.branches = Branches(driver, self.ticks, twins.batch, look)
        self._batch, self._dt = twins.batch, dt
        self._waiting: list[Twin] = []
        self._found: dict[tuple[int, int], Twin] = {}

    def splitter(self, places: Sequence[int]) -> Splitter:
        """Keeps the moments of scenarios; places: of each queue number, in the group."""
        return Splitter(places, self._dt, self._add)

    def settled(self) -> Iterator[Twin]:
        """All twins, driven."""
        self._drive()
        yield from self._found.values()

    def _add(self, twin: Twin) -> None:
        self._waiting.append(twin)
        if len(self._waiting) >= self._batch:
            self._drive()

    def _drive(self) -> None:
        waiting, self._waiting = self._waiting, []
        driven = self.branches.driven([Branch(twin.moment) for twin in waiting])
        for twin, episode in zip(waiting, driven, strict=True):
            fate = None if episode is None else fate_of(episode, twin.tick, self.ticks)
            self._found[twin.place, twin.tick] = Twin(twin.place, twin.tick, twin.moment, fate)
