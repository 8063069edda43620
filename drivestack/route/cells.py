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

from .beside import look_aside, measure_clear
from .graph import lane_graph
from .tables import CELL, MOST, NEXT, STRETCH, cell_at

Closed = tuple[tuple[int, float, float], ...]
"""Closed parts: lane, from s to s [m]."""


@dataclass(frozen=True, slots=True)
class LaneChange:
    """How much room a lane change takes.

    Attributes:
        time: [s] at the speed limit; our choice: 4 m to the side in 3 s stay below 3 m/s2.
        least: [m] at any speed: our choice, four car lengths.
        pinch: [m] where lanes are too short for that; our choice, two car lengths.
    """

    time: float = 3.0
    least: float = 20.0
    pinch: float = 10.0


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
    stretch, lane_at = _stretches(map, closed, room)
    cell = np.zeros(int(stretch["cell_n"].sum()), CELL)
    _cut(stretch, graph.limit, room.time, cell)
    last = stretch["cell_at"][lane_at[1:] - 1] + stretch["cell_n"][lane_at[1:] - 1] - 1
    ends = np.zeros(len(cell), np.bool_)
    ends[last] = graph.ends & ~stretch["closed"][lane_at[1:] - 1]
    after = np.zeros(len(cell) + len(graph.after), NEXT)
    after = after[: _join(stretch, lane_at, graph.after, graph.after_at, cell, after)]
    look_aside(map.lanes, map.points, map.roads, stretch, lane_at, cell)
    measure_clear(cell, after)
    return Cells(stretch, lane_at, cell, after, ends)


def _stretches(map: Map, closed: Closed, room: LaneChange) -> tuple[NDArray, NDArray[np.int64]]:
    """Open and closed stretches of all lanes in order, and the first one of each lane."""
    rows: list[tuple[int, int, int, bool, float, float]] = []
    lane_at = np.zeros(len(map.lanes) + 1, np.int64)
    parts: dict[int, list[tuple[float, float]]] = {}
    for lane, start, end in closed:
        parts.setdefault(lane, []).append((start, end))
    cells = 0
    for lane, length in enumerate(map.lanes["length"].tolist()):
        for shut, start, end in _pieces(length, parts.get(lane, []), room.pinch):
            number = max(1, int((end - start) / room.least))
            rows.append((lane, cells, number, shut, start, end))
            cells += number
        lane_at[lane + 1] = len(rows)
    return np.array(rows, STRETCH), lane_at


def _pieces(
    length: float, parts: list[tuple[float, float]], crumb: float
) -> list[tuple[bool, float, float]]:
    """A lane as closed and open pieces from s to s [m].

    What closures leave of it is closed too where it is too short to change lanes: a `crumb` [m].
    """
    pieces: list[tuple[bool, float, float]] = []
    at = 0.0
    for start, end in sorted(parts):
        start, end = max(start, 0.0), min(end, length)
        if end <= at or start >= end:
            continue
        if start - at >= crumb:
            pieces.append((False, at, start))
            at = start
        if length - end < crumb:
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
            one.comfort = min(max(int(time * one.limit / length + 0.5), 1), MOST)


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
