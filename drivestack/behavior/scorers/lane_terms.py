"""The terms that only `pdm_lane` has: the speed limit, the line or the side wanted, junctions."""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.behavior.crossings import blocks
from drivestack.behavior.road import Body, Road
from drivestack.core.compiled import kernel
from drivestack.core.lines import project
from drivestack.core.tables import Row
from drivestack.roads.lanes import local_coordinates, width_at


@kernel
def keeps_to_limit(road: Road, path: NDArray, overspeed: float) -> float:
    """1 within the limits along the route's line, 0 where one is exceeded by `overspeed` [m/s]."""
    worst = 0.0
    s, _ = project(road.line, 0, road.n - 1, road.spacing, path[0, 0], path[0, 1])
    for t in range(path.shape[0]):
        row = min(max(int(s / road.spacing), 0), road.n - 1)
        worst = max(worst, path[t, 3] - road.limit[row])
        if t + 1 < path.shape[0]:
            dx, dy = path[t + 1, 0] - path[t, 0], path[t + 1, 1] - path[t, 1]
            s += math.sqrt(dx * dx + dy * dy)
    return max(1.0 - worst / overspeed, 0.0)


@kernel
def keeps_to_line(road: Road, path: NDArray, far: float) -> float:
    """1 where a path ends on the route's line, 0 where it ends `far` [m] beside it."""
    x, y = path[-1, 0], path[-1, 1]
    _, lateral = project(road.line, 0, road.n - 1, road.spacing, x, y)
    return max(1.0 - abs(lateral) / far, 0.0)


@kernel
def towards(road: Road, lane: int, side: int, path: NDArray) -> float:
    """How far a path gets from a lane to the next one on a side: 0.5 not at all, 1 all the way."""
    row = road.map.lanes[lane]
    s, lateral = local_coordinates(row, road.map.points, path[-1, 0], path[-1, 1])
    moved = side * lateral / width_at(row, road.map.points, s)
    return min(max(0.5 + 0.5 * moved, 0.0), 1.0)


@kernel
def keeps_clear(road: Road, body: Body, begun: bool, path: NDArray, rules: Row) -> float:
    """1, or `blocking_left` where a path ends slowly on a junction that it did not begin on."""
    if begun or path[-1, 3] >= rules.slow:
        return 1.0
    aside = 0.5 * body.size[1]
    if blocks(road.map, road.sequence, road.valid, path[-1], body.size[0], aside):
        return rules.blocking_left
    return 1.0
