"""Contacts of a chunk with others at constant speed: at-fault classes, and time to collision.

Others move straight on along their headings, as in PDM-Closed. A road user that is hit without
fault, or that touches already at the start, is ignored from then on.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.geometry import TOUCH, boxes_overlap
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


@kernel
def touches(
    x: float,
    y: float,
    yaw: float,
    length: float,
    width: float,
    radius: float,
    other: NDArray,
    time: float,
) -> bool:
    """Whether a box touches a road user `time` seconds ahead; circles first."""
    there_x, there_y = other[0] + other[3] * time, other[1] + other[4] * time
    dx, dy = there_x - x, there_y - y
    reach = radius + other[7] + TOUCH
    if dx * dx + dy * dy > reach * reach:
        return False
    return boxes_overlap(x, y, yaw, length, width, there_x, there_y, other[2], other[5], other[6])


@kernel
def bearing(pose: NDArray, length: float, other: NDArray, time: float) -> float:
    """Angle [rad] of a road user's centre seen from the ego's rear axle, in [0, pi].

    highway-env's bicycle has its axles at the ends of the body.
    """
    c, s = math.cos(pose[2]), math.sin(pose[2])
    dx = other[0] + other[3] * time - (pose[0] - 0.5 * length * c)
    dy = other[1] + other[4] * time - (pose[1] - 0.5 * length * s)
    return abs(math.atan2(dy * c - dx * s, dx * c + dy * s))


@kernel
def at_fault(
    map: Lanes, pose: NDArray, size: NDArray, other: NDArray, time: float, rules: Row
) -> bool:
    """Fault for a contact at a pose (4,), by nuPlan's classes in nuPlan's order."""
    if abs(pose[3]) <= rules.standing:
        return False
    if other[8] <= rules.standing:
        return True
    if bearing(pose, size[0], other, time) > rules.behind:
        return False
    half = 0.5 * size[0]
    x, y = pose[0] + half * math.cos(pose[2]), pose[1] + half * math.sin(pose[2])
    if touches(x, y, pose[2], 0.0, size[1], 0.5 * size[1], other, time):
        return True
    return not within_one_lane(map, pose, size[0], size[1], rules.slack, rules.seam)


@kernel
def touching_now(path: NDArray, size: NDArray, others: NDArray, kept: int) -> NDArray:
    """(kept,) road users that the ego touches at the start already."""
    radius = 0.5 * math.sqrt(size[0] * size[0] + size[1] * size[1])
    found = np.zeros(kept, np.bool_)
    for i in range(kept):
        found[i] = touches(
            path[0, 0], path[0, 1], path[0, 2], size[0], size[1], radius, others[i], 0.0
        )
    return found


@kernel
def contact_score(
    map: Lanes,
    path: NDArray,
    size: NDArray,
    dt: float,
    others: NDArray,
    kept: int,
    ignored: NDArray,
    rules: Row,
) -> tuple[float, float]:
    """What at-fault contacts leave of 1, and the time [s] of the first (infinite: none).

    Args:
        path: (T + 1, 4), the present first. size: (2,) [m]. ignored: (kept,), left as it is.
    """
    radius = 0.5 * math.sqrt(size[0] * size[0] + size[1] * size[1])
    past = ignored.copy()
    score, first = 1.0, math.inf
    for t in range(path.shape[0]):
        for i in range(kept):
            x, y, yaw = path[t, 0], path[t, 1], path[t, 2]
            if past[i] or not touches(x, y, yaw, size[0], size[1], radius, others[i], t * dt):
                continue
            past[i] = True  # counts once
            if at_fault(map, path[t], size, others[i], t * dt, rules):
                score = min(score, others[i, 9])
                first = min(first, t * dt)
    return score, first


@kernel
def keeps_distance(
    map: Lanes,
    path: NDArray,
    size: NDArray,
    dt: float,
    others: NDArray,
    kept: int,
    ignored: NDArray,
    ahead: NDArray,
    rules: Row,
) -> bool:
    """Whether no pose, moved on at constant velocity, would hit somebody in front.

    Relevant are those within `rules.front` of the heading and, where the ego is not within one
    lane, all that are not behind. Who is hit otherwise is ignored from then on.

    Args:
        path, size, ignored: as in `contact_score`. ahead: (J,) projections [s], ascending.
    """
    radius = 0.5 * math.sqrt(size[0] * size[0] + size[1] * size[1])
    past = ignored.copy()
    for t in range(path.shape[0]):
        v, yaw = path[t, 3], path[t, 2]
        if v < rules.crawling:
            continue
        vx, vy = v * math.cos(yaw), v * math.sin(yaw)
        for j in range(ahead.shape[0]):
            x, y, time = path[t, 0] + vx * ahead[j], path[t, 1] + vy * ahead[j], t * dt + ahead[j]
            for i in range(kept):
                if past[i] or not touches(x, y, yaw, size[0], size[1], radius, others[i], time):
                    continue
                angle = bearing(path[t], size[0], others[i], time)
                if angle < rules.front:
                    return False
                if angle <= rules.behind and not within_one_lane(
                    map, path[t], size[0], size[1], rules.slack, rules.seam
                ):
                    return False
                past[i] = True
    return True
