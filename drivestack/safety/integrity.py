"""What was wrong with the inputs as a check like any other, and what only time shows.

The entrance (`guarded.py`) finds what cannot be used and writes it into this check's memory; the
check adds what needs the ticks before: frozen frames, clocks that run backwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Table
from drivestack.core.types import Filtering, Floats, Observation, Plan, PlanSource

from .faults import ASKING_TO_STOP, LAST, NAMES, Fault, Faults, no_faults

_FUTURE_PLAN, _FUTURE_FRAME = int(Fault.PLAN_OF_THE_FUTURE), int(Fault.FRAME_OF_THE_FUTURE)
_FROZEN, _CLOCK = int(Fault.FRAME_FROZEN), int(Fault.CLOCK_RUNS_BACKWARDS)
_FALLBACK = int(PlanSource.FALLBACK)

_RESPONSE = {
    name: Filtering.MINIMAL_RISK if fault in ASKING_TO_STOP else Filtering.PASSED
    for name, fault in zip(NAMES, Fault, strict=True)
}


@dataclass(frozen=True, slots=True)
class Integrity:
    """One check for each `Fault`; those of `ASKING_TO_STOP` ask for the minimal-risk condition.

    Attributes:
        period: time a control is held [s].
        longest_still: for which tracks may all stand on the spot while they say that they move
        [s]; as old as a frame may be.
        moving: slower tracks may stand on the spot [m/s]; our choice.
        unseen_speed: of an ego that was never seen [m/s]; our choice: fast, so that it brakes.
        unseen_length, unseen_width: of that ego [m]; highway-env's car.
    """

    period: float
    longest_still: float = 0.5
    moving: float = 0.5
    unseen_speed: float = 50.0
    unseen_length: float = 5.0
    unseen_width: float = 2.0

    @property
    def columns(self) -> Mapping[str, Filtering]:
        """One a `Fault`."""
        return _RESPONSE

    def start(self, batch: int) -> Faults:
        """Nothing was seen yet."""
        size = self.unseen_length, self.unseen_width
        return no_faults(batch, self.period, self.unseen_speed, size)

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Faults, found: Table
    ) -> Faults:
        """The value is 1 for a fault that is there and 0 else; the limit is 0."""
        tracks, last = observation.tracks, np.zeros(len(control), LAST)
        counts = np.empty(memory.counts.shape, np.int32)
        _watch(observation.tick, observation.dt, observation.age, plan.tick,
               plan.source, tracks.state, tracks.valid, memory.last, memory.counts, memory.now,
               parameter_table(self), last, counts, found)  # fmt: skip
        nothing = np.zeros(memory.now.shape, np.bool_)
        seen = observation.maps, observation.map_index, observation.ego
        return Faults(counts, nothing, last, *seen)


@kernel
def _watch(
    tick: NDArray, dt: NDArray, age: NDArray, planned: NDArray,
    source: NDArray, state: NDArray, valid: NDArray, old: Table, old_counts: NDArray,
    known: NDArray, table: Table, new: Table, counts: NDArray, found: Table,
) -> None:  # fmt: skip
    """Mark what time shows; write the sum over moving tracks, and for how long it is the same."""
    own = table[0]
    for b in range(tick.shape[0]):
        before, last = old[b], new[b]
        last.seen, last.tick, last.dt = True, tick[b], dt[b]
        for f in range(known.shape[1]):
            found[f, b].failed = known[b, f]
        found[_FUTURE_PLAN, b].failed |= source[b] != _FALLBACK and planned[b] > tick[b]
        found[_FUTURE_FRAME, b].failed |= age[b] < 0
        found[_CLOCK, b].failed |= before.seen and tick[b] < before.tick
        total = 0.0
        for n in range(state.shape[1]):
            if valid[b, n, -1] and abs(state[b, n, -1, 3]) > own.moving:
                # weights: what one gains in x another may lose
                total += (n + 1.0) * (state[b, n, -1, 0] + 3.0 * state[b, n, -1, 1])
        last.total, last.still = total, 0.0
        if before.seen and total != 0.0 and total == before.total:
            last.still = before.still + max(tick[b] - before.tick, 0) * dt[b]
        fresh = age[b] * dt[b] <= own.longest_still
        found[_FROZEN, b].failed |= fresh and last.still > own.longest_still + 1e-9
        for f in range(known.shape[1]):
            there = found[f, b].failed
            found[f, b].value = 1.0 if there else 0.0
            counts[b, f] = old_counts[b, f] + there
