"""Futures of other road users: several ways to go on, each with a weight, as rows of poses.

*Keeps*: follows its lane, or every one that it may be on, as highway-env's drivers do. *Leaves*:
its present lateral speed stays until it is in the next lane (`r157_what_if.md`, 5: settled); where
that still grows it grows on for a while (turning in), or follows a sinusoid to the next lane. Each
goes on at its present speed, or carries its present acceleration on; who keeps to its lane may also
brake all of a sudden, and who comes from behind may be expected to yield. Who is no car, or on no
lane, goes straight on, or stops. Weights follow from how well a future foretold the lateral speed.
"""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.tables import Row
from drivestack.roads.lane_tables import Lanes
from drivestack.roads.lanes import local_coordinates, position, width_at
from drivestack.roads.links import Links
from drivestack.roads.ways import STRETCHES, body_yaw, branch, lanes_under

ROWS = 10
"""Most futures of one road user: four ways, two more of leaving, braking, stopping, yielding."""

FACTS = 4
"""Columns of a future: whose it is, its weight, length and width of the body [m]."""


@hot_kernel
def _speeds(v: float, gain: float, firm: bool, brake: float, pause: float, carried: float,
            dt: float, poses: NDArray) -> None:  # fmt: skip
    """Write the speeds (S + 1, 4) of one who keeps on accelerating, or brakes after a pause."""
    poses[0, 3] = v
    for k in range(1, poses.shape[0]):
        time = (k - 1) * dt
        rate = 0.0
        if brake > 0.0:
            rate = -brake if time >= pause - 1e-9 else 0.0
        elif firm and time < carried - 1e-9:
            rate = gain
        v = max(v + rate * dt, 0.0)
        poses[k, 3] = v


@hot_kernel
def _straight(state: NDArray, dt: float, poses: NDArray) -> None:
    """Write places (S + 1, 4) straight on, with the speeds that stand there."""
    x, y, yaw = state[0], state[1], state[2]
    c, s = math.cos(yaw), math.sin(yaw)
    poses[0, 0], poses[0, 1], poses[0, 2] = x, y, yaw
    for k in range(1, poses.shape[0]):
        x, y = x + c * poses[k, 3] * dt, y + s * poses[k, 3] * dt
        poses[k, 0], poses[k, 1], poses[k, 2] = x, y, yaw


@hot_kernel
def _along(
    map: Lanes, way: NDArray, state: NDArray, length: float, aside: float, growth: float,
    rising: float, sweep: float, dt: float, own: Row, poses: NDArray,
) -> None:  # fmt: skip
    """Write places (S + 1, 4) along a way (`STRETCHES`), with the speeds that stand there.

    Args:
        aside: lateral speed of one who leaves [m/s]; 0: it keeps to the lane. growth: of that
        [m/s2], for the first `rising` seconds. sweep: time that a sinusoidal change has left [s];
        0: it is none.
    """
    q, lane = 0, way[0]
    s, lateral = local_coordinates(map.lanes[lane], map.points, state[0], state[1])
    turn = wrap_to_pi(state[2] - body_yaw(map, lane, s, length))
    width = width_at(map.lanes[lane], map.points, s)
    aim = 0.0  # who is outside a lane is on its way into it
    if aside != 0.0:
        aim = math.copysign(width, aside)
        if abs(lateral) > abs(aim):
            aim = lateral
    elif abs(lateral) <= 0.5 * width:
        most = max(abs(lateral), own.own)
        aim = min(max(lateral + own.settling * state[3] * math.sin(turn), -most), most)
    left = 1.0
    decay = math.exp(-dt / own.settling)
    first, begun = lateral, lateral
    poses[0, 0], poses[0, 1], poses[0, 2] = state[0], state[1], state[2]
    for k in range(1, poses.shape[0]):
        v, time = poses[k, 3], k * dt
        s += v * dt
        slip = 0.0
        if aside != 0.0:
            if sweep > 0.0:
                part = min(time / sweep, 1.0)
                lateral = first + (aim - first) * math.sin(0.5 * math.pi * part)
            else:
                if time <= rising + 1e-9:
                    grown = min(abs(aside) + growth * dt, max(own.fastest, abs(aside)))
                    aside = math.copysign(grown, aside)
                lateral += aside * dt
                if (aim - lateral) * aside <= 0.0:
                    lateral = aim
            slip = math.atan2((lateral - begun) / dt, max(v, 1.0))
            begun = lateral
        else:
            left *= decay
            lateral = aim + (first - aim) * left
            slip = turn * left
        x, y = position(map.lanes[lane], map.points, s, lateral)
        yaw = body_yaw(map, lane, s, length) + slip
        poses[k, 0], poses[k, 1], poses[k, 2] = x, y, yaw
        if (
            s > map.lanes[lane].length - own.early
            and q + 1 < STRETCHES
            and way[q + 1] >= 0
        ):  # fmt: skip
            q += 1
            lane = way[q]
            before = lateral
            s, lateral = local_coordinates(map.lanes[lane], map.points, x, y)
            moved = lateral - before
            aim, first, begun = aim + moved, first + moved, lateral
            if aside == 0.0:
                first, left = lateral, 1.0
                turn = wrap_to_pi(yaw - body_yaw(map, lane, s, length))
                aim = lateral if abs(lateral) <= own.own else 0.0


