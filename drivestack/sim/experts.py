"""Experts that drive: planners that are told the world, to be measured and to demonstrate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior import PROPOSERS, SCORERS
from drivestack.behavior.proposers.wide import wide
from drivestack.behavior.scorers.pdm_lane import PdmLane as Screen
from drivestack.behavior.scorers.witnessed import STRICT, Witness
from drivestack.behavior.stop_lines import with_stop_lines
from drivestack.core.errors import InputError
from drivestack.core.protocols import Doubtful, Router, Stack, World
from drivestack.core.rows import take_rows
from drivestack.core.types import (
    Bools,
    Goal,
    Observation,
    Plan,
    PlanSource,
    Route,
    Scores,
)
from drivestack.expert.by_rules import ByRules
from drivestack.expert.oracle import Oracle, chosen
from drivestack.motion import CONTROLLERS
from drivestack.motion.pid import Pid
from drivestack.route import ROUTERS
from drivestack.route.off_route import Keep
from drivestack.safety import BARE, filter_of
from drivestack.stack import Setup
from drivestack.stack.memory import Planned
from drivestack.stack.planner import rerouted
from drivestack.stack.planners import IN_THE_NEXT_LANE
from drivestack.stack.stack import StagedStack
from drivestack.stack.timing import timed

Expert = Oracle | ByRules
"""Who advises what to do in states of a world."""


@dataclass(frozen=True, slots=True, eq=False)
class ExpertPlanner:
    """Plans by the advice of an expert who sees the world (`stack.planning.Planning`).

    Attributes:
        world: whose slots are the rows that it plans for. expert: who advises. router, keep: as for
        any planner.
        period: ticks between two plans. every: ticks from one advice to the next; the plan is held
        meanwhile.
    """

    world: Doubtful
    expert: Expert
    router: Router
    keep: Keep
    period: int
    every: int

    def plan(
        self,
        observation: Observation,
        goal: Goal,
        route: Route,
        plan: Plan,
        faults: Bools,
        seconds: dict[str, float],
    ) -> tuple[Planned | None, NDArray[np.intp]]:
        """New plans of the rows whose time it is.

        Raises:
            ValueError: the rows are not those slots of the world that are due.
        """
        slots = due_slots(self.world, observation, self.period)
        rows = np.flatnonzero((observation.tick % self.every == 0) & self.world.running[slots])
        if len(rows) == 0:
            return None, rows
        seen, aims = take_rows(observation, rows), take_rows(goal, rows)
        with timed(seconds, "route"):
            way = rerouted(self.router, seen, aims, take_rows(route, rows), self.keep)
        with timed(seconds, "advise"):
            held = with_stop_lines(seen, way)
            advice = self.expert.advise(self.world, slots[rows], held, way, aims)
        states, controls, there = chosen(advice)
        number = np.where(there, advice.best, -1).astype(np.int32)
        value = np.zeros(advice.candidates.valid.shape)
        tried, places = np.nonzero(advice.number >= 0)
        value[tried, advice.number[tried, places]] = advice.value[tried, places]
        made = Plan(
            states=states,
            controls=controls,
            chosen=number,
            source=np.where(there, PlanSource.CANDIDATE, PlanSource.FALLBACK).astype(np.int32),
            tick=seen.tick.copy(),
            dt=advice.candidates.dt.copy(),
        )
        scores = Scores(value[:, :, None].copy(), ("outcome",), value)
        return Planned(way, advice.candidates, scores, made), rows


def due_slots(world: World, observation: Observation, period: int) -> NDArray[np.intp]:
    """The slots (B,) of a world that a planner is asked to plan for: those that are due now.

    Raises:
        ValueError: the observation is not of them, all at once.
    """
    tick = world.observe().tick
    slots = np.flatnonzero(tick % period == 0)
    if not np.array_equal(tick[slots], observation.tick):
        raise ValueError("who is told the world plans for all of its slots that are due at once")
    return slots


EVERY = 5
"""Planning periods from one advice to the next: 0.5 s at 10 Hz. Our choice."""


def _oracle(judge: Witness, setup: Setup) -> Oracle:
    """The oracle for cars of a setup."""
    return Oracle(wide(), Screen(), judge, Pid(setup.actuation), setup.actuation.delay)


CAUTIOUS = replace(STRICT, progress_weight=2.5, ttc_weight=7.0, comfort_weight=4.0, doubt=0.2,
                   most_doubt=0.5)  # fmt: skip
BRISK = replace(STRICT, progress_weight=8.0, comfort_weight=1.5)
"""Halves and one and a half times what the others weigh, about: our choice."""


def _idm_mobil(setup: Setup) -> ByRules:
    """What `--stack idm` does."""
    return ByRules(PROPOSERS["idm"](), SCORERS["progress"]())


STYLES: dict[str, Callable[[Setup], Oracle]] = {
    "oracle": partial(_oracle, Witness()),
    "oracle_cautious": partial(_oracle, Witness(CAUTIOUS)),
    "oracle_brisk": partial(_oracle, Witness(BRISK)),
    "oracle_left": partial(_oracle, Witness(prefers=1.0)),
    "oracle_right": partial(_oracle, Witness(prefers=-1.0)),
}
"""Oracles by name; those who differ from the first make demonstrations honestly multimodal: drivers
do not all want the same."""

EXPERTS: dict[str, Callable[[Setup], Expert]] = {**STYLES, "idm_mobil": _idm_mobil}
"""By name: who may be told the world, and who labels without it."""


def expert_stack(name: str, setup: Setup, world: World) -> Stack:
    """A stack whose planner is an expert; nothing but guards is between it and the wheels.

    Raises:
        InputError: the world cannot draw anew what nobody sees.
    """
    if not isinstance(world, Doubtful):
        raise InputError(f"stack '{name}' forks the world, which only the backend 'engine' can")
    period = setup.rates.physics // setup.rates.plan
    planner = ExpertPlanner(
        world=world,
        expert=EXPERTS[name](setup),
        router=ROUTERS["lanes"](),
        keep=IN_THE_NEXT_LANE,
        period=period,
        every=EVERY * period,
    )
    return StagedStack(
        setup=setup,
        planner=planner,
        controller=CONTROLLERS[setup.controller](setup.actuation),
        filter=filter_of(setup.layer or BARE, setup.period),
    )
