"""An expert who tries nothing: advises what a planner by rules does, to compare labels with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.protocols import Doubtful, Proposer, Scorer
from drivestack.core.types import Goal, Observation, Route

from .oracle import Advice


@dataclass(frozen=True, slots=True)
class ByRules:
    """Proposes, scores by a forecast, and takes the best.

    Attributes:
        proposer, scorer: of the planner.
    """

    proposer: Proposer
    scorer: Scorer

    def advise(
        self,
        world: Doubtful,
        slots: NDArray[np.intp],
        observation: Observation,
        route: Route,
        goal: Goal,
    ) -> Advice:
        """As `oracle.Oracle.advise`; one candidate is tried, if that is the word, and worth its
        score."""
        proposed = self.proposer.propose(observation, route, goal)
        total = self.scorer.score(observation, route, proposed).total
        first = np.argmax(np.where(proposed.valid, total, -np.inf), axis=1).astype(np.int32)
        best = np.where(proposed.valid.any(axis=1), first, np.int32(-1)).astype(np.int32)
        value = np.where(best >= 0, total[np.arange(len(best)), first], 0.0)
        return Advice(proposed, best[:, None].copy(), value[:, None].copy(), best)
