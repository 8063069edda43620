"""Where other lanes lie across a lane: in junctions lanes of all directions lie over each other."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.map import Map
from drivestack.core.tables import LaneKind

from .grid import cell_of
from .lane_tables import Lanes, lanes_of
from .lanes import heading_at, local_coordinates, position, width_at

ACROSS = math.sin(math.radians(30.0))
"""Sine of the least angle between lanes that cross; our choice: those that merge or part meet at
less."""

_STRAIGHT = int(LaneKind.STRAIGHT)

SPACING = 1.0
"""Distance of the places of a lane that are looked at [m]; our choice: half a narrow lane."""


@lru_cache(maxsize=64)
def junctions_of(map: Map) -> NDArray[np.bool_]:
    """(C,) cells of a map's grid in which the middle of a lane lies on one that leads across it.

    Cached: maps are immutable.
    """
    found = np.zeros(len(map.cell_at) - 1, np.bool_)
    _mark(lanes_of(map), ACROSS, SPACING, found)
    found.flags.writeable = False
    return found


@hot_kernel
def in_junction(map: Lanes, junctions: NDArray, x: float, y: float) -> bool:
    """Whether a point is where lanes cross, to the cell."""
    cell = cell_of(map.grid[0], x, y)
    return cell >= 0 and junctions[cell]


@hot_kernel
def near_junction(map: Lanes, junctions: NDArray, x: float, y: float, near: float) -> bool:
    """Whether lanes cross within `near` metres of a point in x and in y, to the cell."""
    grid = map.grid[0]
    across, along = int(math.ceil(near / grid.step_x)), int(math.ceil(near / grid.step_y))
    for i in range(-across, across + 1):
        for j in range(-along, along + 1):
            there_x = x + max(min(i * grid.step_x, near), -near)
            there_y = y + max(min(j * grid.step_y, near), -near)
            if in_junction(map, junctions, there_x, there_y):
                return True
    return False


@kernel
def _mark(map: Lanes, across: float, spacing: float, found: NDArray) -> None:
    for lane in range(map.lanes.shape[0]):
        row = map.lanes[lane]
        if not _may_be_crossed(map, lane, across):
            continue
        steps = max(int(math.ceil(row.length / spacing)), 1)
        for k in range(steps + 1):
            s = row.length * k / steps
            x, y = position(row, map.points, s, 0.0)
            yaw, cell = heading_at(row, map.points, s), cell_of(map.grid[0], x, y)
            if cell >= 0 and _is_crossed(map, lane, x, y, yaw, across):
                found[cell] = True


@kernel
def _may_be_crossed(map: Lanes, lane: int, across: float) -> bool:
    """Whether it is worth a look: among straight lanes that lead alike none is."""
    row = map.lanes[lane]
    for other in map.lanes:
        straight = row.kind == _STRAIGHT and other.kind == _STRAIGHT
        turn = heading_at(row, map.points, 0.0) - heading_at(other, map.points, 0.0)
        if not straight or abs(math.sin(turn)) >= across:
            return True
    return False


@kernel
def _is_crossed(map: Lanes, lane: int, x: float, y: float, yaw: float, across: float) -> bool:
    """Whether a place of a lane lies on another one that leads across it."""
    cell = cell_of(map.grid[0], x, y)
    if cell < 0:
        return False
    for place in range(int(map.cell_at[cell]), int(map.cell_at[cell + 1])):
        other = int(map.cell_lanes[place])
        row = map.lanes[other]
        s, lateral = local_coordinates(row, map.points, x, y)
        if other == lane or not 0.0 <= s <= row.length:
            continue
        if abs(lateral) > 0.5 * width_at(row, map.points, s):
            continue
        if abs(math.sin(yaw - heading_at(row, map.points, s))) >= across:
            return True
    return False
