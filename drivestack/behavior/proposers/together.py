"""The candidates of several proposers beside each other; `source` tells them apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivestack.behavior.committed import Committing
from drivestack.behavior.tokens import Prefix
from drivestack.core.protocols import Proposer
from drivestack.core.types import Candidates, Goal, Observation, Route


@dataclass(frozen=True, slots=True)
class Together:
    """Proposers with chunks of equal length, in order."""

    proposers: tuple[Proposer, ...]

    def after(self, prefix: Prefix) -> Together:
        """Those who can be told what is committed are."""
        told = (one.after(prefix) if isinstance(one, Committing) else one for one in self.proposers)
        return Together(tuple(told))

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
