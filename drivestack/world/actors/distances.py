"""Distances between bodies as OpenSCENARIO measures them: along an axis, or straight; freespace."""

from __future__ import annotations

import math

from drivestack.core.compiled import hot_kernel, inlined_kernel
from drivestack.core.geometry import box_distance, boxes_overlap
from drivestack.core.script import Axis, Frame
from drivestack.core.tables import Row
from drivestack.roads.lanes import heading_at, local_coordinates

from ..views import Road

_EUCLIDEAN = int(Axis.EUCLIDEAN)
_LONGITUDINAL = int(Axis.LONGITUDINAL)
_IN_LANE = int(Frame.LANE)


@inlined_kernel
def half_extent(body: Row, direction: float) -> float:
    """Half the length of a box's shadow on an axis of this direction [m]."""
    turned = body.heading - direction
    return 0.5 * (body.length * abs(math.cos(turned)) + body.width * abs(math.sin(turned)))


@inlined_kernel
def point_behind(body: Row, back: float) -> tuple[float, float]:
    """The point that far behind a body's centre [m]."""
    return body.x - back * math.cos(body.heading), body.y - back * math.sin(body.heading)


@hot_kernel
def lead(
    road: Road, a: Row, b: Row, frame: int, a_back: float, b_back: float
) -> tuple[float, float, float]:
    """How far b's point is ahead of and to the left of a's [m], and that axis's direction.

    The points lie so far behind the centres. In the frame of a's lane coordinates are prolonged
    straight beyond its ends.
    """
    ax, ay = point_behind(a, a_back)
    bx, by = point_behind(b, b_back)
    if frame == _IN_LANE:
        lane = road.lanes[a.lane]
        own_s, own_lateral = local_coordinates(lane, road.points, ax, ay)
        s, lateral = local_coordinates(lane, road.points, bx, by)
        direction = heading_at(lane, road.points, own_s)
        if math.cos(a.heading - direction) < 0.0:
            return own_s - s, own_lateral - lateral, direction + math.pi
        return s - own_s, lateral - own_lateral, direction
    dx = bx - ax
    dy = by - ay
    c = math.cos(a.heading)
    n = math.sin(a.heading)
    return dx * c + dy * n, dy * c - dx * n, a.heading


@hot_kernel
def distance(
    road: Road,
    a: Row,
    b: Row,
    axis: int,
    frame: int,
    freespace: bool,
    a_back: float,
    b_back: float,
) -> float:
    """The distance from a to b [m], at least 0: between the boxes, or points behind the centres."""
    if axis == _EUCLIDEAN:
        if freespace:
            return boxes_distance(a, b)
        ax, ay = point_behind(a, a_back)
        bx, by = point_behind(b, b_back)
        return math.sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay))
    along, across, direction = lead(road, a, b, frame, a_back, b_back)
    if axis == _LONGITUDINAL:
        away = abs(along)
    else:
        away = abs(across)
        direction += 0.5 * math.pi
    if not freespace:
        return away
    return max(away - half_extent(a, direction) - half_extent(b, direction), 0.0)


@hot_kernel
def closing(
    road: Road, a: Row, b: Row, axis: int, frame: int, a_back: float, b_back: float
) -> float:
    """The speed at which a distance between such points shrinks along its axis [m/s].

    In the frame of a's lane each one's motion counts along the lane where it is.
    """
    if axis == _EUCLIDEAN:
        ax, ay = point_behind(a, a_back)
        bx, by = point_behind(b, b_back)
        dx, dy = bx - ax, by - ay
        away = math.sqrt(dx * dx + dy * dy)
        if away == 0.0:
            return 0.0
        along = a.speed * math.cos(a.heading) - b.speed * math.cos(b.heading)
        across = a.speed * math.sin(a.heading) - b.speed * math.sin(b.heading)
        return (along * dx + across * dy) / away
    along, across, direction = lead(road, a, b, frame, a_back, b_back)
    there = direction
    if frame == _IN_LANE:
        lane = road.lanes[a.lane]
        own_s, _ = local_coordinates(lane, road.points, a.x, a.y)
        s, _ = local_coordinates(lane, road.points, b.x, b.y)
        there += heading_at(lane, road.points, s) - heading_at(lane, road.points, own_s)
    if axis == _LONGITUDINAL:
        away = along
        speed = b.speed * math.cos(b.heading - there) - a.speed * math.cos(a.heading - direction)
    else:
        away = across
        speed = b.speed * math.sin(b.heading - there) - a.speed * math.sin(a.heading - direction)
    if away == 0.0:
        return 0.0
    return -speed if away > 0.0 else speed


@hot_kernel
def boxes_distance(a: Row, b: Row) -> float:
    """The shortest distance of two boxes [m]: it begins or ends at a corner, or they overlap."""
    if overlap(a, b):
        return 0.0
    return min(_corner_distance(a, b), _corner_distance(b, a))


@hot_kernel
def overlap(a: Row, b: Row) -> bool:
    """Whether two boxes overlap."""
    return boxes_overlap(
        a.x, a.y, a.heading, a.length, a.width, b.x, b.y, b.heading, b.length, b.width
    )


@hot_kernel
def _corner_distance(a: Row, b: Row) -> float:
    """The shortest distance of a's corners to the box b [m]."""
    ca, na = math.cos(a.heading), math.sin(a.heading)
    cb, nb = math.cos(b.heading), math.sin(b.heading)
    best = math.inf
    for k in range(4):
        along = 0.5 * a.length * (1.0 if k < 2 else -1.0)
        across = 0.5 * a.width * (1.0 if k % 2 == 0 else -1.0)
        dx = a.x + along * ca - across * na - b.x
        dy = a.y + along * na + across * ca - b.y
        best = min(best, box_distance(dx, dy, cb, nb, b.length, b.width))
    return best
