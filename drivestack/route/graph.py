"""The lane graph of a map as a router sees it: which lane can be driven after which."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.map import Map
from drivestack.core.tables import Row, Table
from drivestack.roads.lanes import (
    LEAST_LIMIT,
    LIMIT_UNKNOWN,
    heading_at,
    lane_distance,
    local_coordinates,
    position,
    width_at,
)

_SHARPEST = math.pi / 2.0
"""A lane that starts in a direction further than this from another's end does not continue it."""

AFTER = np.dtype(
    [
        ("lane", np.int64),  # the one that is entered
        ("entry", np.float64),  # s at which it is entered [m]: 0 unless it is met in its middle
        ("turn", np.float64),  # change of heading between the far ends of both [rad]
    ],
    align=True,
)
"""One joint of a lane's end with a lane that continues it."""


@dataclass(frozen=True, slots=True, eq=False)
class LaneGraph:
    """Joints of lanes.

    Attributes:
        after: (E,) `AFTER`. after_at: (L + 1,) first joint of each lane.
        limit: (L,) [m/s], positive. ends: (L,) the lane's road goes no further: the map ends here.
    """

    after: NDArray
    after_at: NDArray[np.int64]
    limit: NDArray[np.float64]
    ends: NDArray[np.bool_]

    def onward(self, lane: int) -> list[int]:
        """The lanes that continue a lane."""
        return self.after["lane"][self.after_at[lane] : self.after_at[lane + 1]].tolist()


@kernel
def _joint(lanes: Table, points: Table, a: int, b: int) -> tuple[float, float, float, float, float]:
    """Where the end of lane a meets lane b.

    Returns:
        The gap [m], b's half width there, s on b [m], b's change of heading between the far ends,
        and that at the joint itself [rad].
    """
    first, second = lanes[a], lanes[b]
    x, y = position(first, points, first.length, 0.0)
    s, _ = local_coordinates(second, points, x, y)
    entry = min(max(s, 0.0), second.length)
    # Headings of both far ends, so that a turn is seen whole.
    before = heading_at(first, points, first.length)
    turn = wrap_to_pi(heading_at(second, points, second.length) - before)
    kink = wrap_to_pi(heading_at(second, points, entry) - before)
    return (
        lane_distance(second, points, x, y),
        width_at(second, points, s) / 2.0,
        entry,
        turn,
        kink,
    )


@lru_cache(maxsize=64)
def lane_graph(map: Map) -> LaneGraph:
    """The joints of a map; cached, since maps are interned and immutable.

    A lane continues in those lanes of its road's successors that pass within half a width of its
    end, and else in the nearest one, as highway-env's joints are loose; but not in a lane that
    another lane of its road meets better, nor in one that leads back. So a lane that runs out
    beside another one (a merge) has no successor, and the way leads through a lane change.
    """
    joints: list[tuple[int, float, float]] = []
    after_at = np.zeros(len(map.lanes) + 1, np.int64)
    for lane, row in enumerate(map.lanes):
        joints += _joints(map, lane, map.roads[row["road"]])
        after_at[lane + 1] = len(joints)
    limit = np.where(map.lanes["limited"], map.lanes["speed_limit"], LIMIT_UNKNOWN)
    goes_on = np.zeros(len(map.roads), np.bool_)
    goes_on[map.lanes["road"][np.diff(after_at) > 0]] = True
    return LaneGraph(
        after=np.array(joints, AFTER),
        after_at=after_at,
        limit=np.maximum(limit, LEAST_LIMIT),
        ends=~goes_on[map.lanes["road"]],
    )


def _joints(map: Map, lane: int, road: Row) -> list[tuple[int, float, float]]:
    """The joints of one lane, as rows of `AFTER`."""
    found = []
    for number in map.successors[road["next_at"] : road["next_at"] + road["next_n"]]:
        ahead = map.roads[number]
        others = range(int(ahead["lane_at"]), int(ahead["lane_at"] + ahead["lane_n"]))
        joints = {other: _joint(map.lanes, map.points, lane, other) for other in others}
        nearest = min(others, key=lambda other: joints[other][0])
        for other, (gap, half_width, entry, turn, kink) in joints.items():
            loose = other == nearest and not _met_better(map, lane, road, other, gap)
            if (gap <= half_width or loose) and abs(kink) <= _SHARPEST:
                found.append((other, entry, turn))
    return found


def _met_better(map: Map, lane: int, road: Row, other: int, gap: float) -> bool:
    """Whether another lane of the same road ends nearer to `other`."""
    own = range(int(road["lane_at"]), int(road["lane_at"] + road["lane_n"]))
    return any(_joint(map.lanes, map.points, a, other)[0] < gap for a in own if a != lane)
