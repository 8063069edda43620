"""The stack: plan, track, check, filter; one `decide` a tick."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from drivestack.core.protocols import Controller
from drivestack.core.rows import take_rows
from drivestack.core.types import Bools, Decision, Floats, Goal, Observation
from drivestack.motion.actuation import delayed
from drivestack.safety.faults import Fault
from drivestack.safety.guarded import Guarded

from . import timing
from .memory import Memory, fresh, put_planned, reset_rows
from .planning import Planning
from .setup import Setup
from .timing import timed
from .tracking import tracked


@dataclass(frozen=True, slots=True, eq=False)
class StagedStack:
    """Stages that meet through records only.

    Attributes:
        setup: rates, latencies and what is known of the actuators.
        planner: plans, here or elsewhere, and may fail.
        filter: every control passes it when it is commanded.
    """

    setup: Setup
    planner: Planning
    controller: Controller
    filter: Guarded

    def start(self, batch: int, goal: Goal) -> Memory:
        """A memory without route and plan; both are made at the first tick."""
        setup = self.setup
        return fresh(
            batch,
            goal,
            setup.plans_waiting,
            setup.actuation.delay,
            self.controller.start(batch),
            self.filter.start(batch),
        )

    def reset(self, memory: Memory, rows: NDArray[np.intp], goal: Goal) -> Memory:
        """The memory with some rows given to new scenarios; `goal` is theirs, in order."""
        return reset_rows(memory, rows, goal, self.start(len(rows), goal))

    def decide(self, observation: Observation, memory: Memory) -> tuple[Decision, Memory]:
        """One control tick of all scenarios, whatever is observed and whichever stage fails."""
        seconds: dict[str, float] = {}
        with timed(seconds, "safety"):
            observation, faults = self.filter.admit(observation, memory.safety)
        memory = timing.arrived(observation, memory, self.setup)
        due = timing.due(observation, memory, self.setup)
        rows, planned = np.flatnonzero(due), np.zeros(len(due), np.bool_)
        if len(rows):
            memory, made = self._plan(observation, memory, rows, faults, seconds)
            planned[made] = True
        with timed(seconds, "motion"):
            tracking, state = tracked(self.controller, observation, memory, faults)
        with timed(seconds, "safety"):
            queue, now = timing.commands(memory.under_way, tracking.control, self.setup.uncommanded)
            seen = self._behind(observation, queue[:, :now])
            verdict, intervention, latch = self.filter.apply_to(
                seen, memory.plan, queue[:, now], memory.safety, faults
            )
            queue[:, now] = intervention.filtered
        decision = Decision(
            control=intervention.filtered,
            route=memory.route,
            candidates=memory.candidates,
            scores=memory.scores,
            plan=memory.plan,
            tracking=tracking,
            verdict=verdict,
            intervention=intervention,
            planned=planned,
            seconds=seconds,
        )
        under_way = queue[:, 1:].copy()
        return decision, replace(memory, under_way=under_way, controller=state, safety=latch)

    def _behind(self, observation: Observation, pending: Floats) -> Observation:
        """What the filter sees: the actuators as they are when the command acts.

        A steering rate is bound to the angle that the commands before it (B, D, 2) lead to.
        """
        if pending.shape[1] == 0:
            return observation
        ego = observation.ego
        cars = delayed(
            ego.state, ego.accel, ego.steer, ego.size, pending, self.setup.actuation.table
        )
        accel, steer = np.ascontiguousarray(cars[:, 4]), np.ascontiguousarray(cars[:, 5])
        return replace(observation, ego=replace(ego, accel=accel, steer=steer))

    def _plan(
        self,
        observation: Observation,
        memory: Memory,
        rows: NDArray[np.intp],
        faults: Bools,
        seconds: dict[str, float],
    ) -> tuple[Memory, NDArray[np.intp]]:
        """New plans, and new routes where they are due, for some rows; and which of them have one.

        A row for which planning fails keeps what it has.
        """
        whole = len(rows) == len(memory.planned)
        seen = observation if whole else take_rows(observation, rows)
        goal = memory.goal if whole else take_rows(memory.goal, rows)
        route = memory.route if whole else take_rows(memory.route, rows)
        now = memory.plan if whole else take_rows(memory.plan, rows)
        found = np.zeros((len(rows), faults.shape[1]), np.bool_)
        planned, good = self.planner.plan(seen, goal, route, now, found, seconds)
        if planned is not None and not timing.fits(planned.plan, memory):
            found[good, Fault.SELECTION_FAILED] = True
            planned, good = None, good[:0]
        faults[rows] |= found
        if len(good) < len(rows):
            memory = timing.held(memory, np.delete(rows, good))
        if planned is None:
            return memory, rows[:0]
        memory = put_planned(memory, rows[good], planned)
        seen = seen if len(good) == len(rows) else take_rows(seen, good)
        return timing.decided(seen, memory, rows[good], planned.plan, self.setup), rows[good]
