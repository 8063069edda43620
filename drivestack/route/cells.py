"""Lanes cut into cells about as long as the shortest lane change: what the search runs on.

A car moves from a cell into the next one, or changes into the cell beside. So a place along a lane
is part of the search, several lane changes need room for each, and a closed part is a few cells
that cannot be entered.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.map import Map
from drivestack.core.tables import Table
from drivestack.roads.lanes import local_coordinates, position, width_at

from .graph import lane_graph

MOST = 5
"""Most cells that one lane change takes: with 3 s and 20 m cells enough for 33 m/s."""

NONE = -1
"""No cell."""

_BESIDE = 1.5
"""Lanes whose middles are further apart than this many widths are not beside each other."""

_SHORTEST_STRETCH = 1.0
"""What closures leave of a lane counts as closed too if it is shorter than this [m]."""

_BORDER = 1e-6
"""A border between cells belongs to the second one, though rounding may err by this much [m]."""

Closed = tuple[tuple[int, float, float], ...]
"""Closed parts: lane, from s to s [m]."""


@dataclass(frozen=True, slots=True)
class LaneChange:
    """How much room a lane change takes.

    Attributes:
        time: [s] at the speed limit; our choice: 4 m to the side in 3 s stay below 3 m/s2.
        least: [m] at any speed: our choice, four car lengths.
    """

    time: float = 3.0
    least: float = 20.0


STRETCH = np.dtype(
    [
        ("lane", np.int64),
        ("cell_at", np.int64),  # its first cell
        ("cell_n", np.int64),
        ("closed", np.bool_),
        ("start", np.float64),  # s [m]
        ("end", np.float64),
    ],
    align=True,
)
"""A part of a lane that is all open or all closed."""

CELL = np.dtype(
    [
        ("lane", np.int64),
        ("stretch", np.int64),
        ("start", np.float64),  # s [m]
        ("length", np.float64),  # [m]
        ("seconds", np.float64),  # to drive through at the limit
        ("limit", np.float64),  # [m/s]
        ("comfort", np.int64),  # cells that a comfortable lane change takes, 1 ... MOST
        ("next_at", np.int64),  # rows of the successors
        ("next_n", np.int64),
        ("adjacent", np.int64, (2,)),  # open cell on lane - 1 and on lane + 1, or NONE
        ("beside", np.int64, (2,)),  # the same, where one may change into it
        ("clear", np.int64, (2,)),  # cells for which that side stays adjacent, at most MOST
    ],
    align=True,
)
"""One cell."""

NEXT = np.dtype([("cell", np.int64), ("turn", np.float64)], align=True)
"""A cell that follows another; the turn [rad] is 0 within a lane."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """A map under closures.

    Attributes:
        stretch: (S,) `STRETCH`. lane_at: (L + 1,) first stretch of each lane.
        cell: (N,) `CELL`. after: (E,) `NEXT`. ends: (N,) the map ends with this cell.
    """

    stretch: NDArray
    lane_at: NDArray[np.int64]
    cell: NDArray
    after: NDArray
    ends: NDArray[np.bool_]


@lru_cache(maxsize=128)
def cells_of(map: Map, closed: Closed, room: LaneChange) -> Cells:
    """The cells of a map; cached.

    Args:
        map: the map. closed: parts that may not be driven. room: what a lane change takes.
    """
    graph = lane_graph(map)
    stretch, lane_at = _stretches(map, closed, room.least)
    cell = np.zeros(int(stretch["cell_n"].sum()), CELL)
    _cut(stretch, graph.limit, room.time, cell)
    last = stretch["cell_at"][lane_at[1:] - 1] + stretch["cell_n"][lane_at[1:] - 1] - 1
    ends = np.zeros(len(cell), np.bool_)
    ends[last] = graph.ends & ~stretch["closed"][lane_at[1:] - 1]
    after = np.zeros(len(cell) + len(graph.after), NEXT)
    after = after[: _join(stretch, lane_at, graph.after, graph.after_at, cell, after)]
    _look_aside(map.lanes, map.points, map.roads, stretch, lane_at, cell, after)
    return Cells(stretch, lane_at, cell, after, ends)


def _stretches(map: Map, closed: Closed, least: float) -> tuple[NDArray, NDArray[np.int64]]:
    """Open and closed stretches of all lanes in order, and the first one of each lane."""
    rows: list[tuple[int, int, int, bool, float, float]] = []
    lane_at = np.zeros(len(map.lanes) + 1, np.int64)
    parts: dict[int, list[tuple[float, float]]] = {}
    for lane, start, end in closed:
        parts.setdefault(lane, []).append((start, end))
    cells = 0
    for lane, length in enumerate(map.lanes["length"].tolist()):
        for shut, start, end in _pieces(length, parts.get(lane, [])):
            number = max(1, int((end - start) / least))
            rows.append((lane, cells, number, shut, start, end))
            cells += number
        lane_at[lane + 1] = len(rows)
    return np.array(rows, STRETCH), lane_at


def _pieces(length: float, parts: list[tuple[float, float]]) -> list[tuple[bool, float, float]]:
    """A lane as closed and open pieces from s to s [m]; crumbs between closures are closed."""
    pieces: list[tuple[bool, float, float]] = []
    at = 0.0
    for start, end in sorted(parts):
        start, end = max(start, 0.0), min(end, length)
        if end <= at or start >= end:
            continue
        if start - at >= _SHORTEST_STRETCH:
            pieces.append((False, at, start))
            at = start
        if length - end < _SHORTEST_STRETCH:
            end = length
        if pieces and pieces[-1][0]:
            pieces[-1] = (True, pieces[-1][1], end)
        else:
            pieces.append((True, at, end))
        at = end
    if at < length:
        pieces.append((False, at, length))
    return pieces


@kernel
def cell_at(stretch: Table, lane_at: NDArray, lane: int, s: float) -> int:
    """The cell of a lane at s [m], the first or last one beyond the ends."""
    s += _BORDER
    k = lane_at[lane]
    while k + 1 < lane_at[lane + 1] and s >= stretch[k].end:
        k += 1
    row = stretch[k]
    part = (s - row.start) / (row.end - row.start)
    return row.cell_at + min(max(int(part * row.cell_n), 0), row.cell_n - 1)


@kernel
def _cut(stretch: Table, limit: NDArray, time: float, cell: Table) -> None:
    """Fill in lane, place, duration and the comfortable length of a lane change."""
    for k in range(stretch.shape[0]):
        row = stretch[k]
        length = (row.end - row.start) / row.cell_n
        for i in range(row.cell_n):
            one = cell[row.cell_at + i]
            one.lane = row.lane
            one.stretch = k
            one.start = row.start + i * length
            one.length = length
            one.limit = limit[row.lane]
            one.seconds = length / one.limit
            one.comfort = min(max(int(np.ceil(time * one.limit / length)), 1), MOST)


@kernel
def _join(
    stretch: Table, lane_at: NDArray, joint: Table, joint_at: NDArray, cell: Table, after: Table
) -> int:
    """Successors of all cells, and how many; closed ones are not entered.

    Args:
        joint, joint_at: `LaneGraph.after`, `LaneGraph.after_at`. after: (E,) `NEXT`, written.
    """
    n = 0
    for c in range(cell.shape[0]):
        one = cell[c]
        one.next_at = n
        if c + 1 < cell.shape[0] and cell[c + 1].lane == one.lane:
            if not stretch[cell[c + 1].stretch].closed:
                after[n].cell = c + 1
                n += 1
        else:
            for k in range(joint_at[one.lane], joint_at[one.lane + 1]):
                found = cell_at(stretch, lane_at, joint[k].lane, joint[k].entry)
                if not stretch[cell[found].stretch].closed:
                    after[n].cell = found
                    after[n].turn = joint[k].turn
                    n += 1
        one.next_n = n - one.next_at
    return n


@kernel
def _look_aside(
    lanes: Table,
    points: Table,
    roads: Table,
    stretch: Table,
    lane_at: NDArray,
    cell: Table,
    after: Table,
) -> None:
    """Fill in which cells lie beside each other, where one may change, and for how long."""
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
            if not lanes[other].forbidden:
                one.beside[side] = found
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
