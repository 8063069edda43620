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
from drivestack.roads.lane_tables import Lanes
from drivestack.roads.lanes import local_coordinates, position, width_at
from drivestack.roads.links import Links
from drivestack.roads.ways import (
    STRETCHES,
    WAYS,
    OnLanes,
    body_yaw,
    branch,
    cuts_across,
    lanes_under,
    misfit,
)

from .forecast import describe, straight_on

ROWS = 2 * WAYS
"""Most rows of one road user: each way at constant speed, and braking where it cuts across."""


@dataclass(frozen=True, slots=True)
class LaneModel(OnLanes):
    """How road users are taken to drive.

    Attributes:
        own: a driver keeps so far from the middle of its lane [m]; our choice: a car of 2 m stays
        in a lane of 4 m.
        early: the next lane is steered for this far before the end of one [m]; highway-env's.
        standing: speed [m/s] up to which nobody is taken to move.
        braking: of one who cuts across lanes and finds somebody there [m/s2]; highway-env's IDM.
    """

    own: float = 1.0
    early: float = 2.5
    standing: float = 0.1
    braking: float = 5.0


@hot_kernel
def _follow(
    map: Lanes,
    way: NDArray,
    state: NDArray,
    decay: NDArray,
    dt: float,
    length: float,
    braking: float,
    model: Row,
    poses: NDArray,
) -> None:
    """Poses (F, 3) along a way, braking [m/s2]; each lane is steered for as it is taken up.

    Drivers keep a distance from the middle in bends: who does not steer back stays where it is, up
    to `own` metres aside.
    """
    q, lane, since = 0, way[0], 0
    s, lateral = local_coordinates(map.lanes[lane], map.points, state[0], state[1])
    turn = wrap_to_pi(state[2] - body_yaw(map, lane, s, length))
    aim = 0.0  # who is outside a lane is on its way into it
    if abs(lateral) <= 0.5 * width_at(map.lanes[lane], map.points, s):
        most = max(abs(lateral), model.own)
        aim = lateral + model.settling * state[3] * math.sin(turn)
        aim = min(max(aim, -most), most)
    poses[0, 0], poses[0, 1], poses[0, 2] = state[0], state[1], state[2]
    for f in range(1, poses.shape[0]):
        s += max(state[3] - braking * f * dt, 0.0) * dt
        left = decay[f - since]
        x, y = position(map.lanes[lane], map.points, s, aim + (lateral - aim) * left)
        yaw = body_yaw(map, lane, s, length) + turn * left
        poses[f, 0], poses[f, 1], poses[f, 2] = x, y, yaw
        ends = map.lanes[lane].length - model.early
        if s > ends and q + 1 < STRETCHES and way[q + 1] >= 0:
            q, since = q + 1, f
            lane = way[q]
            s, lateral = local_coordinates(map.lanes[lane], map.points, x, y)
            turn = wrap_to_pi(yaw - body_yaw(map, lane, s, length))
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
        others: (N * `ROWS`, `OTHER`), written. poses: (N * `ROWS`, F, 3), written.
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
            n = lanes_under(map, links, state[i], size[i, 0], model, starts)
        if n == 0:
            describe(others, kept, i, size[i], state[i, 3], kind[i], obstacle, objects_left)
            straight_on(state[i], dt, poses[kept])
            kept += 1
            continue
        n = branch(map, links, starts[:n], state[i, 3] * steps * dt, state[i], ways)
        for w in range(n):
            describe(others, kept, i, size[i], state[i, 3], kind[i], obstacle, objects_left)
            _follow(map, ways[w], state[i], decay, dt, size[i, 0], 0.0, model, poses[kept])
            kept += 1
            if cuts_across(links, ways[w]):
                describe(others, kept, i, size[i], state[i, 3], kind[i], obstacle, objects_left)
                _follow(
                    map, ways[w], state[i], decay, dt, size[i, 0], model.braking, model, poses[kept]
                )
                kept += 1
    return kept


@hot_kernel
def lane_of(map: Lanes, wanted: NDArray, state: NDArray, model: Row) -> int:
    """The lane that the ego is on, one of the route's (L,) where two suit alike; -1: none."""
    cell = cell_of(map.grid[0], state[0], state[1])
    first = int(map.cell_at[cell]) if cell >= 0 else 0
    last = int(map.cell_at[cell + 1]) if cell >= 0 else map.lanes.shape[0]
    best, chosen = math.inf, -1
    for place in range(first, last):
        lane = int(map.cell_lanes[place]) if cell >= 0 else place
        rank = misfit(map, lane, state, model.seam, model.aside)
        if not wanted[lane]:
            rank += model.alike
        if rank < best:
            best, chosen = rank, lane
    return chosen
