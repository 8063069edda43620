"""The lane graph of a map as a router sees it: which lane can be driven after which."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.map import Map
from drivestack.core.tables import Row, Table
from drivestack.roads.lanes import (
    heading_at,
    lane_distance,
    local_coordinates,
    position,
    width_at,
)

LIMIT_UNKNOWN = 15.0
"""Speed [m/s] where a lane has no limit: PDM-Closed's, see the README."""


@dataclass(frozen=True, slots=True, eq=False)
class LaneGraph:
    """Edges between lanes.

    Attributes:
        after: successors of each lane. beside: lanes that each lane may change to.
        turn: change of heading [rad] of each successor, parallel to `after`.
        length: (L,) [m]. limit: (L,) [m/s].
    """

    after: tuple[tuple[int, ...], ...]
    turn: tuple[tuple[float, ...], ...]
    beside: tuple[tuple[int, ...], ...]
    length: NDArray[np.float64]
    limit: NDArray[np.float64]


@kernel
def _joint(lanes: Table, points: Table, a: int, b: int) -> tuple[float, float, float]:
    """Gap [m] between the end of lane a and lane b, b's half width there, b's change of heading.

    A lane may be entered in its middle: the gap counts from its nearest point.
    """
    first, second = lanes[a], lanes[b]
    x, y = position(first, points, first.length, 0.0)
    s, _ = local_coordinates(second, points, x, y)
    # Headings of both far ends, so that a turn is seen whole.
    turn = wrap_to_pi(
        heading_at(second, points, second.length) - heading_at(first, points, first.length)
    )
    return lane_distance(second, points, x, y), width_at(second, points, s) / 2.0, turn


@kernel
def _offset(lanes: Table, points: Table, a: int, b: int) -> tuple[float, float]:
    """Lateral distance [m] between the middles of two lanes, and lane b's width there."""
    x, y = position(lanes[a], points, lanes[a].length / 2.0, 0.0)
    s, lateral = local_coordinates(lanes[b], points, x, y)
    return abs(lateral), width_at(lanes[b], points, s)


@lru_cache(maxsize=64)
def lane_graph(map: Map) -> LaneGraph:
    """The edges of a map; cached, since maps are interned and immutable.

    A lane continues in those lanes of its road's successors that pass within half a width of its
    end, and else in the nearest one, as highway-env's joints are loose; but not in a lane that
    another lane of its road meets better. So a lane that runs out beside another one (a merge) has
    no successor, and the way leads through a lane change before its end.
    """
    after, turns, beside = [], [], []
    for lane, row in enumerate(map.lanes):
        road = map.roads[row["road"]]
        joined = _successors(map, lane, road)
        after.append(tuple(number for number, _ in joined))
        turns.append(tuple(turn for _, turn in joined))
        beside.append(_neighbours(map, lane, road))
    limit = np.where(map.lanes["limited"], map.lanes["speed_limit"], LIMIT_UNKNOWN)
    return LaneGraph(tuple(after), tuple(turns), tuple(beside), map.lanes["length"], limit)


def _successors(map: Map, lane: int, road: Row) -> list[tuple[int, float]]:
    """Lanes that continue a lane, with the change of heading to their ends."""
    found = []
    for number in map.successors[road["next_at"] : road["next_at"] + road["next_n"]]:
        ahead = map.roads[number]
        others = range(int(ahead["lane_at"]), int(ahead["lane_at"] + ahead["lane_n"]))
        joints = {other: _joint(map.lanes, map.points, lane, other) for other in others}
        nearest = min(others, key=lambda other: joints[other][0])
        for other, (gap, half_width, turn) in joints.items():
            loose = other == nearest and not _met_better(map, lane, road, other, gap)
            if gap <= half_width or loose:
                found.append((other, float(turn)))
    return found


def _met_better(map: Map, lane: int, road: Row, other: int, gap: float) -> bool:
    """Whether another lane of the same road ends nearer to `other`."""
    own = range(int(road["lane_at"]), int(road["lane_at"] + road["lane_n"]))
    return any(_joint(map.lanes, map.points, a, other)[0] < gap for a in own if a != lane)


def _neighbours(map: Map, lane: int, road: Row) -> tuple[int, ...]:
    """Lanes of the same road next to a lane, unless changes into them are refused."""
    found = []
    for other in (lane - 1, lane + 1):
        if not road["lane_at"] <= other < road["lane_at"] + road["lane_n"]:
            continue
        offset, width = _offset(map.lanes, map.points, lane, other)
        if not map.lanes[other]["forbidden"] and offset <= 1.5 * width:
            found.append(other)
    return tuple(found)
