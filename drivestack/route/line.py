"""From the legs of a way to an evenly spaced reference line, compiled."""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.tables import Table
from drivestack.roads.lanes import local_coordinates, position

_JOINT = 8.0
"""Metres in which the line makes up for one metre that a joint is off: at most 1 : 4 steep."""

_SHORTEST = 5.0
"""Length of a lane change [m] where there is no room for one: a car length, better than a corner."""

_ACCELERATION = 2.0
"""How a car that is slower than the limit speeds up on its way to a lane change [m/s2]: nuPlan's
comfort bound is 2.4."""


@kernel
def _left_over(along: float, length: float) -> float:
    """Share of an offset that is left after `along` of `length` [m].

    The quintic with zero slope and curvature at both ends.
    """
    t = min(max(along / length, 0.0), 1.0)
    return 1.0 - t * t * t * (10.0 + t * (-15.0 + 6.0 * t))


@kernel
def _wanted(speed: float, metres: float, limit: float, time: float, least: float) -> float:
    """Comfortable length [m] of a lane change that begins some metres ahead of the ego."""
    there = min(math.sqrt(speed * speed + 2.0 * _ACCELERATION * metres), limit)
    return max(time * there, least)


@kernel
def trace(
    lanes: Table,
    points: Table,
    limit: NDArray,
    leg: Table,
    legs: int,
    start: float,
    s: float,
    speed: float,
    time: float,
    least: float,
    beyond: float,
    step: float,
    raw: NDArray,
) -> int:
    """Points x, y and their lane along a way, about `step` metres apart.

    Each leg is entered where the line meets its lane. What the line is off there fades along the
    leg: the width of a lane over the length of the change, an error of a joint over a few metres.

    Args:
        lanes, points: the map. limit: (L,) [m/s]. leg, legs: see `walk.LEG`.
        start: s of the first point on the first lane [m]. s, speed: of the ego [m, m/s].
        time, least: of a lane change, see `LaneChange`.
        beyond: metres to prolong the line past the end of the last leg.
        raw: (R, 3), written; the line is cut where it is full.

    Returns:
        The number of points.
    """
    n = 0
    at, metres = start, start - s
    x, y = 0.0, 0.0
    aside, began, length = 0.0, 0.0, 1.0  # of the last lane change
    error, met, fading = 0.0, 0.0, 1.0  # of the last joint
    came = leg[0].lane
    for q in range(legs):
        here = leg[q]
        lane = lanes[here.lane]
        if q > 0:
            end = at
            at, lateral = local_coordinates(lane, points, x, y)
            at = max(at, 0.0)
            began, met = began + (at - end), met + (at - end)
            if here.change:
                wanted = _wanted(speed, max(metres, 0.0), limit[here.lane], time, least)
                aside = lateral - error * _left_over(at - met, fading)
                began, length = at, max(min(wanted, here.room), _SHORTEST)
                came = leg[q - 1].lane
            else:
                error = lateral - aside * _left_over(at - began, length)
                met, fading = at, max(_JOINT * abs(error), step)
        stop = max(here.leave + (beyond if q == legs - 1 else 0.0), at)
        metres += stop - at
        while at < stop and n < raw.shape[0]:
            offset = aside * _left_over(at - began, length) + error * _left_over(at - met, fading)
            raw[n, 0], raw[n, 1] = position(lane, points, at, offset)
            raw[n, 2] = came if at - began < 0.5 * length else here.lane
            n += 1
            at += step
        at = stop
        offset = aside * _left_over(at - began, length) + error * _left_over(at - met, fading)
        x, y = position(lane, points, at, offset)
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
        out[i] = limit[lane_of[i]]
