"""Evenly spaced lines along lanes, for proposers that leave the route's line; compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.lines import respace
from drivestack.roads.lane_tables import Lanes
from drivestack.roads.lanes import limit_of, local_coordinates, position
from drivestack.roads.links import Links, onward

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
    lane_of = np.zeros(line.shape[0], np.int64)
    rows = respace(raw, count, spacing, line, lane_of)
    for i in range(rows):
        here = map.lanes[lane_of[i]]
        limit[i] = limit_of(here)
    return rows if rows >= 2 else 0
