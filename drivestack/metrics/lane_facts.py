"""Where the ego's footprint lies on the map: lanes it is in, distance outside, straddling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.compiled import kernel
from drivestack.core.geometry import corners
from drivestack.core.map import Map
from drivestack.core.types import Bools, Floats, Ints
from drivestack.roads.lanes import heading_at, local_coordinates, width_at

INSIDE = 1e-6
"""Points closer than this [m] to a lane are in it: neighbours share an edge, and rounding must not
open a gap between them."""


@dataclass(frozen=True, slots=True, eq=False)
class LaneFacts:
    """What the map says of T poses.

    Attributes:
        lane: (T,) the lane the centre is in, of several the one most along the ego's heading, or
            -1. s: (T,) [m] along it. outside: (T,) how far the farthest corner lies outside all
            lanes [m].
        straddles: (T,) the corners are not all in one lane or its direct continuation.
        crossing: (T,) the centre is in lanes that cross or merge: in two of different roads,
            neither the continuation of the other.
    """

    lane: Ints
    s: Floats
    outside: Floats
    straddles: Bools
    crossing: Bools

    def __post_init__(self) -> None:
        check_fields(self, _FACTS)


_FACTS = {
    "lane": ("T", np.int32),
    "s": ("T", np.float64),
    "outside": ("T", np.float64),
    "straddles": ("T", np.bool_),
    "crossing": ("T", np.bool_),
}


def lane_facts(map: Map, pose: Floats, size: Floats) -> LaneFacts:
    """The facts of poses (T, 3), footprint centre, of a body of size (2,) length and width [m].

    Lanes go on for a body's length where the map ends.
    """
    points = corners(pose, np.broadcast_to(size, (*pose.shape[:-1], 2)))
    ends = _open_ends(map) * size[0]
    away, _, _ = _projected(map.lanes, map.points, ends, points.reshape(-1, 2))
    away = away.reshape(len(pose), 4, len(map.lanes))
    holding = away <= INSIDE
    follows = _follows(map)
    # corners[t, c, l]: corner c lies in lane l or in a lane that follows l
    reached = (holding.astype(np.float64) @ (follows | np.eye(len(follows), dtype=bool)).T) > 0
    centre, s, heading = _projected(map.lanes, map.points, ends, np.ascontiguousarray(pose[:, :2]))
    inside = centre <= INSIDE
    lane = _most_along(inside, np.cos(pose[:, 2, None] - heading))
    return LaneFacts(
        lane=lane,
        s=np.where(lane >= 0, s[np.arange(len(pose)), np.maximum(lane, 0)], 0.0),
        outside=away.min(axis=2, initial=np.inf).max(axis=1),
        straddles=np.logical_not(reached.all(axis=1).max(axis=1, initial=False)),
        crossing=_crossing(map, inside, follows),
    )


@kernel
def _projected(
    lanes: NDArray, knots: NDArray, ends: NDArray, points: NDArray
) -> tuple[NDArray, NDArray, NDArray]:
    """Distance to (0 inside) and coordinate along every lane [m], lane heading [rad]: (P, L).

    `ends` (L, 2): by how much a lane is prolonged at its start and its end [m].
    """
    away = np.empty((points.shape[0], lanes.shape[0]))
    along, heading = np.empty_like(away), np.empty_like(away)
    for i in range(points.shape[0]):
        for n in range(lanes.shape[0]):
            lane = lanes[n]
            s, lateral = local_coordinates(lane, knots, points[i, 0], points[i, 1])
            beside = max(abs(lateral) - width_at(lane, knots, s) / 2, 0.0)
            beyond = max(s - lane.length - ends[n, 1], 0.0) + max(-s - ends[n, 0], 0.0)
            away[i, n], along[i, n] = np.sqrt(beside * beside + beyond * beyond), s
            heading[i, n] = heading_at(lane, knots, s)
    return away, along, heading


def _most_along(inside: Bools, alignment: Floats) -> Ints:
    """Of the lanes (T, L) that hold each pose the one most along its heading, -1 for none."""
    best = np.argmax(np.where(inside, alignment, -np.inf), axis=1)
    return np.where(inside.any(axis=1), best, -1).astype(np.int32)


def _open_ends(map: Map) -> Bools:
    """(L, 2): no road leads to a lane's start, none leaves its end.

    The map ends there, not the road: a body that enters the map is not off it with its rear.
    """
    road = map.lanes["road"]
    return np.stack([~np.isin(road, map.successors), map.roads["next_n"][road] == 0], axis=-1)


def _follows(map: Map) -> Bools:
    """(L, L): lane j's road directly follows lane i's."""
    road = map.lanes["road"]
    found = np.zeros((len(road), len(road)), np.bool_)
    for i in range(len(road)):
        own = map.roads[road[i]]
        found[i] = np.isin(road, map.successors[own["next_at"] : own["next_at"] + own["next_n"]])
    return found


def _crossing(map: Map, inside: Bools, follows: Bools) -> Bools:
    """(T,): two lanes of different roads hold the pose, neither following the other."""
    road = map.lanes["road"]
    apart = (road[:, None] != road) & ~follows & ~follows.T
    held = inside.astype(np.float64)
    return ((held @ apart) * held).sum(axis=1) > 0
