"""Driving direction: metres driven off the route's lanes within a second."""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, kernel

from .lanes import Lanes, holding_lane


@hot_kernel
def most_off_route(
    map: Lanes,
    allowed: NDArray,
    path: NDArray,
    window: int,
    slack: float,
    seam: float,
    off: NDArray,
) -> float:
    """Largest distance [m] driven with the centre outside the allowed lanes in any window.

    Args:
        allowed: (L,) lanes. path: (T + 1, `PATH`). window: steps. off: (T + 1,) scratch.
    """
    hint = -1
    most = 0.0
    off[0] = 0.0
    for t in range(1, path.shape[0]):
        hint = holding_lane(map, allowed, hint, path[t, 0], path[t, 1], slack, seam)
        dx, dy = path[t, 0] - path[t - 1, 0], path[t, 1] - path[t - 1, 1]
        off[t] = math.sqrt(dx * dx + dy * dy) if hint < 0 else 0.0
        total = 0.0
        for i in range(max(t - window + 1, 0), t + 1):
            total += off[i]
        most = max(most, total)
    return most


@kernel
def direction_score(distance: float, some: float, much: float) -> float:
    """1 below `some` metres, 0.5 below `much`, else 0; nuPlan's and PDM-Closed's steps."""
    if distance < some:
        return 1.0
    return 0.5 if distance < much else 0.0
