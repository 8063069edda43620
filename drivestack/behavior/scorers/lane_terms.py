"""The terms that only `pdm_lane` has: the speed limit, the line or the side wanted, junctions."""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.behavior.crossings import blocks
from drivestack.behavior.due import Due
from drivestack.behavior.road import Body, Road
from drivestack.core.compiled import kernel
from drivestack.core.lines import project
from drivestack.core.tables import Row
from drivestack.roads.lanes import limit_of, local_coordinates, width_at


@kernel
def keeps_to_limit(road: Road, here: int, path: NDArray, overspeed: float) -> float:
    """1 within the limits along the route's line, 0 where one is exceeded by `overspeed` [m/s].

    As far as the present lane goes (`here`, -1: none) its own limit holds, and those beside it.
    """
    worst = 0.0
    s, _ = project(road.line, 0, road.n - 1, road.spacing, path[0, 0], path[0, 1])
    for t in range(path.shape[0]):
        row = min(max(int(s / road.spacing), 0), road.n - 1)
        if path[t, 3] - road.limit[row] > worst:
            limit = _limit_there(road, here, path[t, 0], path[t, 1], road.limit[row])
            worst = max(worst, path[t, 3] - limit)
        if t + 1 < path.shape[0]:
            dx, dy = path[t + 1, 0] - path[t, 0], path[t + 1, 1] - path[t, 1]
            s += math.sqrt(dx * dx + dy * dy)
    return max(1.0 - worst / overspeed, 0.0)


@kernel
def _limit_there(road: Road, here: int, x: float, y: float, along: float) -> float:
    """The limit [m/s] of the present lane or of the one beside it at a point; else `along`."""
    if here < 0:
        return along
    row = road.map.lanes[here]
    s, lateral = local_coordinates(row, road.map.points, x, y)
    if s > row.length:
        return along
    half = 0.5 * width_at(row, road.map.points, s)
    lane = here
    if abs(lateral) > half:
        lane = int(road.links.left[here] if lateral > 0.0 else road.links.right[here])
    return limit_of(road.map.lanes[lane]) if lane >= 0 else along


@kernel
def keeps_to_line(road: Road, path: NDArray, far: float) -> float:
    """1 where a path ends on the route's line, 0 where it ends `far` [m] beside it."""
    x, y = path[-1, 0], path[-1, 1]
    _, lateral = project(road.line, 0, road.n - 1, road.spacing, x, y)
    return max(1.0 - abs(lateral) / far, 0.0)


@kernel
def towards(road: Road, here: int, due: Due, path: NDArray) -> float:
    """How much a path takes off what is due: 0.5 nothing, 1 an urgent lane change, 0 adds one.

    Args:
        here: the present lane, at least 0.
    """
    row = road.map.lanes[here]
    s, lateral = local_coordinates(row, road.map.points, path[-1, 0], path[-1, 1])
    moved = min(max(lateral / width_at(row, road.map.points, s), -1.0), 1.0)
    there = due.left if moved > 0.0 else due.right
    return min(max(0.5 + 0.5 * abs(moved) * (due.here - there), 0.0), 1.0)


@kernel
def follow_on(road: Road, here: int) -> None:
    """Let the roads that follow a lane be wanted too: who misses its exit does not stop for it."""
    map = road.map
    for place in range(road.links.after_at[here], road.links.after_at[here + 1]):
        row = map.roads[map.lanes[road.links.after[place]].road]
        road.wanted[row.lane_at : row.lane_at + row.lane_n] = True


@kernel
def keeps_clear(road: Road, body: Body, begun: bool, path: NDArray, rules: Row) -> float:
    """1, or `blocking_left` where a path ends slowly on a junction that it did not begin on."""
    if begun or path[-1, 3] >= rules.slow:
        return 1.0
    aside = 0.5 * body.size[1]
    if blocks(road.map, road.sequence, road.valid, path[-1], body.size[0], aside):
        return rules.blocking_left
    return 1.0
