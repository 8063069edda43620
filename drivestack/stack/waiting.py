"""Plans that have been decided and do not act yet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.types import Bools, Floats, Ints, Plan


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """D plans of each scenario, a ring; places that are not `valid` are free.

    Attributes:
        states: (B, D, T, 4). controls: (B, D, T, 2). chosen, source, tick: (B, D) as in `Plan`.
        valid: (B, D).
    """

    states: Floats
    controls: Floats
    chosen: Ints
    source: Ints
    tick: Ints
    valid: Bools

    def __post_init__(self) -> None:
        check_fields(self, _WAITING)

    @classmethod
    def none(cls, batch: int, depth: int, steps: int) -> Self:
        """Nothing waits; room for `depth` plans of `steps` steps."""
        shape = (batch, depth)
        return cls(
            states=np.zeros((*shape, steps, 4)),
            controls=np.zeros((*shape, steps, 2)),
            chosen=np.zeros(shape, np.int32),
            source=np.zeros(shape, np.int32),
            tick=np.zeros(shape, np.int32),
            valid=np.zeros(shape, np.bool_),
        )

    def joined_by(self, plan: Plan, rows: NDArray[np.intp]) -> Waiting:
        """With new plans of some rows, which take the place of the oldest where none is free."""
        kept = self
        if self.states.shape[2] != plan.states.shape[1]:
            batch, depth = self.valid.shape
            kept = Waiting.none(batch, depth, plan.states.shape[1])
        at = np.argmin(np.where(kept.valid[rows], kept.tick[rows] + 1, 0), axis=1)
        changes = {}
        for name in ("states", "controls", "chosen", "source", "tick"):
            changes[name] = getattr(kept, name).copy()
            changes[name][rows, at] = getattr(plan, name)
        valid = kept.valid.copy()
        valid[rows, at] = True
        return Waiting(**changes, valid=valid)

    def arrived(self, now: Ints, latency: int) -> tuple[Ints, Bools, Waiting]:
        """Which plan of each row acts from now on: its place (B,), whether there is one (B,).

        What has arrived leaves the ring; of several the youngest counts.
        """
        ready = self.valid & (self.tick + latency <= now[:, None])
        place = np.argmax(np.where(ready, self.tick, -1), axis=1).astype(np.int32)
        some: Bools = np.any(ready, axis=1)
        return place, some, replace(self, valid=self.valid & ~ready)

    def plan_at(self, place: Ints, rows: NDArray[np.intp], dt: Floats) -> Plan:
        """The plans of some rows at their places; dt: (B,) [s] of all rows."""
        at = place[rows]
        return Plan(
            states=self.states[rows, at],
            controls=self.controls[rows, at],
            chosen=self.chosen[rows, at],
            source=self.source[rows, at],
            tick=self.tick[rows, at],
            dt=dt[rows],
        )


_WAITING = {
    "states": ("B D T 4", np.float64),
    "controls": ("B D T 2", np.float64),
    "chosen": ("B D", np.int32),
    "source": ("B D", np.int32),
    "tick": ("B D", np.int32),
    "valid": ("B D", np.bool_),
}
