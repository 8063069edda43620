"""What a role moves along: a straight line, lanes, or a trajectory; its pose and curvature there.

On all three a place is (s, offset): metres along, and metres to the left of its direction. A role
that goes against its lane keeps the lane's coordinates; its heading is turned.
"""

from __future__ import annotations

import math

from drivestack.core.compiled import hot_kernel
from drivestack.core.script import Ground
from drivestack.core.tables import Row, Table
from drivestack.roads.graph import lane_on_road, next_lane
from drivestack.roads.lanes import heading_at, local_coordinates, position
from drivestack.roads.polyline import polyline_coordinates, polyline_heading, polyline_position

from ..views import Road

_LINE = int(Ground.LINE)
_LANE = int(Ground.LANE)
_PATH = int(Ground.PATH)

HALF_STEP = 0.5
"""Metres to each side over which a curvature is measured; exact on straights and arcs."""

STANDING = 0.1
"""Below this speed [m/s] a body that moves sideways slides: its heading stays the ground's."""


@hot_kernel
def ground_heading(road: Road, role: Row, knots: Table, s: float) -> float:
    """Direction of the ground at s [rad]."""
    if role.ground == _LANE:
        return heading_at(road.lanes[role.lane], road.points, s)
    if role.ground == _PATH:
        return polyline_heading(role, knots, s)
    return role.heading


@hot_kernel
def ground_position(
    road: Road, role: Row, knots: Table, s: float, offset: float
) -> tuple[float, float]:
    """The point at (s, offset) [m]."""
    if role.ground == _LANE:
        return position(road.lanes[role.lane], road.points, s, offset)
    if role.ground == _PATH:
        return polyline_position(role, knots, s, offset)
    c = math.cos(role.heading)
    n = math.sin(role.heading)
    return role.x + s * c - offset * n, role.y + s * n + offset * c


@hot_kernel
def ground_coordinates(
    road: Road, role: Row, knots: Table, x: float, y: float
) -> tuple[float, float]:
    """(s, offset) of a point [m]."""
    if role.ground == _LANE:
        return local_coordinates(road.lanes[role.lane], road.points, x, y)
    if role.ground == _PATH:
        return polyline_coordinates(role, knots, x, y)
    c = math.cos(role.heading)
    n = math.sin(role.heading)
    dx = x - role.x
    dy = y - role.y
    return dx * c + dy * n, dy * c - dx * n


@hot_kernel
def advance(road: Road, body: Row, route: Table, role: Row, knots: Table, way: float) -> None:
    """Move along by `way` metres of the body's own line, on to the next lane at a lane's end.

    Beside the centre of a bend the ground is shorter or longer than the body's line by the factor
    1 - curvature * offset.
    """
    ahead = ground_heading(road, role, knots, role.s + HALF_STEP)
    behind = ground_heading(road, role, knots, role.s - HALF_STEP)
    curvature = (ahead - behind) / (2.0 * HALF_STEP)
    stretch = 1.0 - curvature * role.offset
    role.s += role.along * way / max(stretch, 0.1)  # a bend tighter than its offset has no line
    while role.ground == _LANE:
        lane = road.lanes[role.lane]
        if role.along > 0.0 and role.s > lane.length:
            following = next_lane(
                road.lanes, road.roads, road.numbers, road.points, body, route, int(role.lane)
            )
            if following == role.lane:
                return
            role.s -= lane.length
            role.lane = following
        elif role.along < 0.0 and role.s < 0.0:
            before = _lane_before(road, int(role.lane))
            if before == role.lane:
                return
            role.lane = before
            role.s += road.lanes[before].length
        else:
            return


@hot_kernel
def _lane_before(road: Road, lane: int) -> int:
    """The nearest lane that ends where this one begins; the lane itself if there is none."""
    row = road.lanes[lane]
    now = road.roads[row.road]
    x, y = position(row, road.points, 0.0, 0.0)
    best = math.inf
    chosen = lane
    for number in range(road.roads.shape[0]):
        if road.roads[number].end == now.start:
            found, away = lane_on_road(
                road.lanes, road.points, now, road.roads[number], row.id, x, y
            )
            if away < best:
                best = away
                chosen = found
    return chosen


@hot_kernel
def show(road: Road, body: Row, role: Row, knots: Table, dt: float) -> None:
    """Write the role's pose and speed into its body."""
    body.x, body.y = ground_position(road, role, knots, role.s, role.offset)
    heading = ground_heading(road, role, knots, role.s)
    if role.along < 0.0:
        heading += math.pi
    sideways = role.along * role.lateral_speed
    if role.speed > STANDING:
        heading += math.atan2(sideways, role.speed)
    speed = math.sqrt(role.speed * role.speed + sideways * sideways)
    body.accel = (speed - body.speed) / dt
    body.heading = heading
    body.speed = speed
    body.steer = 0.0


@hot_kernel
def stand_free(road: Road, role: Row, knots: Table) -> None:
    """Leave the ground: from here on along the straight line through the present pose."""
    heading = ground_heading(road, role, knots, role.s)
    role.x, role.y = ground_position(road, role, knots, role.s, role.offset)
    role.heading = heading + math.pi if role.along < 0.0 else heading
    role.ground = _LINE
    role.along = 1.0
    role.s = 0.0
    role.offset = 0.0
    role.lateral_speed = 0.0
