"""Frenet coordinates of every lane kind, both ways, compiled.

Longitudinal coordinate s [m] along the lane, lateral coordinate [m] positive along the lane's
normal ``(-dy, dx)``: to the left in an ISO map, to the right in a highway-env map. Coordinates
extrapolate beyond both ends. The order of operations is highway-env 1.12.1's (`road/lane.py`).
"""

from __future__ import annotations

import math

from drivestack.core.compiled import hot_kernel, inlined_kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.tables import LaneKind, Row, Table

from .polyline import (
    poly_lane_coordinates,
    poly_lane_heading,
    poly_lane_position,
    polyline_coordinates,
    polyline_heading,
    polyline_position,
    polyline_width,
)

LIMIT_UNKNOWN = 15.0
"""Speed [m/s] where a lane has no limit: PDM-Closed's."""

LEAST_LIMIT = 0.1
"""A lane whose limit is 0 m/s would have no travel time."""

_SINE = int(LaneKind.SINE)
_CIRCULAR = int(LaneKind.CIRCULAR)
_POLYLINE = int(LaneKind.POLYLINE)
_STRAIGHT = int(LaneKind.STRAIGHT)


@hot_kernel
def limit_of(lane: Row) -> float:
    """The speed limit of a lane [m/s], above 0."""
    return max(lane.speed_limit, LEAST_LIMIT) if lane.limited else LIMIT_UNKNOWN


@inlined_kernel
def local_coordinates(lane: Row, points: Table, x: float, y: float) -> tuple[float, float]:
    """(s, lateral) [m] of a point [m]."""
    kind = lane.kind
    if kind == _CIRCULAR:
        dx = x - lane.x
        dy = y - lane.y
        phi = lane.start_phase + wrap_to_pi(math.atan2(dy, dx) - lane.start_phase)
        r = math.sqrt(dx * dx + dy * dy)
        s = lane.turn * (phi - lane.start_phase) * lane.radius
        return s, lane.turn * (lane.radius - r)
    if kind == _STRAIGHT or kind == _SINE:
        dx = x - lane.x
        dy = y - lane.y
        s = dx * lane.dx + dy * lane.dy
        lateral = dx * -lane.dy + dy * lane.dx
        if kind == _SINE:
            lateral = lateral - lane.amplitude * math.sin(lane.pulsation * s + lane.phase)
        return s, lateral
    if kind == _POLYLINE:
        return polyline_coordinates(lane, points, x, y)
    return poly_lane_coordinates(lane, points, x, y)


@hot_kernel
def position(lane: Row, points: Table, s: float, lateral: float) -> tuple[float, float]:
    """The point [m] at (s, lateral) [m]."""
    kind = lane.kind
    if kind == _CIRCULAR:
        phi = lane.turn * s / lane.radius + lane.start_phase
        r = lane.radius - lateral * lane.turn
        return lane.x + r * math.cos(phi), lane.y + r * math.sin(phi)
    if kind == _STRAIGHT or kind == _SINE:
        if kind == _SINE:
            lateral = lateral + lane.amplitude * math.sin(lane.pulsation * s + lane.phase)
        x = (lane.x + s * lane.dx) + lateral * -lane.dy
        y = (lane.y + s * lane.dy) + lateral * lane.dx
        return x, y
    if kind == _POLYLINE:
        return polyline_position(lane, points, s, lateral)
    return poly_lane_position(lane, points, s, lateral)


@inlined_kernel
def heading_at(lane: Row, points: Table, s: float) -> float:
    """Direction of the lane [rad] at s [m], not normalised."""
    kind = lane.kind
    if kind == _STRAIGHT:
        return lane.heading
    if kind == _CIRCULAR:
        return (lane.turn * s / lane.radius + lane.start_phase) + math.pi / 2 * lane.turn
    if kind == _SINE:
        slope = lane.amplitude * lane.pulsation * math.cos(lane.pulsation * s + lane.phase)
        return lane.heading + math.atan(slope)
    if kind == _POLYLINE:
        return polyline_heading(lane, points, s)
    return poly_lane_heading(lane, points, s)


@inlined_kernel
def width_at(lane: Row, points: Table, s: float) -> float:
    """Full width [m] at s [m]."""
    if lane.kind == _POLYLINE:
        return polyline_width(lane, points, s)
    if lane.widths_n > 0:
        last = lane.widths_n - 1
        index = 0 if s < 0.0 else (last if s > last else int(s))
        return points[lane.samples_at + index].width
    return lane.width


@inlined_kernel
def on_lane(lane: Row, points: Table, s: float, lateral: float, margin: float, ends: float) -> bool:
    """Whether (s, lateral) lies on the lane widened by `margin` and prolonged by `ends` [m]."""
    inside = -ends <= s and s < lane.length + ends
    return inside and abs(lateral) <= width_at(lane, points, s) / 2 + margin


@inlined_kernel
def is_reachable(lane: Row, points: Table, x: float, y: float, ends: float) -> bool:
    """Whether a lane change into this lane may begin here (`AbstractLane.is_reachable_from`)."""
    if lane.forbidden:
        return False
    s, lateral = local_coordinates(lane, points, x, y)
    inside = 0.0 <= s and s < lane.length + ends
    return inside and abs(lateral) <= 2 * width_at(lane, points, s)


@hot_kernel
def overshoot(lane: Row, s: float) -> float:
    """How far s lies beyond either end [m]."""
    return max(s - lane.length, 0.0) + max(0.0 - s, 0.0)


@hot_kernel
def lane_distance(lane: Row, points: Table, x: float, y: float) -> float:
    """L1 distance [m] of a point to the lane (`AbstractLane.distance`)."""
    s, lateral = local_coordinates(lane, points, x, y)
    return abs(lateral) + max(s - lane.length, 0.0) + max(0.0 - s, 0.0)
