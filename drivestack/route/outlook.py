"""How things stand at every place of a map: cost to the goal, and by when a lane must be left.

Nothing here depends on the ego, so a goal's outlook is made once and kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.map import Map
from drivestack.core.tables import Table
from drivestack.roads.lanes import local_coordinates

from .cells import Cells, Closed, LaneChange, cells_of
from .search import LAYERS, SearchCost, Steps, dijkstra, goes_on, steps_of
from .tables import NONE, cell_at

_LAYERS = int(LAYERS)
_NONE = int(NONE)

_MARGIN = 0.5
"""A lane that passes this far inside a goal's circle reaches it [m]: our choice, a car follows its
line to within half a metre."""

LEAVE = np.dtype(
    [
        ("by", np.float64),  # last s [m] at which the ego may be on the stretch
        ("lane", np.int64),  # to change to; its own where none is needed or none helps
        ("through", np.bool_),  # it goes on at its end
        ("lost", np.bool_),  # there is no way from any place on it
    ],
    align=True,
)
"""One stretch, see `core.types.Corridor`."""


@dataclass(frozen=True, slots=True)
class Target:
    """A goal, as a key: its lane, its circle [m]."""

    lane: int
    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """A map under closures, seen from a goal; or from nowhere: then it counts to go on at all.

    Attributes:
        cells, steps: the graph. cost: (N * LAYERS,) to the goal [s], infinite where there is no
        way. reached: (N * LAYERS,) states of the goal. leave: (S,) `LEAVE` of every stretch.
    """

    cells: Cells
    steps: Steps
    cost: NDArray[np.float64]
    reached: NDArray[np.bool_]
    leave: NDArray


@lru_cache(maxsize=256)
def to_goal(
    map: Map, target: Target, closed: Closed, room: LaneChange, cost: SearchCost
) -> Outlook:
    """The outlook on a goal; cached.

    The goal is the target's lane where it is nearest to the circle's middle, and every other lane
    that passes through the circle: whoever follows it arrives as well.
    """
    cells = cells_of(map, closed, room)
    reached = np.zeros(len(cells.cell) * LAYERS, np.bool_)
    _mark_goal(
        map.lanes, map.points, cells.stretch, cells.lane_at, cells.cell,
        target.lane, target.x, target.y, target.radius - _MARGIN, room.least, reached,
    )  # fmt: skip
    return _outlook(cells, steps_of(cells, room.pinch, cost), reached)


@lru_cache(maxsize=128)
def onward(map: Map, closed: Closed, room: LaneChange, cost: SearchCost) -> Outlook:
    """The outlook without a goal, cached: the aim is any stretch that goes on at its end.

    It goes on where one can drive for ever from there, or to where the map ends.
    """
    cells = cells_of(map, closed, room)
    steps = steps_of(cells, room.pinch, cost)
    alive = goes_on(steps.step, steps.at, np.repeat(cells.ends, LAYERS))
    last = cells.stretch["cell_at"] + cells.stretch["cell_n"] - 1
    through = np.zeros(len(last), np.bool_)
    _find_through(cells.cell, cells.after, alive, last, through)
    through = (through | cells.ends[last]) & ~cells.stretch["closed"]
    reached = np.repeat(through[cells.cell["stretch"]], LAYERS) & alive
    return _outlook(cells, steps, reached)


def _outlook(cells: Cells, steps: Steps, reached: NDArray[np.bool_]) -> Outlook:
    cost = dijkstra(steps.step, steps.at, reached)
    leave = np.zeros(len(cells.stretch), LEAVE)
    _look_back(cells.stretch, cells.cell, cells.after, steps.step, steps.at, cost, reached, leave)
    return Outlook(cells, steps, cost, reached, leave)


@kernel
def _mark_goal(
    lanes: Table,
    points: Table,
    stretch: Table,
    lane_at: NDArray,
    cell: Table,
    aim: int,
    x: float,
    y: float,
    within: float,
    least: float,
    reached: NDArray,
) -> None:
    """The states of a goal; a lane change into its cell counts if there is room for it before."""
    for lane in range(lanes.shape[0]):
        row = lanes[lane]
        s, lateral = local_coordinates(row, points, x, y)
        if lane != aim and (s < 0.0 or s > row.length or abs(lateral) > within):
            continue
        found = cell_at(stretch, lane_at, lane, s)
        reached[found * _LAYERS] = True
        reached[found * _LAYERS + 1] = s - cell[found].start >= min(least, cell[found].length)


@kernel
def _find_through(
    cell: Table, after: Table, alive: NDArray, last: NDArray, through: NDArray
) -> None:
    """Which stretches lead on at their ends."""
    for k in range(last.shape[0]):
        one = cell[last[k]]
        for i in range(one.next_at, one.next_at + one.next_n):
            through[k] = through[k] or alive[after[i].cell * _LAYERS]


@kernel
def _look_back(
    stretch: Table,
    cell: Table,
    after: Table,
    step: Table,
    at: NDArray,
    cost: NDArray,
    reached: NDArray,
    leave: Table,
) -> None:
    """Fill in by when, and for which lane, every stretch has to be left."""
    for k in range(stretch.shape[0]):
        row, out = stretch[k], leave[k]
        out.by = row.end
        out.lane = row.lane
        final = cell[row.cell_at + row.cell_n - 1]
        for i in range(final.next_at, final.next_at + final.next_n):
            if not row.closed:  # who is in a closed part has to leave it, wherever that leads
                out.through = out.through or cost[after[i].cell * _LAYERS] < np.inf
        last = _NONE
        for c in range(row.cell_at, row.cell_at + row.cell_n):
            out.through = out.through or reached[c * _LAYERS]
            if cost[c * _LAYERS] < np.inf:
                last = c
        out.lost = last == _NONE
        if out.through or out.lost:
            continue
        out.by = cell[last].start + cell[last].length
        best = np.inf
        for i in range(at[last * _LAYERS], at[last * _LAYERS + 1]):
            whole = step[i].cost + cost[step[i].to]
            if step[i].to % _LAYERS > 0 and whole < best:  # a lane change
                best = whole
                out.lane = cell[step[i].to // _LAYERS].lane
