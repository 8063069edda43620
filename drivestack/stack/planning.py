"""What plans: makes routes, proposes, scores and chooses for a batch, wherever it does that."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from drivestack.core.types import Bools, Goal, Observation, Plan, Route

from .memory import Planned


class Planning(Protocol):
    """Makes plans; what it remembers from tick to tick it is handed."""

    def plan(
        self,
        observation: Observation,
        goal: Goal,
        route: Route,
        plan: Plan,
        faults: Bools,
        seconds: dict[str, float],
    ) -> tuple[Planned | None, NDArray[np.intp]]:
        """New plans, and new routes where they are due; which rows (G,) have one, and theirs.

        Args:
            route, plan: in force until now. faults: (B, F) those of rows without a plan are added.
            seconds: the wall time of each stage is added.
        """
        ...
