"""How lanes join, as tables for kernels: what continues a lane, and what lies beside it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.map import Map
from drivestack.core.tables import Row, Table
from drivestack.roads.graph import lane_on_road
from drivestack.roads.lanes import lane_distance, local_coordinates, position, width_at

FARTHEST = 2.0
"""Lane widths across which nobody cuts to an exit; our choice: from the inner lane of highway-env's
roundabouts traffic cuts across 1.8, and its exit-v1 would let it come across all six."""


class Links(NamedTuple):
    """Neighbours of the lanes of one map, -1 for none.

    Rows `after_at[l]` to `after_at[l + 1]` of `after` continue lane l, each entered at `entry`, s
    in metres. Where a row is not `met`, the lane misses the next one while another lane of its road
    meets it: traffic cuts across, a line would not. left, right: (L,) lanes to change to.
    """

    after_at: NDArray
    after: NDArray
    entry: NDArray
    met: NDArray
    left: NDArray
    right: NDArray


@lru_cache(maxsize=64)
def links_of(map: Map) -> Links:
    """The links of a map in the ISO frame; cached, since maps are interned and immutable."""
    lanes, roads = map.lanes, map.roads
    after_at = np.zeros(len(lanes) + 1, np.int64)
    most = int(sum(roads[row["road"]]["next_n"] for row in lanes))
    after, entry = np.zeros(most, np.int64), np.zeros(most)
    met = np.zeros(most, np.bool_)
    beside = np.full((2, len(lanes)), -1, np.int64)
    _continue(lanes, roads, map.successors, map.points, after_at, after, entry, met)
    _stand_beside(lanes, roads, map.points, beside[0], beside[1])
    return Links(after_at, after, entry, met, beside[0], beside[1])


@hot_kernel
def _met_better(lanes: Table, points: Table, road: Row, lane: int, other: int, gap: float) -> bool:
    """Whether another lane of the same road ends nearer to `other`."""
    for a in range(road.lane_at, road.lane_at + road.lane_n):
        x, y = position(lanes[a], points, lanes[a].length, 0.0)
        if a != lane and lane_distance(lanes[other], points, x, y) < gap:
            return True
    return False


@kernel
def _continue(
    lanes: Table,
    roads: Table,
    successors: NDArray,
    points: Table,
    after_at: NDArray,
    after: NDArray,
    entry: NDArray,
    met: NDArray,
) -> None:
    """Traffic's rule (`roads.graph.next_lane`) for every road that leaves a lane's end."""
    n = 0
    for lane in range(lanes.shape[0]):
        after_at[lane] = n
        row = lanes[lane]
        road = roads[row.road]
        x, y = position(row, points, row.length, 0.0)
        for place in range(road.next_at, road.next_at + road.next_n):
            ahead = roads[successors[place]]
            other, gap = lane_on_road(lanes, points, road, ahead, row.id, x, y)
            s, _ = local_coordinates(lanes[other], points, x, y)
            width = width_at(lanes[other], points, s)
            met[n] = gap <= 0.5 * width or not _met_better(lanes, points, road, lane, other, gap)
            if not met[n] and gap >= FARTHEST * width:
                continue
            after[n], entry[n] = other, max(s, 0.0)
            n += 1
    after_at[lanes.shape[0]] = n


@kernel
def _stand_beside(lanes: Table, roads: Table, points: Table, left: NDArray, right: NDArray) -> None:
    """Lanes of the same road within one and a half widths that may be changed to."""
    for lane in range(lanes.shape[0]):
        row = lanes[lane]
        road = roads[row.road]
        x, y = position(row, points, 0.5 * row.length, 0.0)
        for other in (lane - 1, lane + 1):
            if not road.lane_at <= other < road.lane_at + road.lane_n or lanes[other].forbidden:
                continue
            s, lateral = local_coordinates(lanes[other], points, x, y)
            if abs(lateral) > 1.5 * width_at(lanes[other], points, s):
                continue
            if lateral < 0.0:  # this lane lies to the other's right
                left[lane] = other
            else:
                right[lane] = other


@hot_kernel
def onward(links: Links, lanes: Table, lane: int, wanted: NDArray) -> tuple[int, float]:
    """The lane that a line goes on along, and the s [m] at which it is entered; -1: none.

    Args:
        wanted: (L,) lanes of the route's roads; off the route the first continuation is taken.
    """
    chosen, at = -1, 0.0
    for place in range(links.after_at[lane], links.after_at[lane + 1]):
        other = links.after[place]
        if not links.met[place]:
            continue
        if wanted[other]:
            return other, links.entry[place]
        if chosen < 0:
            chosen, at = other, links.entry[place]
    return chosen, at


@hot_kernel
def steps_to(links: Links, lane: int, other: int) -> int:
    """How many lanes to the left of one another one of its road lies; negative: to the right.

    0 where it is the same one, or none beside it.
    """
    here, steps = lane, 0
    while here >= 0 and here != other:
        here, steps = links.left[here], steps + 1
    if here == other:
        return steps
    here, steps = lane, 0
    while here >= 0 and here != other:
        here, steps = links.right[here], steps - 1
    return steps if here == other else 0
