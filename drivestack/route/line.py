"""From a way through the lane graph to an evenly spaced reference line, compiled."""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.tables import Table
from drivestack.roads.lanes import local_coordinates, position

_LEAST_LIMIT = 0.1
"""A lane whose limit is 0 m/s would have no travel time."""


@kernel
def _blend(
    lanes: Table, points: Table, a: int, b: int, s: float, length: float, step: float, raw: NDArray
) -> tuple[int, float]:
    """Points of a lane change from s on lane a, appended to `raw`; returns their number and s on b.

    The weight is the quintic with zero slope and curvature at both ends.
    """
    x, y = position(lanes[a], points, s, 0.0)
    s_other, _ = local_coordinates(lanes[b], points, x, y)
    n = 0
    along = 0.0
    while along < length and n < raw.shape[0]:
        t = along / length
        weight = t * t * t * (10.0 + t * (-15.0 + 6.0 * t))
        ax, ay = position(lanes[a], points, s + along, 0.0)
        bx, by = position(lanes[b], points, s_other + along, 0.0)
        raw[n, 0] = ax + weight * (bx - ax)
        raw[n, 1] = ay + weight * (by - ay)
        raw[n, 2] = a if t < 0.5 else b
        n += 1
        along += step
    return n, s_other + along


@kernel
def _joint(lanes: Table, points: Table, a: int, b: int) -> tuple[float, float]:
    """Where lane b is entered from the end of lane a: s [m], and metres to leave out on both sides.

    A joint that is off by d is bridged by a straight of 1 : 4 on each side.
    """
    x, y = position(lanes[a], points, lanes[a].length, 0.0)
    s, lateral = local_coordinates(lanes[b], points, x, y)
    short = 0.25 * min(lanes[a].length, lanes[b].length)
    return max(s, 0.0), min(4.0 * abs(lateral), short)


@kernel
def trace(
    lanes: Table,
    points: Table,
    sequence: NDArray,
    change: NDArray,
    start: float,
    ego: float,
    blend: float,
    beyond: float,
    step: float,
    raw: NDArray,
) -> int:
    """Points x, y and their lane along a way, about `step` metres apart.

    Args:
        lanes, points: the map. sequence: (Q,) lanes. change: (Q,) entered from the side.
        start: s of the first point on the first lane [m]. ego: s of the ego on it [m]; changes
        begin no earlier.
        blend: length of a lane change [m], where the lane is long enough.
        beyond: metres to prolong the line past the end of the last lane.
        raw: (R, 3), written; the line is cut where it is full.

    Returns:
        The number of points.
    """
    n = 0
    s = start
    settled = ego
    last = sequence.shape[0] - 1
    for q in range(last + 1):
        lane = sequence[q]
        aside = q < last and change[q + 1]
        entry = 0.0
        stop = lanes[lane].length + beyond
        if aside:
            stop = settled
        elif q < last:
            entry, bridge = _joint(lanes, points, lane, sequence[q + 1])
            stop = lanes[lane].length - 0.5 * step - bridge
            entry += bridge
        while s < stop and n < raw.shape[0]:
            raw[n, 0], raw[n, 1] = position(lanes[lane], points, s, 0.0)
            raw[n, 2] = lane
            n += 1
            s += step
        if aside:
            room = lanes[lane].length - s
            length = max(min(blend, 0.9 * room), 0.5 * min(blend, 10.0))
            added, s = _blend(lanes, points, lane, sequence[q + 1], s, length, step, raw[n:])
            n += added
        else:
            s = entry
        settled = s
    return n


@kernel
def respace(raw: NDArray, n: int, spacing: float, line: NDArray, lane_of: NDArray) -> int:
    """Resample points to even spacing with yaw; returns how many rows of `line` hold.

    Args:
        raw: (R, 3) x, y, lane, of which n hold. spacing: [m].
        line: (P, 3), written. lane_of: (P,) lane of each point, written.
    """
    if n < 2:
        return 0
    rows = 0
    ahead = 0.0  # to the next point of the line, from the start of the piece
    for i in range(n - 1):
        dx, dy = raw[i + 1, 0] - raw[i, 0], raw[i + 1, 1] - raw[i, 1]
        piece = math.sqrt(dx * dx + dy * dy)
        while ahead < piece and rows < line.shape[0]:
            part = ahead / piece
            line[rows, 0] = raw[i, 0] + part * dx
            line[rows, 1] = raw[i, 1] + part * dy
            lane_of[rows] = int(raw[i, 2])
            rows += 1
            ahead += spacing
        ahead -= piece
    for i in range(rows):
        a, b = max(i - 1, 0), min(i + 1, rows - 1)
        line[i, 2] = math.atan2(line[b, 1] - line[a, 1], line[b, 0] - line[a, 0])
    return rows


@kernel
def limits_along(lane_of: NDArray, rows: int, limit: NDArray, out: NDArray) -> None:
    """Speed limit [m/s] of each point of a line from its lane's."""
    for i in range(rows):
        out[i] = max(limit[lane_of[i]], _LEAST_LIMIT)
