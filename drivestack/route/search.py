"""What a way costs from any place: Dijkstra from the goal over cells and lane changes under way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.tables import Table

from .cells import Cells
from .heap import pop, push
from .tables import MOST, NONE

LAYERS = MOST + 1
"""States of a cell: k = 0 is driving along, k > 0 is k more cells of a lane change."""

_NONE = int(NONE)
_LAYERS = int(LAYERS)


@dataclass(frozen=True, slots=True)
class SearchCost:
    """What a way costs [s] beside travel time.

    A change costs `lane_change`, and up to `hurried` more the shorter it is than a comfortable one;
    the figures only have to rank ways (our choice): a change is worth a detour of about 100 m, a
    hurried one is the last resort.
    """

    lane_change: float = 5.0
    hurried: float = 60.0


STEP = np.dtype([("to", np.int64), ("cost", np.float64)], align=True)
"""One step from a state to another [s]."""


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """All steps between states ``cell * LAYERS + k``.

    Attributes:
        step: (E,) `STEP`. at: (N * LAYERS + 1,) first step of each state; lane changes first.
    """

    step: NDArray
    at: NDArray[np.int64]


@lru_cache(maxsize=128)
def steps_of(cells: Cells, pinch: float, cost: SearchCost) -> Steps:
    """The steps of a map under closures; cached. `pinch`: see `LaneChange`."""
    states = len(cells.cell) * LAYERS
    at = np.zeros(states + 1, np.int64)
    step = np.zeros(len(cells.cell) * 2 * MOST + len(cells.after) * LAYERS, STEP)
    count = _steps(cells.cell, cells.after, pinch, cost.lane_change, cost.hurried, at, step)
    return Steps(step[:count].copy(), at)


@kernel
def _steps(
    cell: Table,
    after: Table,
    pinch: float,
    lane_change: float,
    hurried: float,
    at: NDArray,
    step: Table,
) -> int:
    """Fill in the steps; returns their number.

    A change of k cells leads into the cell beside, from which k cells follow in that lane before
    the next change. It is at most as long as both lanes go on beside each other, or one cell.
    """
    n = 0
    for c in range(cell.shape[0]):
        one = cell[c]
        for side in range(2):
            other = one.beside[side]
            if other == _NONE:
                continue
            longest = min(max(cell[other].clear[1 - side], 1), one.comfort)
            for k in range(1, longest + 1):
                if k * cell[other].length < pinch:
                    continue
                step[n].to = other * _LAYERS + k
                step[n].cost = lane_change + hurried * (1.0 - k / one.comfort)
                n += 1
        for layer in range(_LAYERS):
            for k in range(one.next_at, one.next_at + one.next_n):
                step[n].to = after[k].cell * _LAYERS + max(layer - 1, 0)
                step[n].cost = one.seconds
                n += 1
            at[c * _LAYERS + layer + 1] = n
    return n


@kernel
def dijkstra(step: Table, at: NDArray, reached: NDArray) -> NDArray:
    """Least cost [s] from every state to a goal, infinite where there is no way.

    Args:
        step, at: see `Steps`. reached: (states,) which ones are the goal.
    """
    states = reached.shape[0]
    came_at, came = _reversed(step, at)
    cost = np.full(states, np.inf)
    keys = np.empty(step.shape[0] + states)
    values = np.empty(step.shape[0] + states, np.int64)
    n = 0
    for state in range(states):
        if reached[state]:
            cost[state] = 0.0
            n = push(keys, values, n, 0.0, state)
    while n > 0:
        spent, here = keys[0], values[0]
        n = pop(keys, values, n)
        if spent > cost[here]:
            continue
        for k in range(came_at[here], came_at[here + 1]):
            before = came[k].to
            whole = came[k].cost + spent
            if whole < cost[before]:
                cost[before] = whole
                n = push(keys, values, n, whole, before)
    return cost


@kernel
def _reversed(step: Table, at: NDArray) -> tuple[NDArray, NDArray]:
    """The steps by where they lead to: first of each state, and `STEP` rows that name
    the origin."""
    states = at.shape[0] - 1
    came_at = np.zeros(states + 1, np.int64)
    for k in range(step.shape[0]):
        came_at[step[k].to + 1] += 1
    for state in range(states):
        came_at[state + 1] += came_at[state]
    came = np.empty_like(step)
    free = came_at.copy()
    for state in range(states):
        for k in range(at[state], at[state + 1]):
            place = free[step[k].to]
            came[place].to = state
            came[place].cost = step[k].cost
            free[step[k].to] += 1
    return came_at, came


@kernel
def goes_on(step: Table, at: NDArray, ends: NDArray) -> NDArray:
    """(states,) from which one can drive on for ever, or to where the map ends.

    Args:
        step, at: see `Steps`. ends: (states,) where the map ends.
    """
    states = ends.shape[0]
    came_at, came = _reversed(step, at)
    onward = np.ones(states, np.bool_)
    left = np.empty(states, np.int64)
    dead = np.empty(states, np.int64)
    n = 0
    for state in range(states):
        left[state] = at[state + 1] - at[state]
        if left[state] == 0 and not ends[state]:
            onward[state] = False
            dead[n] = state
            n += 1
    while n > 0:
        n -= 1
        here = dead[n]
        for k in range(came_at[here], came_at[here + 1]):
            before = came[k].to
            left[before] -= 1
            if left[before] == 0 and not ends[before]:
                onward[before] = False
                dead[n] = before
                n += 1
    return onward
