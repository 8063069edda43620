"""Contacts of a chunk with others at constant speed: at-fault classes, and time to collision.

Others move straight on along their headings, as in PDM-Closed. A road user that is hit without
fault, or that touches already at the start, is ignored from then on.
"""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, inlined_kernel, kernel
from drivestack.core.geometry import TOUCH, bearing, boxes_overlap
from drivestack.core.tables import Row

from .lanes import Lanes, within_one_lane

COLUMNS = 10
"""Of a road user: x, y [m], yaw [rad], velocity x, y [m/s], length, width, radius [m], speed [m/s],
what a contact with it leaves of the score."""


@kernel
def others_of(
    state: NDArray,
    size: NDArray,
    kind: NDArray,
    valid: NDArray,
    obstacle: int,
    left_of_objects: float,
    out: NDArray,
) -> int:
    """Fill a row (`COLUMNS`) for each valid road user (N, ·); returns how many."""
    kept = 0
    for i in range(state.shape[0]):
        if not valid[i]:
            continue
        x, y, yaw, v = state[i, 0], state[i, 1], state[i, 2], state[i, 3]
        length, width = size[i, 0], size[i, 1]
        out[kept, 0], out[kept, 1], out[kept, 2] = x, y, yaw
        out[kept, 3], out[kept, 4] = v * math.cos(yaw), v * math.sin(yaw)
        out[kept, 5], out[kept, 6] = length, width
        out[kept, 7] = 0.5 * math.sqrt(length * length + width * width)
        out[kept, 8] = abs(v)
        out[kept, 9] = left_of_objects if kind[i] == obstacle else 0.0
        kept += 1
    return kept


@inlined_kernel
def _near(x: float, y: float, radius: float, others: NDArray, i: int, time: float) -> bool:
    """Whether the circles about a box and about a road user `time` seconds ahead touch."""
    dx, dy = others[i, 0] + others[i, 3] * time - x, others[i, 1] + others[i, 4] * time - y
    reach = radius + others[i, 7] + TOUCH
    return dx * dx + dy * dy <= reach * reach


@hot_kernel
def _touches(
    x: float,
    y: float,
    yaw: float,
    length: float,
    width: float,
    others: NDArray,
    i: int,
    time: float,
) -> bool:
    """Whether a box touches a road user `time` seconds ahead."""
    return boxes_overlap(
        x,
        y,
        yaw,
        length,
        width,
        others[i, 0] + others[i, 3] * time,
        others[i, 1] + others[i, 4] * time,
        others[i, 2],
        others[i, 5],
        others[i, 6],
    )


@hot_kernel
def _bearing(path: NDArray, t: int, length: float, others: NDArray, i: int, time: float) -> float:
    """Bearing [rad] of a road user `time` seconds ahead from the ego at row t of a path.

    highway-env's bicycle has its axles at the ends of the body.
    """
    x, y = others[i, 0] + others[i, 3] * time, others[i, 1] + others[i, 4] * time
    return bearing(path[t, 0], path[t, 1], path[t, 4], path[t, 5], 0.5 * length, x, y)


@hot_kernel
def _at_fault(
    map: Lanes,
    path: NDArray,
    t: int,
    size: NDArray,
    others: NDArray,
    i: int,
    time: float,
    rules: Row,
) -> bool:
    """Fault for a contact at row t of a path, by nuPlan's classes in nuPlan's order."""
    if abs(path[t, 3]) <= rules.standing:
        return False
    if others[i, 8] <= rules.standing:
        return True
    if _bearing(path, t, size[0], others, i, time) > rules.behind:
        return False
    half = 0.5 * size[0]
    x, y = path[t, 0] + half * path[t, 4], path[t, 1] + half * path[t, 5]
    if _touches(x, y, path[t, 2], 0.0, size[1], others, i, time):
        return True
    return not within_one_lane(map, path, t, size[0], size[1], rules.slack, rules.seam)


@hot_kernel
def touching_now(
    path: NDArray, size: NDArray, others: NDArray, kept: int, ignored: NDArray
) -> None:
    """Mark (kept,) the road users that the ego touches at the start already."""
    for i in range(kept):
        ignored[i] = _touches(path[0, 0], path[0, 1], path[0, 2], size[0], size[1], others, i, 0.0)


@hot_kernel
def contact_score(
    map: Lanes,
    path: NDArray,
    size: NDArray,
    dt: float,
    others: NDArray,
    kept: int,
    ignored: NDArray,
    past: NDArray,
    rules: Row,
) -> tuple[float, float]:
    """What at-fault contacts leave of 1, and the time [s] of the first (infinite: none).

    Args:
        path: (T + 1, `PATH`). size: (2,) [m]. others, kept: from `others_of`.
        ignored: (kept,) from `touching_now`. past: (kept,) scratch.
    """
    radius = 0.5 * math.sqrt(size[0] * size[0] + size[1] * size[1])
    for i in range(kept):
        past[i] = ignored[i]
    score, first = 1.0, math.inf
    for t in range(path.shape[0]):
        x, y, yaw = path[t, 0], path[t, 1], path[t, 2]
        for i in range(kept):
            if past[i] or not _near(x, y, radius, others, i, t * dt):
                continue
            if not _touches(x, y, yaw, size[0], size[1], others, i, t * dt):
                continue
            past[i] = True  # counts once
            if _at_fault(map, path, t, size, others, i, t * dt, rules):
                score = min(score, others[i, 9])
                first = min(first, t * dt)
    return score, first


@hot_kernel
def _in_the_way(
    map: Lanes,
    path: NDArray,
    t: int,
    size: NDArray,
    others: NDArray,
    i: int,
    time: float,
    rules: Row,
) -> bool:
    """Whether a road user is ahead, or beside an ego that is not within one lane."""
    angle = _bearing(path, t, size[0], others, i, time)
    return angle < rules.front or (
        angle <= rules.behind
        and not within_one_lane(map, path, t, size[0], size[1], rules.slack, rules.seam)
    )


@hot_kernel
def keeps_distance(
    map: Lanes,
    path: NDArray,
    size: NDArray,
    dt: float,
    others: NDArray,
    kept: int,
    ignored: NDArray,
    past: NDArray,
    ahead: NDArray,
    rules: Row,
) -> bool:
    """Whether no pose, moved on at constant velocity, would hit somebody in the way.

    In the way are those within `rules.front` of the heading and, where the ego is not within one
    lane, all that are not behind. Who is hit otherwise is ignored from then on.

    Args:
        path to past: as in `contact_score`. ahead: (J,) projections [s], ascending.
    """
    radius = 0.5 * math.sqrt(size[0] * size[0] + size[1] * size[1])
    for i in range(kept):
        past[i] = ignored[i]
    for t in range(path.shape[0]):
        v, yaw = path[t, 3], path[t, 2]
        if v < rules.crawling:
            continue
        for j in range(ahead.shape[0]):
            x, y = path[t, 0] + v * path[t, 4] * ahead[j], path[t, 1] + v * path[t, 5] * ahead[j]
            time = t * dt + ahead[j]
            for i in range(kept):
                if past[i] or not _near(x, y, radius, others, i, time):
                    continue
                if not _touches(x, y, yaw, size[0], size[1], others, i, time):
                    continue
                if _in_the_way(map, path, t, size, others, i, time, rules):
                    return False
                past[i] = True
    return True
