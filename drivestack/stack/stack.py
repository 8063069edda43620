"""The stack: route, propose, score, select, track, check, filter; one `decide` a tick."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.select import select
from drivestack.behavior.stop_lines import with_stop_lines
from drivestack.core.protocols import Controller, Proposer, Router, Scorer
from drivestack.core.rows import put_rows, take_rows
from drivestack.core.types import (
    Bools,
    Candidates,
    Decision,
    Floats,
    Goal,
    Observation,
    Route,
    Scores,
)
from drivestack.motion.actuation import delayed
from drivestack.route.off_route import Keep, stale
from drivestack.safety.faults import Fault
from drivestack.safety.guarded import Guarded

from . import timing
from .contained import answered, contained, surviving
from .memory import Memory, Planned, fresh, put_planned, reset_rows
from .setup import Setup
from .tracking import tracked


@dataclass(frozen=True, slots=True, eq=False)
class StagedStack:
    """Stages that meet through records only.

    Attributes:
        setup: rates, latencies and what is known of the actuators.
        filter: every control passes it when it is commanded.
    """

    setup: Setup
    router: Router
    proposer: Proposer
    scorer: Scorer
    controller: Controller
    filter: Guarded
    keep: Keep

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
        with _timed(seconds, "safety"):
            observation, faults = self.filter.admit(observation, memory.safety)
        memory = timing.arrived(observation, memory, self.setup)
        due = timing.due(observation, memory, self.setup)
        rows = np.flatnonzero(due)
        if len(rows):
            memory = self._plan(observation, memory, rows, faults, seconds)
        with _timed(seconds, "motion"):
            tracking, state = tracked(self.controller, observation, memory, faults)
        with _timed(seconds, "safety"):
            queue, now = timing.commands(memory.under_way, tracking.control, self.setup.uncommanded)
            seen = self._behind(observation, queue[:, :now])
            verdict, intervention, latch = self.filter.apply(
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
            planned=due,
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
    ) -> Memory:
        """New plans, and new routes where they are due, for some rows.

        A row for which a stage fails keeps what it has.
        """
        planned, good = surviving(
            lambda some: self._planned(observation, memory, some, seconds), rows, faults
        )
        if planned is None:
            return memory
        memory = put_planned(memory, good, planned)
        seen = observation if len(good) == len(memory.planned) else take_rows(observation, good)
        return timing.decided(seen, memory, good, planned.plan, self.setup)

    def _planned(
        self,
        observation: Observation,
        memory: Memory,
        rows: NDArray[np.intp],
        seconds: dict[str, float],
    ) -> Planned:
        """What the planning stages say of some rows.

        Raises:
            StageError: one of them has failed.
        """
        batch, whole = len(rows), len(rows) == len(memory.planned)
        seen = observation if whole else take_rows(observation, rows)
        goal = memory.goal if whole else take_rows(memory.goal, rows)
        route = memory.route if whole else take_rows(memory.route, rows)
        with contained(Fault.ROUTER_FAILED), _timed(seconds, "route"):
            route = self._reroute(seen, goal, route)
        with contained(Fault.PROPOSER_FAILED), _timed(seconds, "propose"):
            held = with_stop_lines(seen, route)
            candidates = answered(self.proposer.propose(held, route, goal), Candidates, batch)
        with contained(Fault.SCORER_FAILED), _timed(seconds, "score"):
            scores = answered(self.scorer.score(held, route, candidates), Scores, batch)
        with contained(Fault.SELECTION_FAILED), _timed(seconds, "select"):
            plan = select(seen, candidates, scores)
            timing.check_fits(plan, memory.plan, memory.planned)
        return Planned(route, candidates, scores, plan)

    def _reroute(self, seen: Observation, goal: Goal, route: Route) -> Route:
        """The route with the rows made anew that need it."""
        rows = np.flatnonzero(stale(seen, route, self.keep))
        if len(rows) == 0:
            return route
        part = self.router.route(take_rows(seen, rows), take_rows(goal, rows))
        part = answered(part, Route, len(rows))
        return part if len(rows) == len(route.spacing) else put_rows(route, rows, part)


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    """Add the wall time of a stage."""
    begin = time.perf_counter()
    yield
    seconds[stage] = seconds.get(stage, 0.0) + time.perf_counter() - begin
