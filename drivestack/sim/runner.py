"""The lockstep runner: B scenarios at a time, a finished one hands its slot to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from drivestack.core.protocols import Sink, Stack, World
from drivestack.core.start import EgoKind, Start
from drivestack.core.tables import Meta
from drivestack.core.types import Decision, Ints

from .ends import outcome_of
from .rollout import DRIVEN, Rollout

NOBODY = -1
"""Queue number of an empty slot."""


class Brancher(Protocol):
    """Whoever lets scenarios go on in another way as well."""

    def on_decision(self, slots: Ints, rollout: Rollout, decision: Decision) -> None:
        """A decision that the world has not felt yet.

        Args:
            slots: queue numbers. rollout: as it was before the decision.
        """
        ...


class Lockstep:
    """Drives a queue of scenarios of equal rates through one world.

    The stack drives egos of kind plain and stack; the others drive themselves, and meta egos are
    told IDLE. Slots are filled in queue order and refilled when a plan is due, so that all slots
    plan at the same ticks. Nothing here mixes slots: an episode does not depend on its batch.
    """

    def __init__(
        self,
        world: World,
        stack: Stack,
        starts: Sequence[Start],
        sinks: Sequence[Sink],
        brancher: Brancher | None = None,
    ) -> None:
        self._world, self._stack, self._starts, self._sinks = world, stack, starts, sinks
        self._brancher = brancher
        rates = starts[0].rates
        self._control_every = rates.physics // rates.control
        self._plan_every = rates.physics // rates.plan

    def run(self, batch: int) -> None:
        """Run all scenarios, at most `batch` at once."""
        slots = min(batch, len(self._starts))
        self._queue: Ints = np.arange(slots, dtype=np.int32)
        self._next = slots
        self._logged = max(len(start.log) for start in self._starts)
        latency = max(start.sensing.latency for start in self._starts)
        self._rollout = Rollout.begun(
            self._world, self._stack, self._starts[:slots], self._logged, latency
        )
        self._tell(self._queue, None)
        clock = 0
        while self._next < len(self._starts) or (self._queue != NOBODY).any():
            self._tick(clock)
            clock += 1
            self._finish()
            if clock % self._plan_every == 0:
                self._refill()

    def _tick(self, clock: int) -> None:
        """One physics tick of all slots."""
        decision: Decision | None = None
        if self._is_driven():
            if clock % self._control_every == 0:
                decision = self._decide()
            else:
                self._rollout.watch()
        self._rollout.step(self._meta())
        self._tell(self._queue, decision)

    def _decide(self) -> Decision:
        now = self._rollout
        memory, sensed, controls = now.memory, now.sensed, now.controls
        decision = now.decide()
        if self._brancher is not None:
            before = now.as_it_was(memory, sensed, controls)
            self._brancher.on_decision(self._queue, before, decision)
        return decision

    def _finish(self) -> None:
        """End what has ended."""
        now = self._rollout
        for slot in np.flatnonzero(self._queue != NOBODY).tolist():
            number = int(self._queue[slot])
            outcome = outcome_of(now.scene, now.goal, self._starts[number].ticks, slot)
            if outcome is None:
                continue
            now.release(slot)
            self._queue[slot] = NOBODY
            for sink in self._sinks:
                sink.on_end(number, outcome)

    def _refill(self) -> None:
        """Hand empty slots to the scenarios that wait."""
        rows = np.flatnonzero(self._queue == NOBODY)[: len(self._starts) - self._next]
        if len(rows) == 0:
            return
        starts = self._starts[self._next : self._next + len(rows)]
        self._rollout.refill(rows.tolist(), starts, self._logged)
        numbers = np.arange(self._next, self._next + len(rows), dtype=np.int32)
        self._queue[rows] = numbers
        self._next += len(rows)
        told = np.full(len(self._queue), NOBODY, np.int32)
        told[rows] = numbers
        self._tell(told, None)

    def _tell(self, slots: Ints, decision: Decision | None) -> None:
        for sink in self._sinks:
            sink.on_tick(slots, self._rollout.scene, decision)

    def _is_driven(self) -> bool:
        pairs = zip(self._queue, self._rollout.starts, strict=True)
        return any(start.ego_kind in DRIVEN for number, start in pairs if number != NOBODY)

    def _meta(self) -> Ints:
        """IDLE for meta egos at their policy ticks."""
        meta = np.full(len(self._queue), Meta.NONE, np.int32)
        for slot, start in enumerate(self._rollout.starts):
            if start.ego_kind is EgoKind.META:
                if self._rollout.scene.tick[slot] % start.policy_ticks == 0:
                    meta[slot] = Meta.IDLE
        return meta
