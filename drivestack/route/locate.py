"""On which lane the ego is, where lanes lie on top of each other: the one its way leads along."""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.tables import Table
from drivestack.roads.grid import cell_of
from drivestack.roads.lanes import heading_at, local_coordinates, on_lane

from .search import LAYERS
from .tables import cell_at

_LAYERS = int(LAYERS)

_ALONG = math.pi / 4.0
"""A car that heads further than this from a lane's direction does not drive on it: our choice."""


@kernel
def better_lane(
    lanes: Table,
    points: Table,
    grid: Table,
    grid_at: Table,
    grid_lanes: Table,
    stretch: Table,
    lane_at: NDArray,
    cost: NDArray,
    pose: NDArray,
    nearest: int,
    s: float,
    worth: float,
) -> tuple[int, float]:
    """The nearest lane, or another one that the ego is on as well and that is much better.

    In an intersection, and where an exit begins, the nearest lane may be one that leads elsewhere.
    Of the others the one of least cost is taken, first on ties.

    Args:
        lanes, points, grid, grid_at, grid_lanes: the map. stretch, lane_at, cost: see `Outlook`.
        pose: x, y, yaw. nearest, s: the nearest lane and the place on it [m].
        worth: by how much another lane has to cost less [s].

    Returns:
        The lane and s [m].
    """
    best = cost[cell_at(stretch, lane_at, nearest, s) * _LAYERS] - worth
    chosen, chosen_s = nearest, s
    place = cell_of(grid[0], pose[0], pose[1])
    if best < 0.0 or place < 0:
        return chosen, chosen_s
    for k in range(grid_at[place], grid_at[place + 1]):
        lane = lanes[grid_lanes[k]]
        along, lateral = local_coordinates(lane, points, pose[0], pose[1])
        if not on_lane(lane, points, along, lateral, 0.0, 0.0):
            continue
        if abs(wrap_to_pi(pose[2] - heading_at(lane, points, along))) > _ALONG:
            continue
        there = cost[cell_at(stretch, lane_at, grid_lanes[k], along) * _LAYERS]
        if there < best:
            best, chosen, chosen_s = there, int(grid_lanes[k]), along
    return chosen, chosen_s
