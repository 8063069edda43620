"""Progress: metres along the own path, and along the route; driving backwards counts against."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.episode import Reason

from .evidence import Evidence


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
    """`progress_m` [m] of the whole path; `route_progress_m` [m] along the route, to a contact."""

    names: tuple[str, ...] = ("progress_m", "route_progress_m")

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """The distances of one episode."""
        ego = evidence.episode.ego
        columns = [np.ascontiguousarray(ego[name]) for name in ("x", "y", "v")]
        driven, along = float(_signed_length(*columns)), evidence.progress
        return (
            Reason("progress_m", driven, f"drove {driven:.1f} m", measured=driven),
            Reason("route_progress_m", along, f"{along:.1f} m along the route", measured=along),
        )
