"""One candidate: go on along the present heading at the present speed, whoever is in the way."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.types import Candidates, Goal, Observation, Route


@dataclass(frozen=True, slots=True)
class Constant:
    """NAVSIM's constant-velocity baseline (arXiv:2406.15349).

    Attributes:
        steps, dt: T and its step [s]; NAVSIM's horizon of 4 s.
    """

    steps: int = 40
    dt: float = 0.1

    def propose(self, observation: Observation, route: Route, goal: Goal) -> Candidates:
        """One chunk a scenario, K = 1, always valid; a car that rolls backwards is to stand."""
        batch = len(observation.tick)
        states = np.zeros((batch, 1, self.steps, 4))
        _straight_on(observation.ego.state, self.dt, states)
        return Candidates(
            states=states,
            controls=np.zeros((batch, 1, self.steps, 2)),
            source=np.zeros((batch, 1), np.int32),
            valid=np.ones((batch, 1), np.bool_),
            dt=np.full(batch, self.dt),
        )


@kernel
def _straight_on(ego: NDArray, dt: float, states: NDArray) -> None:
    """Every scenario by itself, so that a row's bits do not depend on the batch."""
    for b in range(states.shape[0]):
        x, y, yaw, v = ego[b, 0], ego[b, 1], ego[b, 2], max(ego[b, 3], 0.0)
        c, s = math.cos(yaw), math.sin(yaw)
        for t in range(states.shape[2]):
            gone = v * (t + 1) * dt
            states[b, 0, t, 0], states[b, 0, t, 1] = x + gone * c, y + gone * s
            states[b, 0, t, 2], states[b, 0, t, 3] = yaw, v
