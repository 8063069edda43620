"""Labels: what an expert would do at moments of a drive, whoever drives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.features import tokens_of
from drivestack.behavior.knots import knots_of
from drivestack.behavior.tokens import Tokens
from drivestack.core.protocols import Doubtful
from drivestack.core.start import Start
from drivestack.core.types import (
    Bools,
    Decision,
    Floats,
    Goal,
    Ints,
    Observation,
    PlanSource,
    Route,
)
from drivestack.expert.oracle import chosen
from drivestack.learn.moments import moments_of
from drivestack.sim.experts import Expert
from drivestack.sim.rollout import Rollout

from .demonstrations import Demonstrations


class Labelling:
    """A brancher that asks an expert what to do, and notes what a planner would be told.

    Args:
        teller: says what the expert does. lesson: of the scenarios. every: ticks between two
        questions. phase: of the first.
    """

    def __init__(self, teller: Teller, lesson: Lesson, every: int, phase: int) -> None:
        self._teller, self._lesson, self._every, self._phase = teller, lesson, every, phase
        self._found: list[Demonstrations] = []

    def on_decision(self, slots: Ints, rollout: Rollout, decision: Decision) -> None:
        """Ask about the scenarios whose moment it is."""
        now = moments_of(slots, rollout, decision, self._every, self._phase)
        if now is None:
            return
        rows, held, route, goal = now
        told = self._teller(rollout, rows, held, route, goal, decision)
        knots = knots_of(held.ego, route, told.states[:, None], told.controls[:, None])
        found = self._lesson.of(slots[rows], held.tick, tokens_of(held, route, goal), knots, told)
        self._found.append(found.some(np.flatnonzero(told.there)))

    def found(self) -> Demonstrations:
        """All labels."""
        return Demonstrations.joined(self._found)


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What an expert does from B states: states (B, T, 4), controls (B, T, 2), a number (B,) of the
    manoeuvre, and whether there is anything (B,)."""

    states: Floats
    controls: Floats
    manoeuvre: Ints
    there: Bools


Teller = Callable[
    [Rollout, NDArray[np.intp], Observation, Route, Goal, Decision],
    Told,
]
"""Asked with the rows of a roll-out, what is observed there (with stop lines), and the decision."""


def asking(expert: Expert) -> Teller:
    """Ask an expert, whoever drives."""

    def tell(
        rollout: Rollout,
        rows: NDArray[np.intp],
        held: Observation,
        route: Route,
        goal: Goal,
        decision: Decision,
    ) -> Told:
        advice = expert.advise(cast(Doubtful, rollout.world), rows, held, route, goal)
        states, controls, there = chosen(advice)
        return Told(states, controls, advice.best, there)

    return tell


def listening(
    rollout: Rollout,
    rows: NDArray[np.intp],
    held: Observation,
    route: Route,
    goal: Goal,
    decision: Decision,
) -> Told:
    """The expert drives: what it does is in the decision."""
    plan = decision.plan
    there = (plan.source[rows] == PlanSource.CANDIDATE) & (plan.tick[rows] == held.tick)
    return Told(plan.states[rows], plan.controls[rows], plan.chosen[rows], there)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What labels have in common: family and starts of the scenarios, and the expert's style."""

    family: str
    starts: Sequence[Start]
    style: int

    def of(
        self, numbers: Ints, tick: Ints, tokens: Tokens, knots: Floats, told: Told
    ) -> Demonstrations:
        """Demonstrations of some scenarios, by their numbers among the starts."""
        count = len(numbers)
        return Demonstrations(
            tokens=tokens,
            knots=knots[:, 0].astype(np.float32),
            weight=np.ones(count, np.float32),
            family=np.zeros(count, np.int32),
            seed=np.array([self.starts[number].seed for number in numbers], np.int32),
            tick=tick.astype(np.int32),
            style=np.full(count, self.style, np.int32),
            manoeuvre=told.manoeuvre.astype(np.int32),
            names=(self.family,),
        )
