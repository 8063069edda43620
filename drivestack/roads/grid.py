"""The lane grid: which lanes can matter at a point, by exact bounds.

A cell lists, in graph order, every lane that could be the nearest one (distance plus heading term)
or carry a body (on the lane with margin 1) for some point of the cell and some heading. A search
over the cell's lanes therefore gives the same answer as one over all lanes.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import inlined_kernel, kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.tables import GRID, LaneKind, Row, Table

from .lanes import local_coordinates, position

MARGIN = 20.0
"""Grid beyond the lanes' bounding box [m]; outside it all lanes are searched."""

CELL = 4.0
"""Wanted cell size [m]: a lane's width."""

MAX_CELLS = 16384
"""Cells of one map; the longer side gets larger cells."""

_STRAIGHT = int(LaneKind.STRAIGHT)
_SINE = int(LaneKind.SINE)
_CIRCULAR = int(LaneKind.CIRCULAR)
_POLYLINE = int(LaneKind.POLYLINE)


def lane_grid(
    lanes: NDArray, points: NDArray
) -> tuple[NDArray, NDArray[np.int32], NDArray[np.int32]]:
    """The grid of a map: `GRID` (1,), first entry of each cell (cells + 1,), lanes (entries,)."""
    low, high = _extent(lanes, points)
    low -= MARGIN
    high += MARGIN
    step_x = step_y = CELL
    while _cells(high[0] - low[0], step_x) * _cells(high[1] - low[1], step_y) > MAX_CELLS:
        if _cells(high[0] - low[0], step_x) >= _cells(high[1] - low[1], step_y):
            step_x *= 2.0
        else:
            step_y *= 2.0
    grid = np.zeros(1, GRID)
    nx, ny = _cells(high[0] - low[0], step_x), _cells(high[1] - low[1], step_y)
    grid[0] = (low[0], low[1], step_x, step_y, nx, ny)
    return grid, *_fill(lanes, points, grid[0])


def _cells(size: float, step: float) -> int:
    return max(int(math.ceil(size / step)), 1)


@kernel
def _extent(lanes: Table, points: Table) -> tuple[NDArray, NDArray]:
    """Bounding box of all centre lines, sampled finely enough for a margin of 20 m."""
    low = np.full(2, math.inf)
    high = np.full(2, -math.inf)
    for lane in lanes:
        for k in range(65):
            x, y = position(lane, points, lane.length * k / 64.0, 0.0)
            low[0] = min(low[0], x)
            low[1] = min(low[1], y)
            high[0] = max(high[0], x)
            high[1] = max(high[1], y)
    return low, high


@kernel
def _absolute(low: float, high: float) -> tuple[float, float]:
    """Range of |v| for v in [low, high]."""
    least = 0.0 if low <= 0.0 <= high else min(abs(low), abs(high))
    return least, max(abs(low), abs(high))


@kernel
def coordinate_bounds(
    lane: Row, points: Table, x: float, y: float, hx: float, hy: float
) -> tuple[float, float, float, float]:
    """Bounds of s and of |lateral| [m] over the box (x ± hx, y ± hy).

    Returns:
        s_low, s_high, lateral_low, lateral_high; infinite where nothing is known.
    """
    half = math.sqrt(hx * hx + hy * hy)
    if lane.kind == _STRAIGHT or lane.kind == _SINE:
        s, lateral = local_coordinates(lane, points, x, y)
        ds = abs(lane.dx) * hx + abs(lane.dy) * hy
        dl = abs(lane.dy) * hx + abs(lane.dx) * hy
        if lane.kind == _SINE:
            dl += min(abs(lane.amplitude * lane.pulsation) * ds, 2.0 * abs(lane.amplitude))
        least, most = _absolute(lateral - dl, lateral + dl)
        return s - ds, s + ds, least, most
    if lane.kind == _CIRCULAR:
        r = math.sqrt((x - lane.x) ** 2 + (y - lane.y) ** 2)
        least, most = _absolute(lane.radius - r - half, lane.radius - r + half)
        turn = math.pi * lane.radius
        if r <= half:
            return -turn, turn, least, most
        angle = wrap_to_pi(math.atan2(y - lane.y, x - lane.x) - lane.start_phase)
        spread = math.asin(half / r)
        if abs(angle) + spread >= math.pi:
            return -turn, turn, least, most
        s = lane.turn * angle * lane.radius
        return s - spread * lane.radius, s + spread * lane.radius, least, most
    return -math.inf, math.inf, 0.0, math.inf