@hot_kernel
def _row(facts: NDArray, r: int, n: int, weight: float, size: NDArray) -> int:
    """Write what is known of a future; returns the next row."""
    facts[r, 0], facts[r, 1], facts[r, 2], facts[r, 3] = n, weight, size[0], size[1]
    return r + 1


@hot_kernel
def _leaving(aside: float, own: Row) -> float:
    """How likely one leaves its lane who moves aside at this speed [m/s]."""
    if abs(aside) < 1e-3:
        return 0.0
    z = aside / own.wander
    keeps = math.exp(-0.5 * z * z) / (own.wander * math.sqrt(2.0 * math.pi))
    leaves = 0.5 / own.fastest
    return own.leaving * leaves / (own.leaving * leaves + (1.0 - own.leaving) * keeps)


@hot_kernel
def foresee(
    map: Lanes, links: Links, n: int, state: NDArray, size: NDArray, on_lanes: bool, gain: float,
    turn: float, behind: bool, dt: float, starts: NDArray, ways: NDArray, own: Row,
    facts: NDArray, poses: NDArray, r: int,
) -> int:  # fmt: skip
    """Write the futures of road user n from row r on; returns the next row.

    Args:
        state: (4,) now. size: (2,). on_lanes: whether it keeps to lanes at all. gain, turn: its
        acceleration [m/s2] and yaw rate [rad/s]. behind: it comes from behind the ego, and would
        have to yield. starts: (`WAYS`,), ways: (`WAYS`, `STRETCHES`), scratch.
        facts: (R, `FACTS`). poses: (R, S + 1, 4).
    """
    found = 0
    if on_lanes and state[3] > own.standing:
        found = lanes_under(map, links, state, size[0], own, starts)
    firm = abs(gain) > own.firm
    if found == 0:
        _speeds(state[3], gain, False, 0.0, 0.0, own.carried, dt, poses[r])
        _straight(state, dt, poses[r])
        r = _row(facts, r, n, 1.0 if state[3] <= own.standing else 0.8, size)
        if state[3] > own.standing:
            _speeds(state[3], gain, False, own.brake, 0.0, own.carried, dt, poses[r])
            _straight(state, dt, poses[r])
            r = _row(facts, r, n, 0.2, size)
        return r
    for w in range(ways.shape[0]):
        for q in range(STRETCHES):
            ways[w, q] = -1
    for w in range(found):
        ways[w, 0] = starts[w]
    here = map.lanes[starts[0]]
    s, _ = local_coordinates(here, map.points, state[0], state[1])
    slip = wrap_to_pi(state[2] - body_yaw(map, starts[0], s, size[0]))
    aside = state[3] * math.sin(slip)
    bend = wrap_to_pi(
        body_yaw(map, starts[0], s + 1.0, size[0]) - body_yaw(map, starts[0], s - 1.0, size[0])
    )
    growth = state[3] * (turn - 0.5 * bend * state[3])
    leaves = _leaving(aside, own)
    reach = state[3] * poses.shape[1] * dt
    count = branch(map, links, found, reach, state, ways)
    pause, brake = (own.reaction, own.yields) if behind else (0.0, 0.0)
    keeps = (1.0 - leaves) / count
    for w in range(count):
        _speeds(state[3], gain, firm, brake, pause, own.carried, dt, poses[r])
        _along(map, ways[w], state, size[0], 0.0, 0.0, 0.0, 0.0, dt, own, poses[r])
        r = _row(facts, r, n, keeps, size)
    if leaves > 1e-3:
        _speeds(state[3], gain, firm, brake, pause, own.carried, dt, poses[r])
        turning = growth * aside > 0.0 and abs(growth) > own.growth
        _along(map, ways[0], state, size[0], aside, abs(growth) if turning else 0.0,
               own.rising if turning else 0.0, 0.0, dt, own, poses[r])  # fmt: skip
        r = _row(facts, r, n, leaves, size)
    if not behind:
        _speeds(state[3], gain, False, own.brake, 0.0, own.carried, dt, poses[r])
        _along(map, ways[0], state, size[0], 0.0, 0.0, 0.0, 0.0, dt, own, poses[r])
        r = _row(facts, r, n, own.braking, size)
    return r
