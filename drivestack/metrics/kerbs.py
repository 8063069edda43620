"""The drivable area beside lanes: rounded kerbs where one lane leads into another at an angle.

highway-env's roundabouts are made of lanes that meet at corners: from an entry to the ring a car
has to turn by 47 degrees at once, and lanes end 5.6 m apart. No car can follow that with all of its
own corners in lanes. Real kerbs are rounded there, and nuPlan's drivable polygons contain the whole
intersection.

So the corner between two such lanes is filled up to the arc of a kerb: the morphological closing of
both, less what it fills along each alone. Elsewhere the drivable area is the union of the lanes and
nothing else; what lies between carriageways, and the islands of a roundabout, stay outside.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from drivestack.core.compiled import kernel
from drivestack.core.map import Map
from drivestack.core.tables import Row, Table
from drivestack.core.types import Floats
from drivestack.roads.lanes import heading_at, position, width_at

RADIUS = 25.0
"""Radius [m] of kerbs. Our choice: entries of real single-lane roundabouts have 10 to 30 m
(FHWA-RD-00-067, 6.3.5), and with 20 m the cars of `idm` and `pdm15` that take highway-env's
roundabout in their lanes would still be 0.3 m off the road at its exits."""

CORNER, BACK = 0.6, 2.0
"""Joined lanes that turn by so much [rad] at once, and not back, make a corner. Our choice: lanes
of NGSIM recordings turn by up to 0.5, those of highway-env's roundabouts by 0.8 and 1.15."""

FARTHEST = 10.0
"""Lanes whose ends are farther apart [m] are not joined, whatever their roads are. Our choice."""

_STEP = 0.25
"""Metres between the points of a lane's edge: 0.4 mm off an arc of 20 m."""

_OVERLAP = 0.01
"""By how much [m] a fill reaches into its lanes, so that no crack stays between them."""

_ARC = 64
"""Pieces of a quarter of a circle: 2 mm off the kerb's arc."""


def beyond_kerbs(map: Map, points: Floats) -> Floats:
    """Distance [m] of points (P, 2) to the nearest fill, 0 in it; infinite where there is none."""
    fill = kerbs(map)
    if fill.is_empty:
        return np.full(len(points), math.inf)
    return np.asarray(shapely.distance(fill, shapely.points(points)), np.float64)


@lru_cache(maxsize=64)
def kerbs(map: Map) -> BaseGeometry:
    """What is drivable between the lanes of a map; made once, since maps are interned."""
    fills = [_fill(_outline(map, a), _outline(map, b)) for a, b in _corners(map)]
    whole = shapely.union_all(fills)
    shapely.prepare(whole)
    return whole


def _fill(one: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """What a kerb adds to the corner between two lanes.

    The arcs of shapely are no mirror images of each other; this is, up to rounding.
    """
    image = _added(_flipped(one), _flipped(other))
    return shapely.union_all([_added(one, other), _flipped(image)])


def _flipped(area: BaseGeometry) -> BaseGeometry:
    """The mirror image of an area."""
    return shapely.normalize(shapely.transform(area, lambda points: points * [1.0, -1.0]))


def _added(one: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """What the closing of two areas adds to the closings of each."""
    both = _closed(shapely.union_all([one, other]))
    added = both.difference(_closed(one)).difference(_closed(other))
    # what is left of rounding along the edges is thinner than this
    return added.buffer(-_OVERLAP).buffer(3 * _OVERLAP)


def _closed(area: BaseGeometry) -> BaseGeometry:
    """The closing of an area by a disc: whatever such a disc cannot reach from outside."""
    return area.buffer(RADIUS, quad_segs=_ARC).buffer(-RADIUS, quad_segs=_ARC)


@lru_cache(maxsize=64)
def corner_places(map: Map) -> Floats:
    """The places (J, 2) [m] of corners between joined lanes: halfway between end and start."""
    found = [_between(map.lanes, map.points, a, b) for a, b in _corners(map)]
    return np.array(found, np.float64).reshape(-1, 2)


def _corners(map: Map) -> Iterator[tuple[int, int]]:
    """Lanes a, b where b's road follows a's, each nearest to the other, that make a corner."""
    for road in map.roads:
        own = _lanes_of(road)
        for number in map.successors[road["next_at"] : road["next_at"] + road["next_n"]]:
            after = _lanes_of(map.roads[number])
            gap, turn = _joints(map.lanes, map.points, own, after)
            for i, a in enumerate(own.tolist()):
                j = int(np.argmin(gap[i]))
                turns = CORNER <= abs(turn[i, j]) <= BACK
                if turns and gap[i, j] <= min(FARTHEST, gap[:, j].min()):
                    yield a, int(after[j])


def _lanes_of(road: Row) -> NDArray[np.int64]:
    """The numbers of a road's lanes."""
    first = int(road["lane_at"])
    return np.arange(first, first + int(road["lane_n"]))


@kernel
def _joints(lanes: Table, knots: Table, own: Table, after: Table) -> tuple[NDArray, NDArray]:
    """From the ends of lanes (A,) to the starts of others (B,): gap [m] and turn [rad], (A, B)."""
    gap, turn = np.empty((own.shape[0], after.shape[0])), np.empty((own.shape[0], after.shape[0]))
    for i in range(own.shape[0]):
        a = lanes[own[i]]
        x, y = position(a, knots, a.length, 0.0)
        for j in range(after.shape[0]):
            b = lanes[after[j]]
            bx, by = position(b, knots, 0.0, 0.0)
            gap[i, j] = math.sqrt((bx - x) * (bx - x) + (by - y) * (by - y))
            angle = heading_at(b, knots, 0.0) - heading_at(a, knots, a.length)
            turn[i, j] = math.atan2(math.sin(angle), math.cos(angle))
    return gap, turn


@kernel
def _between(lanes: Table, knots: Table, a: int, b: int) -> tuple[float, float]:
    """Halfway from the end of lane a to the start of lane b [m]."""
    x, y = position(lanes[a], knots, lanes[a].length, 0.0)
    bx, by = position(lanes[b], knots, 0.0, 0.0)
    return 0.5 * (x + bx), 0.5 * (y + by)


def _outline(map: Map, lane: int) -> BaseGeometry:
    """A lane as a polygon, in a form that does not depend on where its ring begins."""
    pieces = max(math.ceil(float(map.lanes[lane]["length"]) / _STEP), 1)
    ring = shapely.Polygon(_edges(map.lanes, map.points, lane, pieces))
    return shapely.normalize(shapely.make_valid(ring))


@kernel
def _edges(lanes: Table, knots: Table, number: int, pieces: int) -> NDArray:
    """Points (2 pieces + 2, 2) along a lane's left edge and back along its right one."""
    lane = lanes[number]
    found = np.empty((2 * pieces + 2, 2))
    for i in range(pieces + 1):
        s = lane.length * i / pieces
        half = width_at(lane, knots, s) / 2
        found[i, 0], found[i, 1] = position(lane, knots, s, half)
        found[-1 - i, 0], found[-1 - i, 1] = position(lane, knots, s, -half)
    return found
