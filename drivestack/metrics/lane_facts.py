"""Where the ego's footprint lies on the map: lanes it is in, distance outside, straddling."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from drivestack.core.arrays import check_fields
from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.geometry import corners
from drivestack.core.map import Map
from drivestack.core.tables import Table
from drivestack.core.types import Bools, Floats, Ints
from drivestack.roads.grid import cell_of
from drivestack.roads.lanes import heading_at, local_coordinates, width_at

from .kerbs import beyond_kerbs, corner_places

INSIDE = 1e-6
"""Points closer than this [m] to a lane are in it: neighbours share an edge, and rounding must not
open a gap between them."""


AT_CORNER = 8.0
"""Within this distance [m] of a corner between joined lanes the ego is in an intersection. Our
choice: cars that take highway-env's roundabouts smoothly are more than 0.5 m off the middle of
either lane from there on."""


@dataclass(frozen=True, slots=True, eq=False)
class LaneFacts:
    """What the map says of T poses.

    Attributes:
        lane: (T,) the lane the centre is in, of several the one most along the ego's heading, or
            -1. near: (T,) the same, or where there is none the nearest one, a radian of heading
            counting as a metre. s: (T,) [m] along `near`. lateral: (T,) [m] to the left of its
            middle.
        outside: (T,) how far the farthest corner lies outside the drivable area [m].
        straddles: (T,) the corners are not all in one lane or its direct continuation.
        crossing: (T,) in an intersection: the centre is in two lanes of different roads, neither
            the continuation of the other, or near where joined lanes make a corner.
    """

    lane: Ints
    near: Ints
    s: Floats
    lateral: Floats
    outside: Floats
    straddles: Bools
    crossing: Bools

    def __post_init__(self) -> None:
        check_fields(self, _FACTS)


_FACTS = {
    "lane": ("T", np.int32),
    "near": ("T", np.int32),
    "s": ("T", np.float64),
    "lateral": ("T", np.float64),
    "outside": ("T", np.float64),
    "straddles": ("T", np.bool_),
    "crossing": ("T", np.bool_),
}


def lane_facts(map: Map, pose: Floats, size: Floats) -> LaneFacts:
    """The facts of poses (T, 3), footprint centre, of a body of size (2,) length and width [m].

    Lanes go on for a body's length where the map ends.
    """
    count = len(pose)
    pose = np.ascontiguousarray(pose)
    points = corners(pose, np.broadcast_to(size, (count, 2)))
    away, s, lateral = np.zeros((count, 4)), np.zeros(count), np.zeros(count)
    lane, near = np.zeros(count, np.int32), np.zeros(count, np.int32)
    straddles, crossing = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    follows, open_ends = _links(map)
    _fill(map.lanes, map.points, map.grid, map.cell_at, map.cell_lanes, follows,
          open_ends * size[0], pose, points, INSIDE, away, lane, near, s, lateral, straddles,
          crossing)  # fmt: skip
    off = away > INSIDE
    if off.any():
        away[off] = np.minimum(away[off], beyond_kerbs(map, points[off]))
    return LaneFacts(
        lane=lane,
        near=near,
        s=s,
        lateral=lateral,
        outside=away.max(axis=1),
        straddles=straddles,
        crossing=crossing | _at_corner(map, pose),
    )


def _at_corner(map: Map, pose: Floats) -> Bools:
    """Which poses (T, 3) are near a corner between joined lanes."""
    apart = pose[:, None, :2] - corner_places(map)
    return np.any(np.hypot(apart[..., 0], apart[..., 1]) <= AT_CORNER, axis=1)


@lru_cache(maxsize=64)
def _links(map: Map) -> tuple[Bools, Bools]:
    """(L, L): lane j's road directly follows lane i's; (L, 2): no road joins a lane's start, end.

    The map ends there, not the road: a body that enters the map is not off it with its rear.
    """
    road = map.lanes["road"]
    follows = np.zeros((len(road), len(road)), np.bool_)
    for i in range(len(road)):
        own = map.roads[road[i]]
        after = map.successors[own["next_at"] : own["next_at"] + own["next_n"]]
        follows[i] = np.isin(road, after)
    ends = np.stack([~np.isin(road, map.successors), map.roads["next_n"][road] == 0], axis=-1)
    return follows, ends


@hot_kernel
def _place(
    lanes: Table, knots: Table, ends: Table, n: int, x: float, y: float
) -> tuple[float, float, float]:
    """Distance of a point to lane n (0 inside), s and lateral on it [m]."""
    lane = lanes[n]
    s, lateral = local_coordinates(lane, knots, x, y)
    beside = max(abs(lateral) - width_at(lane, knots, s) / 2, 0.0)
    beyond = max(s - lane.length - ends[n, 1], 0.0) + max(-s - ends[n, 0], 0.0)
    return math.sqrt(beside * beside + beyond * beyond), s, lateral


@hot_kernel
def _hold(
    lanes: Table, knots: Table, grid: Table, cell_at: Table, cell_lanes: Table,
    ends: Table, x: float, y: float, inside: float, held: Table,
) -> float:  # fmt: skip
    """Mark (L,) the lanes that hold a point; returns its distance to the nearest lane [m]."""
    cell = cell_of(grid[0], x, y)
    first = int(cell_at[cell]) if cell >= 0 else 0
    last = int(cell_at[cell + 1]) if cell >= 0 else lanes.shape[0]
    least = math.inf
    for place in range(first, last):
        n = int(cell_lanes[place]) if cell >= 0 else place
        away, _, _ = _place(lanes, knots, ends, n, x, y)
        least = min(least, away)
        held[n] = away <= inside
    if least > inside:  # cells list what can hold a point, not all that can be nearest to it
        for n in range(lanes.shape[0]):
            away, _, _ = _place(lanes, knots, ends, n, x, y)
            least = min(least, away)
    return least


@hot_kernel
def _lane_of(
    lanes: Table, knots: Table, ends: Table, held: Table, holds: bool,
    x: float, y: float, yaw: float,
) -> int:  # fmt: skip
    """Of the lanes that hold a point the one most along a heading, or the nearest of all."""
    best, found = math.inf, 0
    for n in range(lanes.shape[0]):
        if holds and not held[n]:
            continue
        away, s, _ = _place(lanes, knots, ends, n, x, y)
        cost = abs(wrap_to_pi(yaw - heading_at(lanes[n], knots, s)))
        if not holds:
            cost += away
        if cost < best:
            best, found = cost, n
    return found


@hot_kernel
def _in_one_lane(held: Table, follows: Table) -> bool:
    """Whether some lane that holds a corner holds all (4, L), with those that follow it."""
    count = held.shape[1]
    for n in range(count):
        if not (held[0, n] or held[1, n] or held[2, n] or held[3, n]):
            continue
        every = True
        for k in range(4):
            reached = held[k, n]
            for j in range(count):
                reached = reached or (held[k, j] and follows[n, j])
            every = every and reached
        if every:
            return True
    return False


@hot_kernel
def _in_crossing(lanes: Table, held: Table, follows: Table) -> bool:
    """Whether two lanes of different roads hold a point, neither following the other."""
    for i in range(held.shape[0]):
        if not held[i]:
            continue
        for j in range(i):
            apart = lanes[i].road != lanes[j].road and not follows[i, j] and not follows[j, i]
            if held[j] and apart:
                return True
    return False


@kernel
def _fill(
    lanes: Table, knots: Table, grid: Table, cell_at: Table, cell_lanes: Table,
    follows: Table, ends: Table, pose: Table, points: Table, inside: float,
    away: Table, lane: Table, near: Table, s: Table, lateral: Table,
    straddles: Table, crossing: Table,
) -> None:  # fmt: skip
    """Fill the arrays from `away` on; `points`: (T, 4, 2) corners."""
    held = np.zeros((5, lanes.shape[0]), np.bool_)
    for t in range(pose.shape[0]):
        held[:] = False
        for k in range(4):
            away[t, k] = _hold(lanes, knots, grid, cell_at, cell_lanes, ends,
                               points[t, k, 0], points[t, k, 1], inside, held[k])  # fmt: skip
        x, y, yaw = pose[t, 0], pose[t, 1], pose[t, 2]
        holds = _hold(lanes, knots, grid, cell_at, cell_lanes, ends, x, y, inside, held[4])
        near[t] = _lane_of(lanes, knots, ends, held[4], holds <= inside, x, y, yaw)
        lane[t] = near[t] if holds <= inside else -1
        _, s[t], lateral[t] = _place(lanes, knots, ends, near[t], x, y)
        straddles[t] = not _in_one_lane(held[:4], follows)
        crossing[t] = _in_crossing(lanes, held[4], follows)
