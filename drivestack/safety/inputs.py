"""What the layer is given must be finite and fresh: control, observation, plan."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Table
from drivestack.core.types import Filtering, Floats, Observation, Plan, PlanSource

from .bounds import FREE, Nothing

_FALLBACK = int(PlanSource.FALLBACK)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Three checks that ask for the minimal-risk condition.

    Attributes:
        period: time a control is held [s].
        oldest_frame: age of the tracks [s]; Autoware's availability timeout (safety.md, 5).
        oldest_plan: time since the plan in force was made [s]; Autoware's planning validator.
        never: age of a plan that was never made [s].
    """

    period: float
    oldest_frame: float = 0.5
    oldest_plan: float = 1.0
    never: float = FREE

    @property
    def columns(self) -> Mapping[str, Filtering]:
        """What is looked at."""
        return {
            "finite": Filtering.MINIMAL_RISK,
            "frame_age": Filtering.MINIMAL_RISK,
            "plan_age": Filtering.MINIMAL_RISK,
        }

    def start(self, batch: int) -> Nothing:
        """It remembers nothing."""
        return Nothing()

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Nothing, found: Table
    ) -> Nothing:
        """`finite`: the value is how many numbers are not; `frame_age`, `plan_age` in [s].

        Where no plan was ever chosen its age is `never`.
        """
        _look(observation.tick, observation.dt, observation.age, plan.tick, plan.source, control,
              parameter_table(self), found)  # fmt: skip
        return memory


@kernel
def _look(
    tick: NDArray, dt: NDArray, age: NDArray, made: NDArray, source: NDArray, control: NDArray,
    table: Table, found: Table,
) -> None:  # fmt: skip
    """Every scenario by itself."""
    own = table[0]
    for b in range(control.shape[0]):
        finite, frame, plan = found[0, b], found[1, b], found[2, b]
        for i in range(control.shape[1]):
            finite.value += 0.0 if math.isfinite(control[b, i]) else 1.0
        frame.value, frame.limit = age[b] * dt[b], own.oldest_frame
        plan.value = own.never if source[b] == _FALLBACK else (tick[b] - made[b]) * dt[b]
        plan.limit = own.oldest_plan
        finite.failed = finite.value > 0.0
        frame.failed = frame.value > frame.limit
        plan.failed = plan.value > plan.limit
