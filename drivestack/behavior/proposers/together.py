"""The candidates of several proposers beside each other; `source` tells them apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivestack.core.protocols import Proposer
from drivestack.core.types import Candidates, Goal, Observation, Route


@dataclass(frozen=True, slots=True)
class Together:
    """Proposers with chunks of equal length, in order."""

    proposers: tuple[Proposer, ...]

    def propose(self, observation: Observation, route: Route, goal: Goal) -> Candidates:
        """All of theirs."""
        found = [one.propose(observation, route, goal) for one in self.proposers]

        def joined(name: str) -> np.ndarray:
            return np.concatenate([getattr(candidates, name) for candidates in found], axis=1)

        return Candidates(
            states=joined("states"),
            controls=joined("controls"),
            source=joined("source"),
            valid=joined("valid"),
            dt=found[0].dt,
        )
