"""Score a chunk by how far it gets."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.types import Candidates, Observation, Route, Scores


@kernel
def _travelled(ego: NDArray, states: NDArray, out: NDArray) -> None:
    """Signed distance [m] driven along the own heading, per candidate."""
    for b in range(states.shape[0]):
        for k in range(states.shape[1]):
            x, y = ego[b, 0], ego[b, 1]
            total = 0.0
            for t in range(states.shape[2]):
                dx, dy = states[b, k, t, 0] - x, states[b, k, t, 1] - y
                c, s = math.cos(states[b, k, t, 2]), math.sin(states[b, k, t, 2])
                total += dx * c + dy * s
                x, y = states[b, k, t, 0], states[b, k, t, 1]
            out[b, k] = total


@dataclass(frozen=True, slots=True)
class Progress:
    """The only term is the distance driven [m]."""

    def score(self, observation: Observation, route: Route, candidates: Candidates) -> Scores:
        """One term, which is the total."""
        total = np.zeros(candidates.valid.shape)
        _travelled(observation.ego.state, candidates.states, total)
        return Scores(terms=total[:, :, None].copy(), names=("progress",), total=total)
