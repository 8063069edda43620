"""Evenly spaced lines along lanes, for proposers that leave the route's line; compiled."""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, kernel
from drivestack.roads.lanes import local_coordinates, position

from .lane_links import Links, onward
from .lane_tables import Lanes

LIMIT_UNKNOWN = 15.0
"""Speed [m/s] where a lane has no limit: PDM-Closed's."""

BRIDGE = 4.0
"""A joint that is off by d is bridged by a straight of 1 : 4, as the router does it."""


@hot_kernel
def _trace(
    map: Lanes, links: Links, wanted: NDArray, lane: int, s: float, step: float, raw: NDArray
) -> int:
    """Points and lanes (R, 3) from s [m] on a lane on, about `step` metres apart; how many."""
    n = 0
    while n < raw.shape[0]:
        row = map.lanes[lane]
        following, entry = onward(links, map.lanes, lane, wanted)
        stop = row.length
        if following >= 0:
            x, y = position(row, map.points, row.length, 0.0)
            _, lateral = local_coordinates(map.lanes[following], map.points, x, y)
            short = 0.25 * min(row.length, map.lanes[following].length)
            bridge = min(BRIDGE * abs(lateral), short)
            stop -= bridge + 0.5 * step
            entry += bridge
        while s < stop and n < raw.shape[0]:
            raw[n, 0], raw[n, 1] = position(row, map.points, s, 0.0)
            raw[n, 2] = lane
            n += 1
            s += step
        if following < 0:
            break
        lane, s = following, entry
    return n


@kernel
def lane_line(
    map: Lanes,
    links: Links,
    wanted: NDArray,
    lane: int,
    x: float,
    y: float,
    behind: float,
    spacing: float,
    raw: NDArray,
    line: NDArray,
    limit: NDArray,
) -> int:
    """The line along a lane and what continues it, on the route where it can be.

    Args:
        wanted: (L,) lanes of the route's roads. x, y: where it begins [m], less `behind` [m].
        raw: (R, 3) scratch. line: (P, 3), limit: (P,) [m/s], written.

    Returns:
        How many rows hold; less than P where the lanes end.
    """
    s, _ = local_coordinates(map.lanes[lane], map.points, x, y)
    count = _trace(map, links, wanted, lane, s - behind, 0.5 * spacing, raw)
    rows, ahead = 0, 0.0
    for i in range(count - 1):
        dx, dy = raw[i + 1, 0] - raw[i, 0], raw[i + 1, 1] - raw[i, 1]
        piece = math.sqrt(dx * dx + dy * dy)
        while ahead < piece and rows < line.shape[0]:
            part = ahead / piece
            line[rows, 0], line[rows, 1] = raw[i, 0] + part * dx, raw[i, 1] + part * dy
            here = map.lanes[int(raw[i, 2])]
            limit[rows] = max(here.speed_limit, 0.1) if here.limited else LIMIT_UNKNOWN
            rows += 1
            ahead += spacing
        ahead -= piece
    for i in range(rows):
        a, b = max(i - 1, 0), min(i + 1, rows - 1)
        line[i, 2] = math.atan2(line[b, 1] - line[a, 1], line[b, 0] - line[a, 0])
    return rows if rows >= 2 else 0
