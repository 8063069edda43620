"""The lockstep runner: B scenarios at a time, a finished one hands its slot to the next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drivestack.core.map import Map
from drivestack.core.protocols import Sink, Stack, World
from drivestack.core.start import EgoKind, Start
from drivestack.core.tables import Meta
from drivestack.core.types import Decision, Ints, Scene
from drivestack.world import sensing

from .ends import outcome_of
from .goals import goals_of

NOBODY = -1
"""Queue number of an empty slot."""

DRIVEN = (EgoKind.PLAIN, EgoKind.STACK)
"""Kinds of ego that a stack drives; the others drive themselves."""


class Lockstep:
    """Drives a queue of scenarios of equal rates through one world.

    The stack drives egos of kind plain and stack; the others drive themselves, and meta egos are
    told IDLE. Slots are filled in queue order and refilled when a plan is due, so that all slots
    plan at the same ticks. Nothing here mixes slots: an episode does not depend on its batch.
    """

    def __init__(
        self, world: World, stack: Stack, starts: Sequence[Start], sinks: Sequence[Sink]
    ) -> None:
        self._world, self._stack, self._starts, self._sinks = world, stack, starts, sinks
        rates = starts[0].rates
        self._control_every = rates.physics // rates.control
        self._plan_every = rates.physics // rates.plan

    def run(self, batch: int) -> None:
        """Run all scenarios, at most `batch` at once."""
        slots = min(batch, len(self._starts))
        first = self._starts[:slots]
        self._queue: Ints = np.arange(slots, dtype=np.int32)
        self._next = slots
        self._world.reset(first)
        self._scene = self._world.observe()
        self._logged = max(len(start.log) for start in self._starts)
        self._goal = goals_of(first, _maps(self._scene), self._logged)
        self._memory = self._stack.start(slots, self._goal)
        self._mounts = [sensing.Mount.of(start) for start in first]
        self._sensed = sensing.fresh(slots, max(s.sensing.latency for s in self._starts))
        self._controls = np.zeros((slots, 2))
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
            seen, self._sensed = sensing.sense(self._scene, self._mounts, self._sensed)
            if clock % self._control_every == 0:
                decision, self._memory = self._stack.decide(seen, self._memory)
                self._controls = decision.control
        self._world.step(self._controls, self._meta())
        self._scene = self._world.observe()
        self._tell(self._queue, decision)

    def _finish(self) -> None:
        """End what has ended."""
        for slot in np.flatnonzero(self._queue != NOBODY).tolist():
            number = int(self._queue[slot])
            outcome = outcome_of(self._scene, self._goal, self._starts[number].ticks, slot)
            if outcome is None:
                continue
            self._world.release(slot)
            self._queue[slot] = NOBODY
            self._mounts[slot] = sensing.UNUSED
            for sink in self._sinks:
                sink.on_end(number, outcome)

    def _refill(self) -> None:
        """Hand empty slots to the scenarios that wait."""
        rows = np.flatnonzero(self._queue == NOBODY)[: len(self._starts) - self._next]
        if len(rows) == 0:
            return
        starts = self._starts[self._next : self._next + len(rows)]
        for row, start in zip(rows, starts, strict=True):
            self._world.refill(int(row), start)
            self._mounts[row] = sensing.Mount.of(start)
        numbers = np.arange(self._next, self._next + len(rows), dtype=np.int32)
        self._queue[rows] = numbers
        self._next += len(rows)
        self._scene = self._world.observe()
        maps = _maps(self._scene)
        every = [self._start(number) for number in self._queue]
        self._goal = goals_of(every, maps, self._logged)
        part = goals_of(starts, [maps[row] for row in rows], self._logged)
        self._memory = self._stack.reset(self._memory, rows, part)
        self._sensed = sensing.reset_rows(self._sensed, rows)
        told = np.full(len(self._queue), NOBODY, np.int32)
        told[rows] = numbers
        self._tell(told, None)

    def _tell(self, slots: Ints, decision: Decision | None) -> None:
        for sink in self._sinks:
            sink.on_tick(slots, self._scene, decision)

    def _start(self, number: int) -> Start:
        """The scenario of a queue number; for an empty slot any one."""
        return self._starts[max(number, 0)]

    def _is_driven(self) -> bool:
        return any(self._start(n).ego_kind in DRIVEN for n in self._queue if n != NOBODY)

    def _meta(self) -> Ints:
        """IDLE for meta egos at their policy ticks."""
        meta = np.full(len(self._queue), Meta.NONE, np.int32)
        for slot, number in enumerate(self._queue):
            start = self._start(number)
            if start.ego_kind is EgoKind.META and self._scene.tick[slot] % start.policy_ticks == 0:
                meta[slot] = Meta.IDLE
        return meta


def _maps(scene: Scene) -> list[Map]:
    """The ISO map of every slot."""
    return [scene.maps[number] for number in scene.map_index]
