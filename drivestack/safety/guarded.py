"""The entrance of the layer: whatever it is given, a command comes out in the same tick.

Everything is looked at before a check sees it. What cannot be used is replaced (`admission.py`),
and noted in the memory of `Integrity`, which counts it and says what follows. An ego that is no
longer seen is reckoned on from what was commanded: its brakes are let go at a standstill.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.rows import Batched
from drivestack.core.types import Bools, Floats, Intervention, Observation, Verdict
from drivestack.vehicle.bicycle import euler_step

from .admission import admitted_control, admitted_observation, admitted_plan, no_fault
from .faults import Fault, Faults
from .filter import Filter, Latch
from .integrity import Integrity

_BLIND = [Fault.OBSERVATION_MISSING, Fault.EGO_NOT_FINITE, Fault.EGO_OUT_OF_RANGE]


@dataclass(frozen=True, slots=True)
class Guarded:
    """A filter that takes anything.

    Attributes:
        filter: one of its checks is `Integrity`.
    """

    filter: Filter

    @property
    def _place(self) -> int:
        """Of `Integrity` among the checks."""
        kinds = [isinstance(check, Integrity) for check in self.filter.checks]
        return kinds.index(True)

    def start(self, batch: int) -> Latch:
        """A fresh memory, the filter's."""
        return self.filter.start(batch)

    def faults(self, memory: Latch) -> Faults:
        """What was wrong so far."""
        return memory.checks[self._place]

    def admit(self, observation: Any, memory: Latch) -> tuple[Observation, Bools]:
        """An observation that can be used in any case, and (B, F) what was wrong with it."""
        found = no_fault(len(memory.state))
        return admitted_observation(observation, self.faults(memory), found), found

    def apply(
        self, observation: Any, plan: Any, control: Any, memory: Latch
    ) -> tuple[Verdict, Intervention, Latch]:
        """As `Filter.apply`, for anything instead of observation, plan and control."""
        seen, found = self.admit(observation, memory)
        return self.apply_to(seen, plan, control, memory, found)

    def apply_to(
        self, seen: Observation, plan: Any, control: Any, memory: Latch, found: Bools
    ) -> tuple[Verdict, Intervention, Latch]:
        """Likewise, where the observation was admitted before.

        Args:
            found: (B, F) faults that are known already, of it and of stages; others are added.
        """
        plan = admitted_plan(plan, seen.tick, found)
        control = admitted_control(control, found)
        if not found.any():
            return self.filter.apply(seen, plan, control, memory)
        marked = self._with(memory, replace(self.faults(memory), now=found))
        verdict, intervention, after = self.filter.apply(seen, plan, control, marked)
        return verdict, intervention, self._reckoned(seen, found, intervention.filtered, after)

    def _with(self, memory: Latch, faults: Faults) -> Latch:
        """The filter's memory with another memory of faults."""
        place, checks = self._place, memory.checks
        return replace(memory, checks=Batched((*checks[:place], faults, *checks[place + 1 :])))

    def _reckoned(self, seen: Observation, found: Bools, filtered: Floats, memory: Latch) -> Latch:
        """Egos that were not seen are where the command takes them, for the tick after."""
        lost = found[:, _BLIND].any(axis=1)
        if not lost.any():
            return memory
        faults, ego = self.faults(memory), seen.ego
        state, steer = ego.state.copy(), np.where(lost, filtered[:, 1], ego.steer)
        _reckon(np.flatnonzero(lost), filtered, ego.size, self.filter.period, state)
        moved = replace(ego, state=state, steer=steer)
        missing, last = found[:, Fault.OBSERVATION_MISSING], faults.last.copy()
        ticks = np.rint(self.filter.period / seen.dt).astype(np.int32)
        last["tick"] = np.where(missing, seen.tick + ticks, seen.tick)
        last["seen"] &= ~lost
        return self._with(memory, replace(faults, last=last, ego=moved))


@kernel
def _reckon(rows: NDArray, control: NDArray, size: NDArray, period: float, state: NDArray) -> None:
    """Move some egos on by a period."""
    for b in rows:
        x, y, yaw, v = state[b]
        state[b, 0], state[b, 1], state[b, 2], state[b, 3] = euler_step(
            x, y, yaw, v, control[b, 0], control[b, 1], size[b, 0], period
        )
