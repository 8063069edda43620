"""The way itself: from the ego's cell down the cost to the goal, then straight on. Compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.tables import Row, Table

from .search import LAYERS
from .tables import NONE

_LAYERS = int(LAYERS)
_NONE = int(NONE)

_TIE = 1e-6
"""Ways that differ by less than this [s] cost the same: the lane change comes first then."""

LEG = np.dtype(
    [
        ("lane", np.int64),
        ("change", np.bool_),  # it is entered from the side
        ("leave", np.float64),  # s [m] where the change to the next leg begins, or its end
        ("start", np.float64),  # s [m] at which the change into it may begin,
        ("room", np.float64),  # and how much further it must be complete [m]
    ],
    align=True,
)
"""One lane of a way."""


@kernel
def _descend(step: Table, at: NDArray, cost: NDArray, state: int) -> int:
    """The step from a state that leads down; the first of those that cost the same."""
    best = np.inf
    for k in range(at[state], at[state + 1]):
        best = min(best, step[k].cost + cost[step[k].to])
    for k in range(at[state], at[state + 1]):
        if step[k].cost + cost[step[k].to] <= best + _TIE:
            return k
    return _NONE


@kernel
def _straight(cell: Table, after: Table, cost: NDArray, state: int) -> int:
    """The next state without a lane change: the successor that turns least, first on ties.

    Those from which the way goes on are preferred.
    """
    c, layer = state // _LAYERS, max(state % _LAYERS - 1, 0)
    chosen = _NONE
    least, lost = np.inf, True
    for k in range(cell[c].next_at, cell[c].next_at + cell[c].next_n):
        to = after[k].cell * _LAYERS + layer
        turn, dead = abs(after[k].turn), cost[to] == np.inf
        if chosen == _NONE or (lost and not dead) or (lost == dead and turn < least):
            chosen, least, lost = to, turn, dead
    return chosen


@kernel
def walk(
    stretch: Table,
    cell: Table,
    after: Table,
    step: Table,
    at: NDArray,
    to_goal: NDArray,
    reached: NDArray,
    onward: NDArray,
    on: NDArray,
    first: int,
    s: float,
    window: float,
    leg: Table,
) -> int:
    """The legs of a way that is at least `window` metres long, or as long as it goes; how many.

    Args:
        stretch, cell, after, step, at: the graph. to_goal, reached: cost to the goal, and
        where it is. onward, on: the same for going on at all.
        first: the ego's cell. s: the ego's place on its lane [m]. window: [m].
        leg: (Q,) `LEG`, written; the way is cut where it is full.
    """
    state = first * _LAYERS
    seeking = to_goal[state] < np.inf
    n = 1
    leg[0].lane = cell[first].lane
    metres = cell[first].start - s
    earliest = s  # no lane change begins before the ego
    while seeking or metres < window:
        c = state // _LAYERS
        if seeking and reached[state]:
            seeking = False
            continue
        cost = to_goal if seeking else onward
        down = seeking or (onward[state] < np.inf and not on[state])
        k = _descend(step, at, cost, state) if down else _NONE
        to = step[k].to if down else _straight(cell, after, cost, state)
        if to == _NONE:
            break
        other = to // _LAYERS
        change = state % _LAYERS == 0 and to % _LAYERS > 0
        joint = cell[other].lane != cell[c].lane or (not change and other != c + 1)
        if joint and n == leg.shape[0]:
            break
        if not change:
            metres += cell[c].length
        if joint:
            leg[n - 1].leave = max(_left(cell[c], cell[other], change), earliest)
            leg[n].lane, leg[n].change = cell[other].lane, change
            leg[n].start = cell[other].start
            n += 1
            earliest = 0.0
        if to % _LAYERS > 0:
            leg[_entered(leg, n)].room += cell[other].length
        state = to
    leg[n - 1].leave = stretch[cell[state // _LAYERS].stretch].end
    return n


@kernel
def _left(here: Row, other: Row, change: bool) -> float:
    """Where a cell's lane is left for another cell [m].

    At the cell's end, or for a lane change as soon as the other one lies beside it.
    """
    if not change:
        return here.start + here.length
    side = 0 if other.lane < here.lane else 1
    begins = other.start - here.across[side] + 0.5 * here.length
    return here.start + max(begins, 0.0)


@kernel
def _entered(leg: Table, n: int) -> int:
    """The last of n legs that was entered by a lane change."""
    k = n - 1
    while k > 0 and not leg[k].change:
        k -= 1
    return k
