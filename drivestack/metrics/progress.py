"""Progress: metres driven forwards along the ego's own path; driving backwards counts against."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.episode import Episode


@kernel
def _signed_length(x: NDArray, y: NDArray, v: NDArray) -> float:
    """Length [m] of a path, pieces driven at negative speed counted against."""
    total = 0.0
    for i in range(x.shape[0] - 1):
        dx, dy = x[i + 1] - x[i], y[i + 1] - y[i]
        total += math.sqrt(dx * dx + dy * dy) * (1.0 if v[i] >= 0.0 else -1.0)
    return total


@dataclass(frozen=True, slots=True)
class Progress:
    """`progress_m` [m]."""

    def measure(self, episode: Episode) -> dict[str, float]:
        """The distance of one episode."""
        ego = episode.ego
        columns = [np.ascontiguousarray(ego[name]) for name in ("x", "y", "v")]
        return {"progress_m": float(_signed_length(*columns))}
