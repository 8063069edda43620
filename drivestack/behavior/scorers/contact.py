"""Contacts of a chunk with others as forecast: at-fault classes, and time to collision.

A forecast is two tables, see `behavior.forecast`. A road user that is hit without fault, or that
touches already at the start, is ignored from then on.
"""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, inlined_kernel
from drivestack.core.geometry import TOUCH, bearing, boxes_overlap
from drivestack.core.tables import Row
from drivestack.roads.lane_tables import Lanes

from .lanes import within_one_lane


@inlined_kernel
def _near(
    x: float,
    y: float,
    radius: float,
    others: NDArray,
    poses: NDArray,
    i: int,
    f: int,
    margin: float,
) -> bool:
    """Whether the circles about a box and about a road user at step f come within a margin [m]."""
    dx, dy = poses[i, f, 0] - x, poses[i, f, 1] - y
    reach = radius + others[i, 2] + TOUCH + 1.5 * margin  # the corner of a margin is farther off
    return dx * dx + dy * dy <= reach * reach


@hot_kernel
def _touches(
    x: float,
    y: float,
    yaw: float,
    length: float,
    width: float,
    others: NDArray,
    poses: NDArray,
    i: int,
    f: int,
    margin: float,
) -> bool:
    """Whether a box comes within a margin [m] of a road user at step f."""
    return boxes_overlap(
        x,
        y,
        yaw,
        length,
        width,
        poses[i, f, 0],
        poses[i, f, 1],
        poses[i, f, 2],
        others[i, 0] + 2.0 * margin,
        others[i, 1] + 2.0 * margin,
    )


@inlined_kernel
def _margin(time: float, rules: Row) -> float:
    """How far [m] a forecast may be off after a time [s]."""
    return min(rules.doubt * time, rules.most_doubt)


@hot_kernel
def _bearing(path: NDArray, t: int, length: float, poses: NDArray, i: int, f: int) -> float:
    """Bearing [rad] of a road user at step f of its forecast from the ego at row t of a path.

    highway-env's bicycle has its axles at the ends of the body.
    """
    half = 0.5 * length
    return bearing(
        path[t, 0], path[t, 1], path[t, 4], path[t, 5], half, poses[i, f, 0], poses[i, f, 1]
    )


@hot_kernel
def _fault(
    map: Lanes,
    path: NDArray,
    t: int,
    size: NDArray,
    others: NDArray,
    poses: NDArray,
    i: int,
    margin: float,
    rules: Row,
) -> float:
    """The ego's share of the fault for a contact at row t of a path, by nuPlan's classes in order.

    nuPlan's shares are 0 where the ego stands (`fault_standing`) and where it is hit from the side
    within its lane (`fault_in_lane`).
    """
    if _bearing(path, t, size[0], poses, i, t) > rules.behind:
        return 1.0 if others[i, 3] <= rules.standing < abs(path[t, 3]) else 0.0
    if abs(path[t, 3]) <= rules.standing:
        return rules.fault_standing
    if others[i, 3] <= rules.standing:
        return 1.0
    half = 0.5 * size[0]
    x, y = path[t, 0] + half * path[t, 4], path[t, 1] + half * path[t, 5]
    if _touches(x, y, path[t, 2], 0.0, size[1], others, poses, i, t, margin):
        return 1.0
    inside = within_one_lane(map, path, t, size[0], size[1], rules.slack, rules.seam)
    return rules.fault_in_lane if inside else 1.0


@hot_kernel
def touching_now(
    path: NDArray, size: NDArray, others: NDArray, poses: NDArray, kept: int, ignored: NDArray
) -> None:
    """Mark (kept,) the road users that the ego touches at the start already."""
    x, y, yaw = path[0, 0], path[0, 1], path[0, 2]
    for i in range(kept):
        ignored[i] = _touches(x, y, yaw, size[0], size[1], others, poses, i, 0, 0.0)


@hot_kernel
def contact_score(
    map: Lanes,
    path: NDArray,
    size: NDArray,
    dt: float,
    others: NDArray,
    poses: NDArray,
    kept: int,
    ignored: NDArray,
    past: NDArray,
    rules: Row,
) -> tuple[float, float]:
    """What at-fault contacts leave of 1, and the time [s] of the first (infinite: none).

    Args:
        path: (T + 1, `PATH`). size: (2,) [m]. others, poses: a forecast of `kept` rows.
        ignored: (kept,) from `touching_now`. past: (kept,) scratch.
    """
    radius = 0.5 * math.sqrt(size[0] * size[0] + size[1] * size[1])
    for i in range(kept):
        past[i] = ignored[i]
    score, first = 1.0, math.inf
    for t in range(path.shape[0]):
        x, y, yaw = path[t, 0], path[t, 1], path[t, 2]
        margin = _margin(t * dt, rules)
        for i in range(kept):
            if past[i] or not _near(x, y, radius, others, poses, i, t, margin):
                continue
            if not _touches(x, y, yaw, size[0], size[1], others, poses, i, t, margin):
                continue
            past[i] = True  # counts once
            fault = _fault(map, path, t, size, others, poses, i, margin, rules)
            if fault > 0.0:
                score = min(score, 1.0 - fault * (1.0 - others[i, 4]))
                first = min(first, t * dt)
    return score, first


@hot_kernel
def _in_the_way(
    map: Lanes,
    path: NDArray,
    t: int,
    size: NDArray,
    poses: NDArray,
    i: int,
    f: int,
    rules: Row,
) -> bool:
    """Whether a road user is ahead, or beside an ego that is not within one lane."""
    angle = _bearing(path, t, size[0], poses, i, f)
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
    poses: NDArray,
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
        path to past: as in `contact_score`. ahead: (J,) projections [steps], ascending; the
        forecast reaches as far beyond the path.
    """
    radius = 0.5 * math.sqrt(size[0] * size[0] + size[1] * size[1])
    for i in range(kept):
        past[i] = ignored[i]
    for t in range(path.shape[0]):
        v, yaw = path[t, 3], path[t, 2]
        if v < rules.crawling:
            continue
        for j in range(ahead.shape[0]):
            further = v * (ahead[j] * dt)
            x, y = path[t, 0] + further * path[t, 4], path[t, 1] + further * path[t, 5]
            f = t + ahead[j]
            margin = _margin(f * dt, rules)
            for i in range(kept):
                if past[i] or not _near(x, y, radius, others, poses, i, f, margin):
                    continue
                if not _touches(x, y, yaw, size[0], size[1], others, poses, i, f, margin):
                    continue
                if _in_the_way(map, path, t, size, poses, i, f, rules):
                    return False
                past[i] = True
    return True
