"""Which cells lie beside each other, where one may change lanes, and how long that may take."""

from __future__ import annotations

from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.tables import Table
from drivestack.roads.lanes import local_coordinates, position, width_at

from .tables import MOST, NONE, cell_at

_BESIDE = 1.5
"""Lanes whose middles are further apart than this many widths are not beside each other."""


@kernel
def look_aside(
    lanes: Table, points: Table, roads: Table, stretch: Table, lane_at: NDArray, cell: Table
) -> None:
    """Fill in `adjacent` and `beside` of every cell, from what lies beside its middle."""
    for c in range(cell.shape[0]):
        one = cell[c]
        road = roads[lanes[one.lane].road]
        x, y = position(lanes[one.lane], points, one.start + 0.5 * one.length, 0.0)
        for side in range(2):
            one.adjacent[side] = NONE
            one.beside[side] = NONE
            other = one.lane + 2 * side - 1
            if other < road.lane_at or other >= road.lane_at + road.lane_n:
                continue
            s, lateral = local_coordinates(lanes[other], points, x, y)
            wide = abs(lateral) > _BESIDE * width_at(lanes[other], points, s)
            if wide or s < 0.0 or s > lanes[other].length:
                continue
            found = cell_at(stretch, lane_at, other, s)
            if stretch[cell[found].stretch].closed:
                continue
            one.adjacent[side] = found
            one.across[side] = s
            if not lanes[other].forbidden:
                one.beside[side] = found


@kernel
def measure_clear(cell: Table, after: Table) -> None:
    """Fill in `clear` of every cell: each round finds who has that many cells beside it."""
    for reach in range(1, MOST + 1):
        for c in range(cell.shape[0]):
            one = cell[c]
            for side in range(2):
                if one.adjacent[side] == NONE or one.clear[side] != reach - 1:
                    continue
                on = reach == 1 or one.next_n > 0
                for k in range(one.next_at, one.next_at + one.next_n):
                    on = on and cell[after[k].cell].clear[side] >= reach - 1
                if on:
                    one.clear[side] = reach
