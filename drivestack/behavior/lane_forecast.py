"""Forecast of others along their lanes: one row for each way that a road user may take, compiled.

A road user is on every lane that passes it in about its direction; from each it follows the lane's
curve at its present speed, and branches where the road forks. Its distance from the middle of the
lane decays as highway-env's drivers steer it. One that moves sideways may be on its way to the next
lane. Who is on no lane goes straight on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.tables import Row
from drivestack.roads.grid import cell_of
from drivestack.roads.lanes import heading_at, local_coordinates, on_lane, position, width_at

from .forecast import describe, straight_on
from .lane_links import Links
from .lane_tables import Lanes

WAYS = 4
"""Most rows of one road user; our choice: two exits of a roundabout, and a neighbouring lane."""

STRETCHES = 8
"""Most lanes of a way; our choice: at 20 m/s a ring of 20 m radius takes 7 in 5 s."""


@dataclass(frozen=True, slots=True)
class LaneModel:
    """How road users are taken to drive.

    Attributes:
        settling: time [s] in which a distance from the middle of the lane decays to 1 / e;
        highway-env's drivers (1 / KP_LATERAL).
        aside, seam: who is this far beside or beyond a lane is on it [m]; our choice: half a car's
        width, and more than the gaps between the lanes of highway-env's roundabouts.
        alike: lanes that suit this little worse than the best are believed too [m]; our choice:
        two turns that leave one lane differ by so much after 3 m.
        own: a driver keeps so far from the middle of its lane [m]; our choice: a car of 2 m stays
        in a lane of 4 m.
        early: the next lane is steered for this far before the end of one [m]; highway-env's.
        standing: speed [m/s] up to which nobody is taken to move.
    """

    settling: float = 0.6
    aside: float = 0.5
    seam: float = 3.0
    alike: float = 0.7
    own: float = 1.0
    early: float = 2.5
    standing: float = 0.1


@hot_kernel
def _rank(map: Lanes, lane: int, state: NDArray, seam: float, aside: float) -> float:
    """How little a lane suits a pose [m, rad counted as m]; infinite where it does not pass it."""
    row = map.lanes[lane]
    s, lateral = local_coordinates(row, map.points, state[0], state[1])
    if not on_lane(row, map.points, s, lateral, aside, seam):
        return math.inf
    turn = wrap_to_pi(state[2] - heading_at(row, map.points, s))
    if math.cos(turn) < 0.5:
        return math.inf
    return abs(lateral) + abs(turn) + max(s - row.length, 0.0) + max(-s, 0.0)


@hot_kernel
def _starts(
    map: Lanes, links: Links, state: NDArray, length: float, model: Row, found: NDArray
) -> int:
    """Fill (`WAYS`,) with the lanes that a road user may be on, the likeliest first."""
    cell = cell_of(map.grid[0], state[0], state[1])
    first = int(map.cell_at[cell]) if cell >= 0 else 0
    last = int(map.cell_at[cell + 1]) if cell >= 0 else map.lanes.shape[0]
    seam = 0.0
    best, chosen = math.inf, -1
    for _attempt in range(2):
        for place in range(first, last):
            lane = int(map.cell_lanes[place]) if cell >= 0 else place
            rank = _rank(map, lane, state, seam, model.aside)
            if rank < best:
                best, chosen = rank, lane
        if chosen >= 0:
            break
        seam = model.seam
    if chosen < 0:
        return 0
    found[0] = chosen
    n = 1
    for place in range(first, last):
        lane = int(map.cell_lanes[place]) if cell >= 0 else place
        if lane != chosen and n < WAYS - 1:
            if _rank(map, lane, state, seam, model.aside) <= best + model.alike:
                found[n] = lane
                n += 1
    other = _heading_for(map, links, chosen, state, length, model)
    if other < 0:
        return n
    for k in range(n):
        if found[k] == other:
            return n
    found[n] = other
    return n + 1


@hot_kernel
def _body_yaw(map: Lanes, lane: int, s: float, length: float) -> float:
    """Yaw [rad] of a body that follows a lane: in a bend its middle slips outwards of the axis.

    The kinematic bicycle about its middle with the axles at its ends: sin(slip) is half its length
    times the curvature.
    """
    row = map.lanes[lane]
    along = heading_at(row, map.points, s)
    curvature = 0.5 * wrap_to_pi(
        heading_at(row, map.points, s + 1.0) - heading_at(row, map.points, s - 1.0)
    )
    return along - math.asin(min(max(0.5 * length * curvature, -1.0), 1.0))


@hot_kernel
def _heading_for(
    map: Lanes, links: Links, lane: int, state: NDArray, length: float, model: Row
) -> int:
    """The neighbouring lane that a road user steers to, by its lateral speed; -1: none."""
    row = map.lanes[lane]
    s, lateral = local_coordinates(row, map.points, state[0], state[1])
    turn = wrap_to_pi(state[2] - _body_yaw(map, lane, s, length))
    aim = lateral + model.settling * state[3] * math.sin(turn)
    if abs(aim) <= 0.5 * width_at(row, map.points, s):
        return -1
    return links.left[lane] if aim > 0.0 else links.right[lane]


@hot_kernel
def _branch(
    map: Lanes, links: Links, starts: int, need: float, state: NDArray, ways: NDArray
) -> int:
    """Prolong the first lanes of `ways` (`WAYS`, `STRETCHES`) by `need` metres; returns how many.

    A way ends with -1. Where there are more than `WAYS`, later branches are left out.
    """
    n = starts
    w = 0
    while w < n:
        s, _ = local_coordinates(map.lanes[ways[w, 0]], map.points, state[0], state[1])
        left = need + s
        for q in range(STRETCHES):
            lane = ways[w, q]
            left -= map.lanes[lane].length
            if q + 1 == STRETCHES:
                break
            if ways[w, q + 1] >= 0:  # a branch: this much was copied
                continue
            if left <= 0.0:
                break
            first, last = links.after_at[lane], links.after_at[lane + 1]
            if first == last:
                break
            for place in range(first + 1, last):
                if n < WAYS:
                    for earlier in range(q + 1):
                        ways[n, earlier] = ways[w, earlier]
                    ways[n, q + 1] = links.after[place]
                    n += 1
            ways[w, q + 1] = links.after[first]
        w += 1
    return n


@hot_kernel
def _follow(
    map: Lanes,
    way: NDArray,
    state: NDArray,
    decay: NDArray,
    dt: float,
    length: float,
    model: Row,
    poses: NDArray,
) -> None:
    """Poses (F, 3) along a way at constant speed; each lane is steered for as it is taken up.

    Drivers keep a distance from the middle in bends: who does not steer back stays where it is, up
    to `own` metres aside.
    """
    q, lane, since = 0, way[0], 0
    s, lateral = local_coordinates(map.lanes[lane], map.points, state[0], state[1])
    turn = wrap_to_pi(state[2] - _body_yaw(map, lane, s, length))
    most = max(abs(lateral), model.own)
    aim = lateral + model.settling * state[3] * math.sin(turn)
    aim = min(max(aim, -most), most)
    poses[0, 0], poses[0, 1], poses[0, 2] = state[0], state[1], state[2]
    for f in range(1, poses.shape[0]):
        s += state[3] * dt
        left = decay[f - since]
        x, y = position(map.lanes[lane], map.points, s, aim + (lateral - aim) * left)
        yaw = _body_yaw(map, lane, s, length) + turn * left
        poses[f, 0], poses[f, 1], poses[f, 2] = x, y, yaw
        ends = map.lanes[lane].length - model.early
        if s > ends and q + 1 < STRETCHES and way[q + 1] >= 0:
            q, since = q + 1, f
            lane = way[q]
            s, lateral = local_coordinates(map.lanes[lane], map.points, x, y)
            turn = wrap_to_pi(yaw - _body_yaw(map, lane, s, length))
            aim = lateral if abs(lateral) <= model.own else 0.0


@kernel
def decays(steps: int, dt: float, settling: float) -> NDArray:
    """(F,) what is left of a distance from the middle of the lane after each step."""
    out = np.empty(steps)
    for f in range(steps):
        out[f] = math.exp(-f * dt / settling)
    return out


@kernel
def along_lanes(
    map: Lanes,
    links: Links,
    state: NDArray,
    size: NDArray,
    kind: NDArray,
    valid: NDArray,
    obstacle: int,
    objects_left: float,
    decay: NDArray,
    dt: float,
    model: Row,
    others: NDArray,
    poses: NDArray,
) -> int:
    """Fill the rows of all road users; returns how many there are.

    Args:
        state: (N, 4). size: (N, 2). kind, valid: (N,). objects_left: see `forecast.describe`.
        decay: (F,) from `decays`. dt: [s].
        model: of a `LaneModel`.
        others: (N * `WAYS`, `OTHER`), written. poses: (N * `WAYS`, F, 3), written.
    """
    kept = 0
    starts = np.empty(WAYS, np.int64)
    ways = np.empty((WAYS, STRETCHES), np.int64)
    steps = poses.shape[1]
    for i in range(state.shape[0]):
        if not valid[i]:
            continue
        n = 0
        if state[i, 3] > model.standing:
            n = _starts(map, links, state[i], size[i, 0], model, starts)
        if n == 0:
            describe(others, kept, i, size[i], state[i, 3], kind[i], obstacle, objects_left)
            straight_on(state[i], dt, poses[kept])
            kept += 1
            continue
        ways[:] = -1
        ways[:n, 0] = starts[:n]
        n = _branch(map, links, n, state[i, 3] * steps * dt, state[i], ways)
        for w in range(n):
            describe(others, kept, i, size[i], state[i, 3], kind[i], obstacle, objects_left)
            _follow(map, ways[w], state[i], decay, dt, size[i, 0], model, poses[kept])
            kept += 1
    return kept


@kernel
def lane_of(map: Lanes, wanted: NDArray, state: NDArray, model: Row) -> int:
    """The lane that the ego is on, one of the route's (L,) where two suit alike; -1: none."""
    cell = cell_of(map.grid[0], state[0], state[1])
    first = int(map.cell_at[cell]) if cell >= 0 else 0
    last = int(map.cell_at[cell + 1]) if cell >= 0 else map.lanes.shape[0]
    best, chosen = math.inf, -1
    for place in range(first, last):
        lane = int(map.cell_lanes[place]) if cell >= 0 else place
        rank = _rank(map, lane, state, model.seam, model.aside)
        if not wanted[lane]:
            rank += model.alike
        if rank < best:
            best, chosen = rank, lane
    return chosen
