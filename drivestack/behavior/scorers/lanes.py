"""Where a pose stands among the lanes of its map: drivable, within one lane, on the route."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.map import Map
from drivestack.roads.grid import cell_of
from drivestack.roads.lanes import local_coordinates, on_lane


class Lanes(NamedTuple):
    """The tables of a `core.map.Map` that say where lanes lie and what follows them."""

    lanes: NDArray
    roads: NDArray
    successors: NDArray
    points: NDArray
    grid: NDArray
    cell_at: NDArray
    cell_lanes: NDArray


def lanes_of(map: Map) -> Lanes:
    """The tables of a map, for kernels."""
    return Lanes(*(getattr(map, name) for name in Lanes._fields))


@kernel
def route_lanes(map: Lanes, sequence: NDArray, valid: NDArray) -> NDArray:
    """(L,) lanes of all roads that a route (L',) passes, as nuPlan's on-route roadblocks."""
    found = np.zeros(map.lanes.shape[0], np.bool_)
    for i in range(sequence.shape[0]):
        if valid[i]:
            road = map.roads[map.lanes[sequence[i]].road]
            found[road.lane_at : road.lane_at + road.lane_n] = True
    return found


@kernel
def corners_of(pose: NDArray, length: float, width: float, out: NDArray) -> None:
    """Corners (4, 2) [m] of a box at x, y, yaw: front left, rear left, rear right, front right."""
    c, s = math.cos(pose[2]), math.sin(pose[2])
    for i in range(4):
        along = 0.5 * length if i == 0 or i == 3 else -0.5 * length
        across = 0.5 * width if i < 2 else -0.5 * width
        out[i, 0] = pose[0] + (c * along - s * across)
        out[i, 1] = pose[1] + (s * along + c * across)


@kernel
def holds(map: Lanes, lane: int, x: float, y: float, slack: float, seam: float) -> bool:
    """Whether a lane, widened by `slack` and prolonged by `seam` [m], has a point in it."""
    row = map.lanes[lane]
    s, lateral = local_coordinates(row, map.points, x, y)
    return on_lane(row, map.points, s, lateral, slack, seam)


@kernel
def holding_lane(
    map: Lanes, allowed: NDArray, hint: int, x: float, y: float, slack: float, seam: float
) -> int:
    """One of the allowed lanes (L,) that have a point in them, the hint if it does; -1: none."""
    if hint >= 0 and holds(map, hint, x, y, slack, seam):
        return hint
    cell = cell_of(map.grid[0], x, y)
    first = int(map.cell_at[cell]) if cell >= 0 else 0
    last = int(map.cell_at[cell + 1]) if cell >= 0 else map.lanes.shape[0]
    for place in range(first, last):
        lane = int(map.cell_lanes[place]) if cell >= 0 else place
        if allowed[lane] and holds(map, lane, x, y, slack, seam):
            return lane
    return -1


@kernel
def drivable(
    map: Lanes, path: NDArray, length: float, width: float, slack: float, seam: float
) -> bool:
    """Whether every corner lies in some lane at every pose of a path (T, 4)."""
    everywhere = np.ones(map.lanes.shape[0], np.bool_)
    hints = np.full(4, -1)
    corners = np.empty((4, 2))
    for t in range(path.shape[0]):
        corners_of(path[t], length, width, corners)
        for i in range(4):
            hints[i] = holding_lane(
                map, everywhere, hints[i], corners[i, 0], corners[i, 1], slack, seam
            )
            if hints[i] < 0:
                return False
    return True


@kernel
def _follows(map: Lanes, lane: int, other: int) -> bool:
    """Whether a lane's road is entered from the end of another lane's."""
    road = map.roads[map.lanes[other].road]
    for place in range(road.next_at, road.next_at + road.next_n):
        if map.successors[place] == map.lanes[lane].road:
            return True
    return False


@kernel
def within_one_lane(
    map: Lanes, pose: NDArray, length: float, width: float, slack: float, seam: float
) -> bool:
    """Whether all corners of a pose lie in one lane or its direct continuation."""
    corners = np.empty((4, 2))
    corners_of(pose, length, width, corners)
    for lane in range(map.lanes.shape[0]):
        inside = 0
        for i in range(4):
            if holds(map, lane, corners[i, 0], corners[i, 1], slack, seam):
                inside += 1
        if inside == 4:
            return True
        if inside == 0:
            continue
        for i in range(4):
            if holds(map, lane, corners[i, 0], corners[i, 1], slack, seam):
                continue
            for other in range(map.lanes.shape[0]):
                if _follows(map, other, lane) and holds(
                    map, other, corners[i, 0], corners[i, 1], slack, seam
                ):
                    inside += 1
                    break
        if inside == 4:
            return True
    return False
