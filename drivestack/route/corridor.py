"""The corridor: which stretches of lanes the ego may still drive, nearest first. Compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.tables import Row, Table

from .heap import pop, push
from .search import LAYERS
from .tables import NONE

_LAYERS = int(LAYERS)
_NONE = int(NONE)


@kernel
def spread(
    cell: Table, after: Table, cost: NDArray, first: int, s: float, window: float, found: NDArray
) -> int:
    """Stretches that can be reached within some metres and from which there is a way.

    Dijkstra by metres driven; a lane change is free, for this only says what lies ahead.

    Args:
        cell, after: the graph. cost: see `Outlook`. first, s: the ego's cell and place.
        window: [m]. found: (W,) stretches, written, in order of distance (then of cells).

    Returns:
        The number of stretches; they are cut where `found` is full.
    """
    seen = np.zeros(cell.shape[0], np.bool_)
    listed = np.zeros(cell[cell.shape[0] - 1].stretch + 1, np.bool_)
    keys = np.empty(4 * (cell.shape[0] + after.shape[0]))
    cells = np.empty(keys.shape[0], np.int64)
    n = push(keys, cells, 0, cell[first].start - s, first)
    count = 0
    while n > 0:
        metres, c = keys[0], cells[0]
        n = pop(keys, cells, n)
        if seen[c] or metres > window:
            continue
        seen[c] = True
        one = cell[c]
        if cost[c * _LAYERS] < np.inf and not listed[one.stretch]:
            if count == found.shape[0]:
                return count
            listed[one.stretch] = True
            found[count] = one.stretch
            count += 1
        for side in range(2):
            other = one.beside[side]
            if other != _NONE and not seen[other]:
                n = push(keys, cells, n, metres, other)
        for k in range(one.next_at, one.next_at + one.next_n):
            if not seen[after[k].cell]:
                n = push(keys, cells, n, metres + one.length, after[k].cell)
    return count


@kernel
def fill_corridor(
    stretch: Table,
    lane_at: NDArray,
    leave: Table,
    onward: Table,
    leg: Table,
    legs: int,
    found: NDArray,
    count: int,
    lane: NDArray,
    valid: NDArray,
    start: NDArray,
    leave_by: NDArray,
    leave_for: NDArray,
    through: NDArray,
) -> None:
    """Fill in one row of a corridor: the route's stretches, then the others that were found.

    Args:
        stretch, lane_at, leave: see `Outlook`. onward: `leave` without a goal, for what lies past
        it. leg, legs: of the route. found, count: of `spread`.
        lane ... through: (W,) columns of `core.types.Corridor`, written.
    """
    listed = np.zeros(stretch.shape[0], np.bool_)
    n = 0
    for k in range(legs + count):
        number = _stretch_of(stretch, lane_at, leg[k]) if k < legs else found[k - legs]
        if listed[number] or n == lane.shape[0]:
            continue
        listed[number] = True
        lane[n] = stretch[number].lane
        valid[n] = True
        start[n] = stretch[number].start
        row = onward[number] if leave[number].lost else leave[number]
        leave_by[n] = row.by
        leave_for[n] = row.lane
        through[n] = row.through
        n += 1


@kernel
def _stretch_of(stretch: Table, lane_at: NDArray, leg: Row) -> int:
    """The stretch on which a leg ends."""
    k = int(lane_at[leg.lane])
    while k + 1 < lane_at[leg.lane + 1] and leg.leave > stretch[k].end:
        k += 1
    return k
