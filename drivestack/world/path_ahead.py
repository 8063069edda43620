"""A recorded path as a corridor: where along it a disc as wide as the vehicle first meets a box."""

from __future__ import annotations

import math

from drivestack.core.compiled import hot_kernel, inlined_kernel
from drivestack.core.geometry import box_distance
from drivestack.core.tables import Row, Table

_LEAST_STEP = 0.1
"""Step along a path [m] beside a box that it nearly touches; our choice: a tenth of a gap that
matters."""

_LEAST_PIECE = 1e-9
"""Pieces of a path that are shorter have no direction [m]."""


@inlined_kernel
def way_at(replay: Table, at: int, n: int, place: float) -> float:
    """The way [m] at a time in rows; before the first and after the last row at their speeds."""
    i = min(max(math.floor(place), 0), n - 2)
    s = replay[at + i].s
    return s + (place - i) * (replay[at + i + 1].s - s)


@hot_kernel
def place_of(replay: Table, at: int, n: int, place: float, s: float) -> float:
    """The earliest time in rows, from `place` on, at which the way is s; the inverse of `way_at`.

    Args:
        s: [m], between the ways at `place` and at ``place + 1``.
    """
    i = min(max(math.floor(place), 0), n - 2)
    while i < n - 2 and replay[at + i + 1].s < s:
        i += 1
    piece = replay[at + i + 1].s - replay[at + i].s
    if piece <= _LEAST_PIECE:
        return max(place, float(i))
    return max(place, i + (s - replay[at + i].s) / piece)


@hot_kernel
def first_meeting(
    replay: Table,
    at: int,
    n: int,
    place: float,
    start: float,
    end: float,
    radius: float,
    box: Row,
    length: float,
    width: float,
) -> float:
    """Way [m] at which a disc that is moved along a path first touches a box; inf if nowhere.

    Marches by the free distance, which no point of the path can use up faster. The path goes
    straight on beyond its last row.

    Args:
        place: present time in rows. start, end: ways between which is looked [m].
        radius: of the disc [m]. box: row with x, y, heading. length, width: the box's [m].
    """
    c = math.cos(box.heading)
    sn = math.sin(box.heading)
    i = min(max(math.floor(place), 0), n - 1)
    s = start
    while s <= end:
        while i < n - 1 and replay[at + i + 1].s < s:
            i += 1
        row = replay[at + i]
        x = row.x
        y = row.y
        if i < n - 1:
            piece = replay[at + i + 1].s - row.s
            part = (s - row.s) / piece if piece > _LEAST_PIECE else 0.0
            x += part * (replay[at + i + 1].x - row.x)
            y += part * (replay[at + i + 1].y - row.y)
        else:
            x += (s - row.s) * math.cos(row.heading)
            y += (s - row.s) * math.sin(row.heading)
        free = box_distance(x - box.x, y - box.y, c, sn, length, width) - radius
        if free <= 0.0:
            return s
        s += max(free, _LEAST_STEP)
    return math.inf
