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

from .faults import ASKING_TO_STOP, NAMES, Fault, Faults, no_faults

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
        batch, tracks = len(control), observation.tracks
        trace, still, counts = np.empty(batch), np.zeros(batch), np.empty_like(memory.counts)
        _watch(observation.tick, observation.dt, observation.age, plan.tick, plan.source,
               tracks.state, tracks.valid, memory.seen, memory.tick, memory.trace, memory.still,
               memory.counts, memory.now, parameter_table(self), trace, still, counts,
               found)  # fmt: skip
        return Faults(
            counts=counts,
            now=np.zeros_like(memory.now),
            seen=np.ones(batch, np.bool_),
            tick=observation.tick,
            dt=observation.dt,
            maps=observation.maps,
            map_index=observation.map_index,
            ego=observation.ego,
            trace=trace,
            still=still,
        )


@kernel
def _watch(
    tick: NDArray, dt: NDArray, age: NDArray, planned: NDArray, source: NDArray, state: NDArray,
    valid: NDArray, seen: NDArray, last: NDArray, old_trace: NDArray, old_still: NDArray,
    old_counts: NDArray, before: NDArray, table: Table, trace: NDArray, still: NDArray,
    counts: NDArray, found: Table,
) -> None:  # fmt: skip
    """Mark what time shows; write the sum over moving tracks, and for how long it is the same."""
    own = table[0]
    for b in range(tick.shape[0]):
        for f in range(before.shape[1]):
            found[f, b].failed = before[b, f]
        found[_FUTURE_PLAN, b].failed |= source[b] != _FALLBACK and planned[b] > tick[b]
        found[_FUTURE_FRAME, b].failed |= age[b] < 0
        found[_CLOCK, b].failed |= seen[b] and tick[b] < last[b]
        total = 0.0
        for n in range(state.shape[1]):
            if valid[b, n, -1] and abs(state[b, n, -1, 3]) > own.moving:
                # weights: what one gains in x another may lose
                total += (n + 1.0) * (state[b, n, -1, 0] + 3.0 * state[b, n, -1, 1])
        trace[b] = total
        if seen[b] and total != 0.0 and total == old_trace[b]:
            still[b] = old_still[b] + max(tick[b] - last[b], 0) * dt[b]
        fresh = age[b] * dt[b] <= own.longest_still
        found[_FROZEN, b].failed |= fresh and still[b] > own.longest_still + 1e-9
        for f in range(before.shape[1]):
            there = found[f, b].failed
            found[f, b].value = 1.0 if there else 0.0
            counts[b, f] = old_counts[b, f] + there