@kernel
def _polyline_bounds(
    lane: Row, points: Table, x: float, y: float, half: float
) -> tuple[float, float, bool]:
    """Bounds of the distance [m] within `half` of a point, and whether a body may be on the lane.

    The Euclidean distance to the line changes no faster than the point moves; lateral coordinate
    and overshoot are its two legs beyond an end, so their sum is at most sqrt(2) of it.
    """
    s, lateral = local_coordinates(lane, points, x, y)
    away = math.hypot(lateral, max(s - lane.length, 0.0) + max(-s, 0.0))
    on = away - half <= math.hypot(lane.width / 2.0 + 1.0, 6.0)
    return max(away - half, 0.0), math.sqrt(2.0) * (away + half), on


@kernel
def _bounds(lanes: Table, points: Table, grid: Row, cell: int, low: Table, on: Table) -> float:
    """Fill per lane the least distance [m] and whether it may carry a body; returns the cut.

    The cut is the largest distance that the nearest lane can have in this cell, plus pi for the
    heading term (weight 1 m/rad).
    """
    hx = 0.5 * grid.step_x
    hy = 0.5 * grid.step_y
    x = grid.x + (cell % grid.nx) * grid.step_x + hx
    y = grid.y + (cell // grid.nx) * grid.step_y + hy
    cut = math.inf
    slack = 1e-6  # far above rounding, far below a lane
    for k in range(lanes.shape[0]):
        lane = lanes[k]
        if lane.kind == _POLYLINE:
            low[k], high, on[k] = _polyline_bounds(lane, points, x, y, math.hypot(hx, hy))
        else:
            s_low, s_high, lat_low, high = coordinate_bounds(lane, points, x, y, hx, hy)
            low[k] = lat_low + max(s_low - lane.length, 0.0) + max(-s_high, 0.0)
            high += max(s_high - lane.length, 0.0) + max(-s_low, 0.0)
            near = s_high > -6.0 and s_low < lane.length + 6.0
            on[k] = near and lat_low <= lane.width / 2.0 + 1.0 + slack
        low[k] -= slack
        cut = min(cut, high + math.pi + slack)
    return cut


@kernel
def _fill(lanes: Table, points: Table, grid: Row) -> tuple[NDArray, NDArray]:
    cells = grid.nx * grid.ny
    low = np.empty(lanes.shape[0])
    on = np.empty(lanes.shape[0], np.bool_)
    at = np.zeros(cells + 1, np.int32)
    entries = np.empty(4 * cells + lanes.shape[0], np.int32)
    count = 0
    for cell in range(cells):
        cut = _bounds(lanes, points, grid, cell, low, on)
        if count + lanes.shape[0] > entries.shape[0]:
            larger = np.empty(2 * entries.shape[0] + lanes.shape[0], np.int32)
            larger[:count] = entries[:count]
            entries = larger
        for k in range(lanes.shape[0]):
            if on[k] or low[k] <= cut:
                entries[count] = k
                count += 1
        at[cell + 1] = count
    return at, entries[:count].copy()


@inlined_kernel
def cell_of(grid: Row, x: float, y: float) -> int:
    """The cell of a point, -1 outside the grid (then all lanes have to be searched)."""
    column = math.floor((x - grid.x) / grid.step_x)
    row = math.floor((y - grid.y) / grid.step_y)
    if not (0.0 <= column < grid.nx and 0.0 <= row < grid.ny):
        return -1
    return int(row) * grid.nx + int(column)
