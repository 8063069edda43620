"""From the legs of a way to an evenly spaced reference line, compiled."""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.tables import Table
from drivestack.roads.lanes import heading_at, local_coordinates, position

_SLOPE = 4.0
"""A joint that is off by a metre to the side is bridged over this much on either side [m]."""

_RADIUS = 10.0
"""A kink between two lanes is rounded with about twice this radius [m], our choice: a car can
follow that, and it cuts a corner of 30 degrees by less than half a metre."""

_SOUND = 0.01
"""Joints that are off by less than this [m or rad] are not bridged."""

_SHORTEST = 5.0
"""Length of a lane change [m] where there is no room for one: a car length,
better than a corner."""

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
def _joint(lanes: Table, points: Table, a: int, b: int, end: float) -> tuple[float, float]:
    """Where lane b continues lane a from `end`: s on b [m], and the half length of the bridge."""
    x, y = position(lanes[a], points, end, 0.0)
    s, lateral = local_coordinates(lanes[b], points, x, y)
    s = max(s, 0.0)
    kink = abs(wrap_to_pi(heading_at(lanes[b], points, s) - heading_at(lanes[a], points, end)))
    if abs(lateral) < _SOUND and kink < _SOUND:
        return s, 0.0
    short = 0.25 * min(lanes[a].length, lanes[b].length)
    return s, min(_SLOPE * abs(lateral) + _RADIUS * kink, short)


@kernel
def _bridge(raw: NDArray, n: int, x: float, y: float, yaw: float, lane: int, step: float) -> int:
    """Points of a cubic from the last one of `raw` on, up to before x, y with direction yaw."""
    if n < 2:
        return n
    ax, ay = raw[n - 1, 0], raw[n - 1, 1]
    ux, uy = ax - raw[n - 2, 0], ay - raw[n - 2, 1]
    along = math.sqrt(ux * ux + uy * uy)
    chord = math.sqrt((x - ax) ** 2 + (y - ay) ** 2)
    if along == 0.0 or chord < step:
        return n
    pieces = int(chord / step)
    for i in range(1, min(pieces, raw.shape[0] - n + 1)):
        t = i / pieces
        rise = t * t * (3.0 - 2.0 * t)
        out, back = t * (1.0 - t) * (1.0 - t) * chord, t * t * (1.0 - t) * chord
        raw[n, 0] = ax + rise * (x - ax) + out * ux / along - back * math.cos(yaw)
        raw[n, 1] = ay + rise * (y - ay) + out * uy / along - back * math.sin(yaw)
        raw[n, 2] = lane
        n += 1
    return n


@kernel
def _draw(
    lanes: Table,
    points: Table,
    here: int,
    came: int,
    at: float,
    stop: float,
    change: tuple[float, float, float],
    step: float,
    raw: NDArray,
    n: int,
) -> int:
    """Points from `at` to before `stop` [m] on a lane, behind n others; returns their new number.

    Args:
        here: the lane. came: the one before the last lane change.
        change: what that was off from this lane [m], where it began [s in metres], its length [m].
    """
    aside, began, length = change
    while at < stop and n < raw.shape[0]:
        offset = aside * _left_over(at - began, length)
        raw[n, 0], raw[n, 1] = position(lanes[here], points, at, offset)
        raw[n, 2] = came if at - began < 0.5 * length else here
        n += 1
        at += step
    return n


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

    A lane change is an offset from the new lane that fades away. A joint that is off, as some of
    highway-env's are, is bridged.

    Args:
        lanes, points: the map. limit: (L,) [m/s]. leg, legs: see `walk.LEG`.
        start: s of the first point on the first lane [m]. s, speed: of the ego [m, m/s].
        time, least: of a lane change, see `LaneChange`.
        beyond: metres to prolong the line past the end of the last leg.
        raw: (R, 3), written; the line is cut where it is full. Returned is the number of points.
    """
    n = 0
    at, metres = start, start - s
    aside, began, length = 0.0, 0.0, 1.0  # of the last lane change
    came = leg[0].lane
    for q in range(legs):
        here, following = leg[q], leg[min(q + 1, legs - 1)]
        last, change = q == legs - 1, (aside, began, length)
        entry, half = 0.0, 0.0
        if not last and not following.change:
            entry, half = _joint(lanes, points, here.lane, following.lane, here.leave)
        stop = max(here.leave + (beyond if last else 0.0) - half, at)
        metres += stop - at
        n = _draw(lanes, points, here.lane, came, at, stop, change, step, raw, n)
        if last:
            break
        other = lanes[following.lane]
        if following.change:
            offset = aside * _left_over(stop - began, length)
            x, y = position(lanes[here.lane], points, stop, offset)
            at, aside = local_coordinates(other, points, x, y)
            wanted = _wanted(speed, max(metres, 0.0), float(limit[here.lane]), time, least)
            began, came = at, here.lane
            length = max(min(wanted, following.start + following.room - at), _SHORTEST)
            continue
        at = min(entry + half, other.length)
        began += at - here.leave - half
        if half > 0.0:
            x, y = position(other, points, at, aside * _left_over(at - began, length))
            n = _bridge(raw, n, x, y, heading_at(other, points, at), following.lane, step)
            metres += 2.0 * half
    return n


@kernel
def limits_along(lane_of: NDArray, rows: int, limit: NDArray, out: NDArray) -> None:
    """Speed limit [m/s] of each point of a line from its lane's."""
    for i in range(rows):
        out[i] = limit[lane_of[i]]
