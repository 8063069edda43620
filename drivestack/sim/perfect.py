"""Stacks with one stage made perfect: what they no longer get wrong is what that stage costs.

A perfect stage is told the world, or has nothing left to do: sensors see everything at once;
proposals have what the oracle advises among them; the choice is by what comes of candidates in
forks of the world as it is; wheels do what the plan says; a plan that ends in a contact that the
ego answers for is replaced by the oracle's.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.origin import Origin
from drivestack.behavior.scorers.terms import NC
from drivestack.behavior.scorers.witnessed import Witness
from drivestack.behavior.stop_lines import with_stop_lines
from drivestack.core.protocols import Controller, Doubtful, Proposer
from drivestack.core.rows import put_rows, take_rows
from drivestack.core.sensor import PERFECT
from drivestack.core.start import Start
from drivestack.core.tables import Plant
from drivestack.core.types import (
    Bools,
    Candidates,
    Floats,
    Goal,
    Observation,
    Plan,
    PlanSource,
    Route,
    Scores,
    Status,
    Tracking,
)
from drivestack.expert.oracle import Oracle, chosen
from drivestack.expert.trying import tried
from drivestack.motion.pid import Pid
from drivestack.stack.memory import Planned
from drivestack.stack.planner import StagedPlanner
from drivestack.stack.planning import Planning
from drivestack.stack.setup import Setup
from drivestack.stack.stack import StagedStack

from .experts import due_slots


class Stage(StrEnum):
    """That can be made perfect."""

    SENSING = "sensing"
    PROPOSALS = "proposals"
    CHOICE = "choice"
    TRACKING = "tracking"
    SAFETY = "safety"


def perfect_start(stage: Stage, start: Start) -> Start:
    """What a scenario is then: seen by perfect sensors, or with wheels that obey at once."""
    if stage is Stage.SENSING:
        return replace(start, sensing=PERFECT)
    if stage is Stage.TRACKING:
        slot = start.slot.copy()
        slot["plant"], slot["delay"] = Plant.KINEMATIC, 0
        return replace(start, slot=slot)
    return start


def perfect_stack(
    stage: Stage, stack: StagedStack, world: Doubtful, setup: Setup, oracle: Oracle
) -> StagedStack:
    """A stack for slots of a world, with one stage made perfect.

    Raises:
        ValueError: its planner has no stages.
    """
    planner, period = stack.planner, setup.rates.physics // setup.rates.plan
    follows = Pid(setup.actuation)
    if stage is Stage.TRACKING:
        return replace(stack, controller=Exact())
    if stage is Stage.SAFETY:
        rescuing = Rescuing(planner, world, period, oracle, follows)
        return replace(stack, planner=rescuing)
    if stage is Stage.SENSING:
        return stack
    if not isinstance(planner, StagedPlanner):
        raise ValueError("only a planner in the stack's own process has stages")
    if stage is Stage.PROPOSALS:
        helped = Helped(planner.proposer, world, period, oracle)
        return replace(stack, planner=replace(planner, proposer=helped))
    seeing = Seeing(world, period, follows, Witness())
    return replace(stack, planner=replace(planner, scorer=seeing, margin=0.0))


@dataclass(frozen=True, slots=True)
class Exact:
    """Commands what the plan says for the moment (`core.protocols.Controller`)."""

    def start(self, batch: int) -> Any:
        """Nothing is remembered."""
        return Exactly()

    def track(
        self, observation: Observation, plan: Plan, under_way: Floats, state: Any
    ) -> tuple[Tracking, Any]:
        """The plan's own control."""
        rows, steps = np.arange(len(plan.tick)), plan.states.shape[1]
        elapsed = (observation.tick - plan.tick) * observation.dt
        step = np.clip((elapsed / plan.dt + 1e-9).astype(np.intp), 0, steps - 1)
        control = plan.controls[rows, step]
        # a plan brakes for a step, a control is held for less: nobody drives backwards for it
        least = -np.maximum(observation.ego.state[:, 3], 0.0) / observation.dt
        control[:, 0] = np.maximum(control[:, 0], least)
        tracking = Tracking(
            control=control,
            predicted=np.concatenate([observation.ego.state[:, None], plan.states], axis=1),
            status=np.full(len(rows), Status.SOLVED, np.int32),
            residual=np.zeros(len(rows)),
        )
        return tracking, state


