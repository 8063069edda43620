"""What the layer is given must be finite and fresh: control, observation, plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivestack.core.types import Filtering, Floats, Observation, Plan, PlanSource, Verdict

from .bounds import FREE, Nothing, nothing_found, verdict_of


@dataclass(frozen=True, slots=True)
class Inputs:
    """Three checks that ask for the minimal-risk condition.

    Attributes:
        period: time a control is held [s].
        oldest_frame: age of the tracks [s]; Autoware's availability timeout (safety.md, 5).
        oldest_plan: time since the plan in force was made [s]; Autoware's planning validator.
    """

    period: float
    oldest_frame: float = 0.5
    oldest_plan: float = 1.0

    def start(self, batch: int) -> Nothing:
        """It remembers nothing."""
        return Nothing()

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Nothing
    ) -> tuple[Verdict, Nothing]:
        """`finite`: the value is how many numbers are not; `frame_age`, `plan_age` in [s].

        Where no plan was ever chosen its age is `FREE`.
        """
        found = nothing_found(len(control), 3)
        found.value[:, 0] = (~np.isfinite(control)).sum(axis=1)
        found.value[:, 1] = observation.age * observation.dt
        age = (observation.tick - plan.tick) * observation.dt
        found.value[:, 2] = np.where(plan.source == PlanSource.FALLBACK, FREE, age)
        found.limit[:] = 0.0, self.oldest_frame, self.oldest_plan
        found.failed[:] = found.value > found.limit
        return verdict_of(
            ("finite", "frame_age", "plan_age"), Filtering.MINIMAL_RISK, found
        ), memory
