"""Contacts of a chunk with others as forecast: at-fault classes, and time to collision.

A forecast is two tables, see `behavior.forecast`. A road user that is hit without fault, or that
touches already at the start, is ignored from then on.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.forecast import OTHER
from drivestack.core.compiled import hot_kernel, inlined_kernel, kernel
from drivestack.core.geometry import TOUCH, bearing, boxes_overlap
from drivestack.core.tables import Row
from drivestack.roads.lane_tables import Lanes

from .lanes import within_one_lane


class Traffic(NamedTuple):
    """Others to come, and scratch for one chunk; M rows, F frames, J projections, T steps.

    Attributes:
        others, poses: a forecast, see `behavior.forecast`. x, y: (M, F) [m], the same places frame
        by frame. more: (F,) by how much [m] the circle about a doubtful forecast is larger.
        ignored: (M,) who touches the ego at the start. places: (J, 2, F) the ego's centre by frame,
        infinite where it says nothing. near: (J, F) whether it is near one of them.
    """

    others: NDArray
    poses: NDArray
    x: NDArray
    y: NDArray
    more: NDArray
    ignored: NDArray
    places: NDArray
    near: NDArray


@kernel
def traffic(most: int, frames: int, projections: int) -> Traffic:
    """Room for so many rows, frames and projections."""
    return Traffic(
        np.zeros((most, OTHER)), np.zeros((most, frames, 3)), np.zeros((most, frames)),
        np.zeros((most, frames)), np.zeros(frames), np.zeros(most, np.bool_),
        np.zeros((projections, 2, frames)), np.zeros((projections, frames), np.bool_),
    )  # fmt: skip


@hot_kernel
def lay_out(on: Traffic, kept: int, dt: float, rules: Row) -> None:
    """Prepare a forecast of `kept` rows, which stands in `others` and `poses`, for all chunks."""
    for i in range(kept):
        for f in range(on.x.shape[1]):
            on.x[i, f], on.y[i, f] = on.poses[i, f, 0], on.poses[i, f, 1]
    for f in range(on.more.shape[0]):
        on.more[f] = 1.5 * _margin(f * dt, rules)  # the corner of a margin is farther off


@hot_kernel
def _mark_near(on: Traffic, i: int, radius: float, projections: int) -> int:
    """Mark the frames at which the circles about the ego and row i meet; returns how many.

    Without a branch, so that it is done for several frames at once: next to none are near.
    """
    x, y, more, count = on.x[i], on.y[i], on.more, 0
    both = radius + on.others[i, 2] + TOUCH
    for j in range(projections):
        own_x, own_y, near = on.places[j, 0], on.places[j, 1], on.near[j]
        for f in range(more.shape[0]):
            dx, dy, reach = x[f] - own_x[f], y[f] - own_y[f], both + more[f]
            near[f] = dx * dx + dy * dy <= reach * reach
            count += near[f]
    return count


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
def _radius(size: NDArray) -> float:
    """Of the circle about a box [m]."""
    return 0.5 * math.sqrt(size[0] * size[0] + size[1] * size[1])


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
def touching_now(path: NDArray, size: NDArray, on: Traffic, kept: int) -> None:
    """Mark the road users that the ego touches at the start already."""
    x, y, yaw = path[0, 0], path[0, 1], path[0, 2]
    for i in range(kept):
        on.ignored[i] = _touches(x, y, yaw, size[0], size[1], on.others, on.poses, i, 0, 0.0)


@hot_kernel
def contact_score(
    map: Lanes, path: NDArray, size: NDArray, dt: float, on: Traffic, kept: int, rules: Row
) -> tuple[float, float]:
    """What at-fault contacts leave of 1, and the time [s] of the first (infinite: none).

    Args:
        path: (T + 1, `PATH`). size: (2,) [m]. on: `kept` rows, after `touching_now`.
    """
    radius, others, poses = _radius(size), on.others, on.poses
    score, first = 1.0, math.inf
    on.places[0] = math.inf
    for t in range(path.shape[0]):
        on.places[0, 0, t], on.places[0, 1, t] = path[t, 0], path[t, 1]
    for i in range(kept):
        if on.ignored[i] or _mark_near(on, i, radius, 1) == 0:
            continue
        for t in range(path.shape[0]):
            if not on.near[0, t]:
                continue
            x, y, yaw, margin = path[t, 0], path[t, 1], path[t, 2], _margin(t * dt, rules)
            if not _touches(x, y, yaw, size[0], size[1], others, poses, i, t, margin):
                continue
            fault = _fault(map, path, t, size, others, poses, i, margin, rules)
            if fault > 0.0:
                score = min(score, 1.0 - fault * (1.0 - others[i, 4]))
                first = min(first, t * dt)
            break  # counts once
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
def _hits(
    map: Lanes, path: NDArray, size: NDArray, dt: float, on: Traffic, i: int, ahead: NDArray,
    rules: Row,
) -> bool:  # fmt: skip
    """Whether the first contact of row i with a pose moved on is with somebody in the way."""
    for t in range(path.shape[0]):
        v, yaw = path[t, 3], path[t, 2]
        if v < rules.crawling:
            continue
        for j in range(ahead.shape[0]):
            f = t + ahead[j]
            if not on.near[j, f]:
                continue
            x, y = on.places[j, 0, f], on.places[j, 1, f]
            margin = _margin(f * dt, rules)
            if _touches(x, y, yaw, size[0], size[1], on.others, on.poses, i, f, margin):
                return _in_the_way(map, path, t, size, on.poses, i, f, rules)
    return False


@hot_kernel
def keeps_distance(
    map: Lanes, path: NDArray, size: NDArray, dt: float, on: Traffic, kept: int, ahead: NDArray,
    rules: Row,
) -> bool:  # fmt: skip
    """Whether no pose, moved on at constant velocity, would hit somebody in the way.

    In the way are those within `rules.front` of the heading and, where the ego is not within one
    lane, all that are not behind. Who is hit otherwise is ignored from then on.

    Args:
        path to kept: as in `contact_score`. ahead: (J,) projections [steps], ascending; the
        forecast reaches as far beyond the path.
    """
    radius = _radius(size)
    for j in range(ahead.shape[0]):
        on.places[j] = math.inf
        for t in range(path.shape[0]):
            further = path[t, 3] * (ahead[j] * dt)
            on.places[j, 0, t + ahead[j]] = path[t, 0] + further * path[t, 4]
            on.places[j, 1, t + ahead[j]] = path[t, 1] + further * path[t, 5]
    for i in range(kept):
        if on.ignored[i] or _mark_near(on, i, radius, ahead.shape[0]) == 0:
            continue
        if _hits(map, path, size, dt, on, i, ahead, rules):
            return False
    return True
