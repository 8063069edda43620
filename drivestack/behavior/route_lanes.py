"""The lanes that a route may use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.roads.lane_tables import Lanes


@kernel
def route_lanes(map: Lanes, sequence: NDArray, valid: NDArray) -> NDArray:
    """(L,) lanes of all roads that a route (L',) passes, as nuPlan's on-route roadblocks."""
    found = np.zeros(map.lanes.shape[0], np.bool_)
    for i in range(sequence.shape[0]):
        if valid[i]:
            road = map.roads[map.lanes[sequence[i]].road]
            found[road.lane_at : road.lane_at + road.lane_n] = True
    return found
