"""The tables of a map that kernels of this folder read, and the lanes that a route may use."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.map import Map
from drivestack.core.tables import Table


class Lanes(NamedTuple):
    """The tables of a `core.map.Map` that say where lanes lie and what follows them."""

    lanes: Table
    roads: Table
    successors: NDArray
    points: Table
    grid: Table
    cell_at: NDArray
    cell_lanes: NDArray


def lanes_of(map: Map) -> Lanes:
    """The tables of a map, for kernels."""
    return Lanes(*(getattr(map, name) for name in Lanes._fields))


@kernel
def route_lanes(map: Lanes, sequence: NDArray, valid: NDArray) -> NDArray:
    """(L,) lanes of all roads that a route (L',) passes, as nuPlan's on-route roadblocks."""
    found = np.zeros(map.lanes.shape[0], np.bool_)
    for i in range(sequence.shape[0]):
        if valid[i]:
            road = map.roads[map.lanes[sequence[i]].road]
            found[road.lane_at : road.lane_at + road.lane_n] = True
    return found
