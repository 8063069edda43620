"""Two lane kinds given by points: our polyline, and highway-env's PolyLane for parity only.

The polyline projects to the nearest point, so that s and position agree on hairpins and corners.
PolyLane (`road/spline.py:LinearSpline2D`) scans its 1 m samples from the end backwards.
"""

from __future__ import annotations

import math

from drivestack.core.compiled import hot_kernel
from drivestack.core.tables import Row, Table


@hot_kernel
def polyline_coordinates(lane: Row, points: Table, x: float, y: float) -> tuple[float, float]:
    """(s, lateral) [m] by the nearest point of the line, extrapolated along its end pieces."""
    last = lane.knots_n - 2
    best = math.inf
    best_s = 0.0
    best_lateral = 0.0
    for k in range(lane.knots_n - 1):
        a = points[lane.knots_at + k]
        piece = points[lane.knots_at + k + 1].s - a.s
        dx = x - a.x
        dy = y - a.y
        along = dx * a.tx + dy * a.ty
        across = a.tx * dy - a.ty * dx
        beyond = 0.0
        if along < 0.0:
            beyond = along
        elif along > piece:
            beyond = along - piece
        distance = across * across + beyond * beyond
        if distance < best:
            best = distance
            if beyond == 0.0 or (k == 0 and beyond < 0.0) or (k == last and beyond > 0.0):
                best_s = a.s + along
                best_lateral = across
            else:
                best_s = a.s + (along - beyond)
                best_lateral = math.copysign(math.sqrt(distance), across)
    return best_s, best_lateral


@hot_kernel
def piece_at(lane: Row, points: Table, s: float) -> int:
    """The row of `points` whose piece holds s, end pieces prolonged."""
    low = lane.knots_at
    high = lane.knots_at + lane.knots_n - 2
    while low < high:
        middle = (low + high + 1) // 2
        if points[middle].s <= s:
            low = middle
        else:
            high = middle - 1
    return low


@hot_kernel
def polyline_position(lane: Row, points: Table, s: float, lateral: float) -> tuple[float, float]:
    """The point at (s, lateral) [m]."""
    a = points[piece_at(lane, points, s)]
    along = s - a.s
    return a.x + along * a.tx - lateral * a.ty, a.y + along * a.ty + lateral * a.tx


@hot_kernel
def polyline_heading(lane: Row, points: Table, s: float) -> float:
    """Heading [rad], interpolated between the vertices' headings, constant beyond the ends."""
    row = piece_at(lane, points, s)
    a = points[row]
    b = points[row + 1]
    part = min(max((s - a.s) / (b.s - a.s), 0.0), 1.0)
    return a.heading + part * (b.heading - a.heading)


@hot_kernel
def polyline_width(lane: Row, points: Table, s: float) -> float:
    """Width [m], interpolated between the vertices, constant beyond the ends."""
    row = piece_at(lane, points, s)
    a = points[row]
    b = points[row + 1]
    part = min(max((s - a.s) / (b.s - a.s), 0.0), 1.0)
    return a.width + part * (b.width - a.width)


@hot_kernel
def poly_lane_coordinates(lane: Row, points: Table, x: float, y: float) -> tuple[float, float]:
    """`LinearSpline2D.cartesian_to_frenet`: the last sample first, then backwards to sample 0."""
    n = lane.samples_n
    for step in range(n):
        index = n - 1 - step
        a = points[lane.samples_at + index]
        projection = a.tx * (x - a.x) + a.ty * (y - a.y)
        if projection >= 0.0 or index == 0:
            lateral = -a.ty * (x - a.x) + a.tx * (y - a.y)
            s = a.s + projection if index > 0 else projection
            return s, lateral
    return 0.0, 0.0


@hot_kernel
def _sample_index(lane: Row, s: float) -> int:
    """`_get_idx_segment_for_lon`; samples stand at whole metres."""
    if s < 0.0:
        return 0
    return min(int(s), lane.samples_n - 1)


@hot_kernel
def poly_lane_heading(lane: Row, points: Table, s: float) -> float:
    """Heading of the sample piece that holds s [rad]."""
    return points[lane.samples_at + _sample_index(lane, s)].heading


@hot_kernel
def _interpolated(lane: Row, points: Table, s: float) -> tuple[float, float]:
    """`numpy_interp1d` of x and y over arc length, extrapolated by the end pieces."""
    first = lane.knots_at
    last = first + lane.knots_n - 1
    if s > points[last].s:
        a = points[last - 1]
        b = points[last]
        slope_x = (b.x - a.x) / (b.s - a.s)
        slope_y = (b.y - a.y) / (b.s - a.s)
        return b.x + slope_x * (s - b.s), b.y + slope_y * (s - b.s)
    a = points[piece_at(lane, points, s)]
    b = points[piece_at(lane, points, s) + 1]
    if s == b.s:
        return b.x, b.y
    slope_x = (b.x - a.x) / (b.s - a.s)
    slope_y = (b.y - a.y) / (b.s - a.s)
    if s < points[first].s:
        return a.x + slope_x * (s - a.s), a.y + slope_y * (s - a.s)
    return slope_x * (s - a.s) + a.x, slope_y * (s - a.s) + a.y


@hot_kernel
def poly_lane_position(lane: Row, points: Table, s: float, lateral: float) -> tuple[float, float]:
    """`PolyLaneFixedWidth.position`."""
    x, y = _interpolated(lane, points, s)
    yaw = poly_lane_heading(lane, points, s)
    return x - math.sin(yaw) * lateral, y + math.cos(yaw) * lateral