@dataclass(frozen=True, slots=True, eq=False)
class Exactly:
    """What `Exact` remembers: nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Helped:
    """A proposer's candidates, and what an oracle advises (`core.protocols.Proposer`)."""

    inner: Proposer
    world: Doubtful
    period: int
    oracle: Oracle

    def propose(self, observation: Observation, route: Route, goal: Goal) -> Candidates:
        """One more than the inner one's."""
        own = self.inner.propose(observation, route, goal)
        slots = due_slots(self.world, observation, self.period)
        advice = self.oracle.advise(self.world, slots, observation, route, goal)
        states, controls, there = chosen(advice)
        return Candidates(
            states=np.concatenate([own.states, states[:, None]], axis=1),
            controls=np.concatenate([own.controls, controls[:, None]], axis=1),
            source=np.concatenate(
                [own.source, np.full((len(slots), 1), Origin.RULES, np.int32)], axis=1
            ),
            valid=np.concatenate([own.valid, there[:, None]], axis=1),
            dt=own.dt,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Seeing:
    """Scores candidates by what comes of them in the world as it is (`core.protocols.Scorer`)."""

    world: Doubtful
    period: int
    follows: Controller
    judge: Witness

    def score(self, observation: Observation, route: Route, candidates: Candidates) -> Scores:
        """The judge's terms."""
        slots = due_slots(self.world, observation, self.period)
        count = candidates.valid.shape[1]
        own = self.world.gather([(self.world, int(slot)) for slot in slots])
        seen = tried(
            own.fork(count), observation, candidates.states, candidates.controls,
            float(candidates.dt[0]), candidates.valid, self.follows, 0,
        )  # fmt: skip
        return self.judge.judge(observation, route, seen)


@dataclass(frozen=True, slots=True, eq=False)
class Rescuing:
    """A planner whose plans are replaced where they would end in a contact (`Planning`)."""

    inner: Planning
    world: Doubtful
    period: int
    oracle: Oracle
    follows: Controller
    judge: Witness = field(default_factory=Witness)

    def plan(
        self,
        observation: Observation,
        goal: Goal,
        route: Route,
        plan: Plan,
        faults: Bools,
        seconds: dict[str, float],
    ) -> tuple[Planned | None, NDArray[np.intp]]:
        """The inner plans; the oracle's where the inner one hits somebody in the world as it is."""
        slots = due_slots(self.world, observation, self.period)
        planned, good = self.inner.plan(observation, goal, route, plan, faults, seconds)
        if planned is None:
            return planned, good
        seen, aims = take_rows(observation, good), take_rows(goal, good)
        held = with_stop_lines(seen, planned.route)
        made = planned.plan
        own = self.world.gather([(self.world, int(slot)) for slot in slots[good]])
        there = np.ones((len(good), 1), np.bool_)
        witnessed = tried(
            own, held, made.states[:, None], made.controls[:, None], float(made.dt[0]), there,
            self.follows, 0,
        )  # fmt: skip
        scores = self.judge.judge(held, planned.route, witnessed)
        lost = np.flatnonzero(scores.terms[:, 0, NC] < 1.0)
        if len(lost) == 0:
            return planned, good
        way, aims = take_rows(planned.route, lost), take_rows(aims, lost)
        advice = self.oracle.advise(self.world, slots[good][lost], take_rows(held, lost), way, aims)
        states, controls, advised = chosen(advice)
        rows = lost[advised]
        part = replace(
            take_rows(made, rows),
            states=states[advised],
            controls=controls[advised],
            source=np.full(len(rows), PlanSource.CANDIDATE, np.int32),
        )
        return replace(planned, plan=put_rows(made, rows, part)), good
