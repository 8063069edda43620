"""The middle of a way as a short table, so that many futures along it cost a look-up a step."""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, inlined_kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.tables import LaneKind
from drivestack.roads.lane_tables import Lanes
from drivestack.roads.lanes import heading_at, local_coordinates, position
from drivestack.roads.ways import STRETCHES

POINTS = 64
"""Points of a trace; our choice: 3 m apart over the 190 m that 32 m/s take in 6 s."""

COLUMNS = 5
"""x, y [m], yaw of a body that follows the way [rad], cosine and sine of its direction."""

_STRAIGHT = int(LaneKind.STRAIGHT)


@hot_kernel
def trace(
    map: Lanes, way: NDArray, s: float, length: float, reach: float, table: NDArray
) -> tuple[int, float]:
    """Write a way (`STRETCHES`) from s [m] on its first lane on; it goes on straight at its end.

    A body's middle slips outwards of its axis in a bend: sin(slip) is half its length times the
    curvature (the kinematic bicycle about its middle with the axles at its ends).

    Args:
        length: of the body [m]. reach: how far [m]. table: (`POINTS`, `COLUMNS`), written.

    Returns:
        How many rows hold, two where it is one straight, and how far apart they are [m].
    """
    q, lane = 0, way[0]
    first = map.lanes[lane]
    if first.kind == _STRAIGHT and (way[1] < 0 or s + reach <= first.length):
        for k in range(2):
            table[k, 0], table[k, 1] = position(first, map.points, s + k * reach, 0.0)
            table[k, 2] = first.heading
            table[k, 3], table[k, 4] = math.cos(first.heading), math.sin(first.heading)
        return 2, reach
    spacing = reach / (table.shape[0] - 1)
    before = 0.0
    for k in range(table.shape[0]):
        row = map.lanes[lane]
        if s > row.length and q + 1 < STRETCHES and way[q + 1] >= 0:
            x, y = position(row, map.points, row.length, 0.0)
            beyond = s - row.length
            q += 1
            lane = way[q]
            row = map.lanes[lane]
            s, _ = local_coordinates(row, map.points, x, y)
            s += beyond
        table[k, 0], table[k, 1] = position(row, map.points, s, 0.0)
        along = heading_at(row, map.points, s)
        if k > 0:
            along = before + wrap_to_pi(along - before)
        before = along
        slip = 0.0
        if row.kind != _STRAIGHT:
            bend = heading_at(row, map.points, s + 1.0) - heading_at(row, map.points, s - 1.0)
            slip = math.asin(min(max(0.25 * length * wrap_to_pi(bend), -1.0), 1.0))
        table[k, 2] = along - slip
        table[k, 3], table[k, 4] = math.cos(along), math.sin(along)
        s += spacing
    return table.shape[0], spacing


@inlined_kernel
def looked_up(table: NDArray, count: int, spacing: float, gone: float) -> tuple[int, float]:
    """Row and share of the next one, `gone` metres along a trace."""
    place = gone / spacing
    row = min(int(place), count - 2)
    return row, place - row
