"""What is driven already, whatever is planned now: the controls until a new plan acts."""

from __future__ import annotations

from typing import Protocol, Self, runtime_checkable

import numpy as np

from drivestack.core.protocols import Proposer
from drivestack.core.types import Candidates, Floats, Observation, Route

from .knots import DT, EVERY, knots_of
from .tokens import Prefix, Singles

OTHERWISE = 1.0
"""A car that accelerates by so much [m/s2] more or less than planned is not driven by its plan: the
safety layer overrides it. Our choice: trackers are nearer than that."""


@runtime_checkable
class Committing(Proposer, Protocol):
    """A proposer that can be told what is committed."""

    def after(self, prefix: Prefix) -> Self:
        """The same for scenarios (B) with what is committed there."""
        ...


def committed_by(observation: Observation, route: Route, kept: Candidates, time: float) -> Prefix:
    """What a plan in force commits the cars (B) to until another one acts.

    Nothing where there is no plan in force, or where something else than it is applied.

    Args:
        kept: the plan, gone on with, as candidate 0 (`kept.Keeping`). time: until then [s]; a
        policy learns of at most a knot's 0.4 s.
    """
    applied, planned = observation.ego.accel, kept.controls[:, 0, 0, 0]
    driven = kept.valid[:, 0] & (np.abs(applied - planned) < OTHERWISE)
    knots = knots_of(observation.ego, route, kept.states[:, :1], kept.controls[:, :1])[:, 0]
    return prefix_of(knots, np.where(driven, min(time, EVERY * DT), 0.0))


def prefix_of(knots: Singles | Floats, time: Floats) -> Prefix:
    """What is committed if the first `time` (B,) [s], at most a knot's, of chunks is."""
    part = (0.5 * time / (EVERY * DT))[:, None]
    means = (1.0 - part) * knots[:, 0] + part * knots[:, 1]
    told = np.where(time[:, None] > 0.0, means, 0.0).astype(np.float32)
    return Prefix(time.astype(np.float32), told[:, 0].copy(), told[:, 1].copy())
