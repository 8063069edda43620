"""Other ways to drive chunks than a new one at every planning tick: what peers do, to compare with.

Both wrap a planner. `Ensembled` is the textbook's remedy for chunks that jump, and averages across
answers where there are several (learning.md, 5): it is here to be measured, not to be driven.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.kept import Keeping
from drivestack.behavior.rollout import driven_by
from drivestack.core.rows import take_rows
from drivestack.core.types import Bools, Goal, Observation, Plan, PlanSource, Route

from .memory import Planned
from .planning import Planning
from .setup import Setup

_HALF_A_TICK = 0.5
"""Of what is left until a plan is due, so that sums of periods may round."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenLoop:
    """Drives each chunk for a while before there is another one; the plan is held meanwhile.

    Attributes:
        every: from one plan to the next [s]; the safety layer stops who holds one for over 1 s.
    """

    planner: Planning
    every: float

    def plan(
        self,
        observation: Observation,
        goal: Goal,
        route: Route,
        plan: Plan,
        faults: Bools,
        seconds: dict[str, float],
    ) -> tuple[Planned | None, NDArray[np.intp]]:
        """New plans of the rows whose chunk was driven for long enough, or that have none."""
        told = np.isin(plan.source, (PlanSource.CANDIDATE, PlanSource.HELD))
        age = observation.tick - plan.tick
        fresh = told & (age + _HALF_A_TICK < self.every / observation.dt)
        rows = np.flatnonzero(~fresh)
        if len(rows) == 0:
            return None, rows
        found = faults[rows]
        planned, good = self.planner.plan(
            take_rows(observation, rows), take_rows(goal, rows), take_rows(route, rows),
            take_rows(plan, rows), found, seconds,
        )  # fmt: skip
        faults[rows] = found
        return planned, rows[good]


@dataclass(frozen=True, slots=True, eq=False)
class Ensembled:
    """Averages the controls of each new chunk with those of the plan in force, gone on with.

    As that was averaged itself, older chunks count by powers of `share`.

    Attributes:
        share: of the plan in force. keeping: how that is gone on with.
    """

    planner: Planning
    share: float
    keeping: Keeping = field(default_factory=Keeping)

    def plan(
        self,
        observation: Observation,
        goal: Goal,
        route: Route,
        plan: Plan,
        faults: Bools,
        seconds: dict[str, float],
    ) -> tuple[Planned | None, NDArray[np.intp]]:
        """The planner's plans, averaged where there is something to average with."""
        planned, good = self.planner.plan(observation, goal, route, plan, faults, seconds)
        if planned is None:
            return None, good
        seen, before = take_rows(observation, good), take_rows(plan, good)
        kept = self.keeping.first(seen, planned.route, before, planned.candidates)
        both = kept.valid[:, 0] & (planned.plan.source == PlanSource.CANDIDATE)
        share = np.where(both, self.share, 0.0)[:, None, None]
        controls = share * kept.controls[:, 0] + (1.0 - share) * planned.plan.controls
        states = planned.plan.states.copy()
        averaged = np.zeros_like(states)
        driven_by(seen.ego.state, seen.ego.size, controls, planned.plan.dt, averaged)
        states[both] = averaged[both]
        return replace(planned, plan=replace(planned.plan, states=states, controls=controls)), good


def executed(planner: Planning, setup: Setup) -> Planning:
    """A planner whose chunks are driven as the setup says."""
    how = setup.execution
    if how.share:
        return Ensembled(planner, how.share)
    return planner if how.ticks == 1 else OpenLoop(planner, how.ticks * setup.dt)
