"""Candidates of a learned policy: one for each row of a fixed bank of noise.

The checkpoint is read when the first plan is made, or when it is checked before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from drivestack.behavior.checkpoint import sampler_of, shipped
from drivestack.behavior.features import tokens_of
from drivestack.behavior.knots import DT, EASED, unrolled
from drivestack.behavior.noise import bank
from drivestack.behavior.origin import Origin
from drivestack.behavior.tokens import Prefix, with_prefix
from drivestack.core.types import Candidates, Goal, Observation, Route

_FLOW = shipped("flow")


@dataclass(frozen=True, slots=True)
class Learned:
    """Samples a policy.

    Attributes:
        checkpoint: of the policy; the one of `flow` that comes with the package unless told.
        count: K, an even number; learning.md, 4.7: a mode of chance 0.17 is seen at 95 %.
        prefix: what the scenarios are committed to; None: to nothing.
    """

    checkpoint: Path = _FLOW
    count: int = 16
    prefix: Prefix | None = None

    def after(self, prefix: Prefix) -> Learned:
        """As `committed.Committing` has it."""
        return replace(self, prefix=prefix)

    def propose(self, observation: Observation, route: Route, goal: Goal) -> Candidates:
        """`count` chunks; none is valid where there is no route."""
        policy = sampler_of(self.checkpoint)
        tokens = tokens_of(observation, route, goal)
        if self.prefix is not None:
            tokens = with_prefix(tokens, self.prefix)
        knots = policy.candidates(tokens, bank(self.count, policy.width))
        states, controls = unrolled(observation.ego, route, knots, EASED)
        batch, there = len(observation.tick), route.valid[:, :2].sum(axis=1) == 2
        return Candidates(
            states=states,
            controls=controls,
            source=np.full((batch, self.count), Origin.LEARNED, np.int32),
            valid=np.repeat(there[:, None], self.count, axis=1),
            dt=np.full(batch, DT),
        )
