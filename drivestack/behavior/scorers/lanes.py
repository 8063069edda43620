"""Where a pose stands among the lanes of its map: drivable, within one lane, on the route.

A path here is a table (T + 1, `PATH`) with the present first.
"""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, inlined_kernel, kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.lines import project, sample
from drivestack.roads.grid import cell_of
from drivestack.roads.lane_tables import Lanes
from drivestack.roads.lanes import local_coordinates, on_lane

PATH = 6
"""Columns of a path: x, y [m], yaw [rad], v [m/s], cosine and sine of the yaw."""

_AROUND, _TURN = 4.0, 0.32
"""The line bends where it turns by so much [rad] from so far before to so far behind [m]: a radius
of 25 m. Roundabouts have 20 m, roads that are driven at 50 km/h more than 40 m."""

_STANDS_OUT = 0.4
"""How far [m] the corner of a car of 5 m stands out in the tightest bend that it can take."""


@kernel
def path_of(ego: NDArray, states: NDArray, path: NDArray) -> None:
    """Write the present (4,) and a chunk (T, 4) into a path (T + 1, `PATH`)."""
    path[0, :4], path[1:, :4] = ego, states
    for t in range(path.shape[0]):
        path[t, 4], path[t, 5] = math.cos(path[t, 2]), math.sin(path[t, 2])


@inlined_kernel
def corner(path: NDArray, t: int, length: float, width: float, number: int) -> tuple[float, float]:
    """A corner [m] of the box at row t of a `path`; they are numbered as in `core.geometry`."""
    along = 0.5 * length if number == 0 or number == 3 else -0.5 * length
    across = 0.5 * width if number < 2 else -0.5 * width
    c, s = path[t, 4], path[t, 5]
    return path[t, 0] + (c * along - s * across), path[t, 1] + (s * along + c * across)


@inlined_kernel
def _holds(map: Lanes, lane: int, x: float, y: float, slack: float, seam: float) -> bool:
    row = map.lanes[lane]
    s, lateral = local_coordinates(row, map.points, x, y)
    return on_lane(row, map.points, s, lateral, slack, seam)


@hot_kernel
def holds(map: Lanes, lane: int, x: float, y: float, slack: float, seam: float) -> bool:
    """Whether a lane, widened by `slack` and prolonged by `seam` [m], has a point in it."""
    return _holds(map, lane, x, y, slack, seam)


@hot_kernel
def holding_lane(map: Lanes, x: float, y: float, slack: float, seam: float) -> int:
    """The first lane that has a point in it; -1: none."""
    cell = cell_of(map.grid[0], x, y)
    first = int(map.cell_at[cell]) if cell >= 0 else 0
    last = int(map.cell_at[cell + 1]) if cell >= 0 else map.lanes.shape[0]
    for place in range(first, last):
        lane = int(map.cell_lanes[place]) if cell >= 0 else place
        if _holds(map, lane, x, y, slack, seam):
            return lane
    return -1


@hot_kernel
def drivable(
    map: Lanes,
    line: NDArray,
    n: int,
    spacing: float,
    path: NDArray,
    size: tuple[float, float],
    beside: float,
    slack: float,
    seam: float,
) -> bool:
    """Whether every corner lies in some lane, or beside the route's line, at every row of a path.

    Args:
        line: (P, 3), n rows hold. spacing: [m]. size: length and width [m].
        beside: distance from the line that is drivable [m], for it bridges gaps between lanes.
    """
    for number in range(4):
        hint = -1
        for t in range(path.shape[0]):
            x, y = corner(path, t, size[0], size[1], number)
            if hint >= 0 and _holds(map, hint, x, y, slack, seam):
                continue
            hint = holding_lane(map, x, y, slack, seam)
            if hint >= 0:
                continue
            if n < 2 or not _beside(line, n, spacing, x, y, beside):
                return False
    return True


@kernel
def _beside(line: NDArray, n: int, spacing: float, x: float, y: float, beside: float) -> bool:
    """Whether a point lies beside a line; in bends corners may stand out further."""
    s, lateral = project(line, 0, n - 1, spacing, x, y)
    if abs(lateral) <= beside:
        return True
    _, _, before = sample(line, n, spacing, s - _AROUND)
    _, _, behind = sample(line, n, spacing, s + _AROUND)
    bends = abs(wrap_to_pi(behind - before)) > _TURN
    return bends and abs(lateral) <= beside + _STANDS_OUT


@hot_kernel
def _continued(map: Lanes, lane: int, x: float, y: float, slack: float, seam: float) -> bool:
    """Whether a point lies in a lane or in one of the roads that follow its own."""
    if holds(map, lane, x, y, slack, seam):
        return True
    road = map.roads[map.lanes[lane].road]
    for place in range(road.next_at, road.next_at + road.next_n):
        ahead = map.roads[map.successors[place]]
        for other in range(ahead.lane_at, ahead.lane_at + ahead.lane_n):
            if holds(map, other, x, y, slack, seam):
                return True
    return False


@hot_kernel
def within_one_lane(
    map: Lanes, path: NDArray, t: int, length: float, width: float, slack: float, seam: float
) -> bool:
    """Whether all corners at row t of a path lie in one lane or its direct continuation."""
    for number in range(4):
        x, y = corner(path, t, length, width, number)
        cell = cell_of(map.grid[0], x, y)
        first = int(map.cell_at[cell]) if cell >= 0 else 0
        last = int(map.cell_at[cell + 1]) if cell >= 0 else map.lanes.shape[0]
        for place in range(first, last):
            lane = int(map.cell_lanes[place]) if cell >= 0 else place
            if not holds(map, lane, x, y, slack, seam):
                continue
            inside = True
            for other in range(4):
                ox, oy = corner(path, t, length, width, other)
                inside = inside and _continued(map, lane, ox, oy, slack, seam)
            if inside:
                return True
    return False
