"""The lane that a car is on: nearest by distance and direction, over the lanes of its grid cell."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.map import Map
from drivestack.core.tables import Table

from .grid import cell_of
from .lanes import heading_at, local_coordinates, overshoot

HEADING_WEIGHT = 1.0
"""Metres that a radian counts for (highway-env 1.12.1, `AbstractLane.distance_with_heading`).

The grid is exact for weights up to this one."""


def nearest_lane(map: Map, x: float, y: float, heading: float) -> tuple[int, float]:
    """The lane of a pose [m, m, rad] in the map's frame, and s [m] on it."""
    lane, s = nearest_in(*_tables(map), x, y, heading, HEADING_WEIGHT)
    return int(lane), float(s)


def lane_at(map: Map, x: float, y: float) -> int:
    """The lane nearest to a point, whatever its direction."""
    lane, _ = nearest_in(*_tables(map), x, y, 0.0, 0.0)
    return int(lane)


def nearest_lanes(map: Map, x: NDArray, y: NDArray, heading: NDArray) -> NDArray[np.int32]:
    """The lane of every pose (N,)."""
    x, y, heading = (np.ascontiguousarray(column, np.float64) for column in (x, y, heading))
    return _nearest_of_each(*_tables(map), x, y, heading, HEADING_WEIGHT)


def _tables(map: Map) -> tuple[NDArray, NDArray, NDArray, NDArray, NDArray]:
    return map.lanes, map.points, map.grid, map.cell_at, map.cell_lanes


@kernel
def nearest_in(
    lanes: Table,
    points: Table,
    grid: Table,
    cell_at: Table,
    cell_lanes: Table,
    x: float,
    y: float,
    heading: float,
    weight: float,
) -> tuple[int, float]:
    """The lane of least ``|lateral| + overshoot + weight |heading difference|``, and s on it.

    The first in graph order on ties, as in highway-env's `RoadNetwork.get_closest_lane_index`.
    """
    cell = cell_of(grid[0], x, y)
    first = int(cell_at[cell]) if cell >= 0 else 0
    last = int(cell_at[cell + 1]) if cell >= 0 else lanes.shape[0]
    best = math.inf
    chosen = 0
    chosen_s = 0.0
    for place in range(first, last):
        index = int(cell_lanes[place]) if cell >= 0 else place
        lane = lanes[index]
        s, lateral = local_coordinates(lane, points, x, y)
        distance = abs(lateral) + overshoot(lane, s)
        if weight > 0.0 and distance < best:
            distance += weight * abs(wrap_to_pi(heading - heading_at(lane, points, s)))
        if distance < best:
            best = distance
            chosen = index
            chosen_s = s
    return chosen, chosen_s


@kernel
def _nearest_of_each(
    lanes: Table,
    points: Table,
    grid: Table,
    cell_at: Table,
    cell_lanes: Table,
    x: Table,
    y: Table,
    heading: Table,
    weight: float,
) -> NDArray:
    """(N,) nearest lanes."""
    out = np.zeros(x.shape[0], np.int32)
    for k in range(x.shape[0]):
        out[k], _ = nearest_in(
            lanes, points, grid, cell_at, cell_lanes, x[k], y[k], heading[k], weight
        )
    return out
