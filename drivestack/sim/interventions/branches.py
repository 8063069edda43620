"""Scenarios that go on from a moment without the layer, or braking: many in one batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from drivestack.core.arrays import check_fields
from drivestack.core.episode import Episode, Outcome
from drivestack.core.rows import Batched, join_rows
from drivestack.core.tables import Table
from drivestack.core.types import Filtering, Floats, Ints, Observation, Plan
from drivestack.safety import BARE
from drivestack.sim.driver import Driver
from drivestack.sim.ends import outcome_of
from drivestack.sim.recorder import Recorder
from drivestack.sim.rollout import Moment, Rollout
from drivestack.stack.stack import StagedStack

FULL = -8.0
"""Acceleration of full braking [m/s2]; the least of `safety.envelope`."""

NEVER = np.iinfo(np.int32).max
"""A tick that never comes."""


@dataclass(frozen=True, slots=True)
class Branch:
    """How a scenario goes on from a moment.

    Attributes:
        moment: from which. brake_from: tick from which on it brakes fully.
    """

    moment: Moment
    brake_from: int = NEVER


@dataclass(frozen=True, slots=True, eq=False)
class Begin:
    """When each scenario brakes.

    Attributes:
        tick: (B,).
    """

    tick: Ints

    def __post_init__(self) -> None:
        check_fields(self, {"tick": ("B", np.int32)})


@dataclass(frozen=True, slots=True)
class BrakeFrom:
    """A check that lets nobody do anything but brake, once his time has come.

    Attributes:
        period: time a control is held [s].
    """

    period: float

    @property
    def columns(self) -> Mapping[str, Filtering]:
        """One."""
        return {"brake_from": Filtering.EMERGENCY_BRAKE}

    def start(self, batch: int) -> Begin:
        """Nobody brakes."""
        return Begin(np.full(batch, NEVER, np.int32))

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Begin, found: Table
    ) -> Begin:
        """The most acceleration is that of full braking, less where it would reverse."""
        mine, due = found[0], observation.tick >= memory.tick
        stop = np.maximum(FULL, -np.maximum(observation.ego.state[:, 3], 0.0) / self.period)
        mine["failed"] = due
        mine["high"][due, 0] = stop[due]
        return memory


class Branches:
    """Drives branches of scenarios of equal rates.

    Args:
        driver: who drives; his layer is left out. ticks: for how long. batch: how many at once.
        look: called at every tick; may raise.
    """

    def __init__(self, driver: Driver, ticks: int, batch: int, look: Callable[[], None]) -> None:
        self._driver = replace(driver, layer=BARE)
        self._ticks, self._batch, self._look = ticks, batch, look

    def driven(self, branches: Sequence[Branch]) -> list[Episode | None]:
        """What each comes to, ticks from its moment on; None where it raised an exception."""
        found: list[Episode | None] = [None] * len(branches)
        for rows in self._batches(branches):
            some = [branches[row] for row in rows]
            for row, episode in zip(rows, self._each(some), strict=True):
                found[row] = episode
        return found

    def _batches(self, branches: Sequence[Branch]) -> Iterator[list[int]]:
        """Places of branches that can be driven together."""
        groups: dict[Any, list[int]] = {}
        for row, branch in enumerate(branches):
            groups.setdefault(branch.moment.layout, []).append(row)
        for rows in groups.values():
            for at in range(0, len(rows), self._batch):
                yield rows[at : at + self._batch]

    def _each(self, branches: Sequence[Branch]) -> Sequence[Episode | None]:
        """Those of one batch; one by one if it raises: nothing depends on the batch."""
        try:
            return self._together(branches)
        except Exception:
            if len(branches) == 1:
                return [None]
        return [self._each([branch])[0] for branch in branches]

    def _together(self, branches: Sequence[Branch]) -> Sequence[Episode]:
        rollout = self._resumed(branches)
        found: dict[int, Episode] = {}
        recorder = Recorder(rollout.starts, found.__setitem__)
        slots = np.arange(len(branches), dtype=np.int32)
        recorder.on_tick(slots, rollout.scene, None)
        rates = rollout.starts[0].rates
        every = rates.physics // rates.control
        for tick in range(self._ticks):
            self._look()
            if tick % every == 0:
                rollout.decide()
            else:
                rollout.watch()
            rollout.step()
            recorder.on_tick(slots, rollout.scene, None)
            self._end(rollout, recorder, slots, tick == self._ticks - 1)
            if (slots < 0).all():
                break
        return [found[row] for row in range(len(branches))]

    def _end(self, rollout: Rollout, recorder: Recorder, slots: Ints, over: bool) -> None:
        """End what has ended, or all of it; `slots` is changed."""
        for slot in np.flatnonzero(slots >= 0).tolist():
            limit = rollout.starts[slot].ticks
            outcome = outcome_of(rollout.scene, rollout.goal, limit, slot)
            if outcome is None and not over:
                continue
            rollout.release(slot)
            slots[slot] = -1
            recorder.on_end(slot, outcome or Outcome.TIMEOUT)

    def _resumed(self, branches: Sequence[Branch]) -> Rollout:
        """The batch at its beginning: the layer is gone, and braking put in its place."""
        moments = [branch.moment for branch in branches]
        stack = cast(StagedStack, self._driver.stack_for(moments[0].start))
        bare = stack.filter.filter
        checks = (*bare.checks, BrakeFrom(bare.period))
        filter = replace(stack.filter, filter=replace(bare, checks=checks))
        latch = filter.start(len(branches))
        ticks = Begin(np.array([branch.brake_from for branch in branches], np.int32))
        latch = replace(latch, checks=Batched((*latch.checks[:-1], ticks)))
        memory = replace(join_rows([moment.memory for moment in moments]), safety=latch)
        return Rollout.resumed(moments, replace(stack, filter=filter), memory)
