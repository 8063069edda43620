"""Futures of other road users: several ways to go on, each with a weight, as rows of poses.

*Keeps*: follows its lane, or every one that it may be on, as highway-env's drivers do. *Leaves*:
its present lateral speed stays until it is in the next lane (`r157_what_if.md`, 5: settled); where
that still grows it grows on for a while (turning in). Both go on at the present speed, or carry a
firm acceleration on; who keeps to its lane may also brake all of a sudden, and who comes from
behind may be expected to yield. Who is no car, or on no lane, goes straight on, or stops. How
likely each is: `likelihood.py`.
"""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, inlined_kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.tables import Row
from drivestack.roads.lane_tables import Lanes
from drivestack.roads.lanes import heading_at, local_coordinates, width_at
from drivestack.roads.links import Links
from drivestack.roads.ways import branch, cuts_across, lanes_under

from .likelihood import drifting_fits, leaving, way_fits
from .trace import looked_up, trace

ROWS = 6
"""Most futures of one road user: four ways, leaving, braking."""

TINY = 1e-300
"""Likelihoods that are as good as none; keeps a division from failing."""

FACTS = 4
"""Columns of a future: whose it is, its weight, length and width of the body [m]."""


@hot_kernel
def _speeds(
    v: float, gain: float, carried: float, brake: float, pause: float, dt: float, poses: NDArray
) -> None:
    """Write the speeds (S + 1, 4) of one who accelerates for a while, or brakes after a pause."""
    poses[0, 3] = v
    for k in range(1, poses.shape[0]):
        time = (k - 1) * dt + 1e-9
        rate = gain if time < carried else 0.0
        if brake > 0.0:
            rate = -brake if time >= pause else 0.0
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


@inlined_kernel
def _place(
    table: NDArray, count: int, spacing: float, gone: float, off: float, slip: float,
    poses: NDArray, k: int,
) -> None:  # fmt: skip
    """Write the pose at step k: `gone` metres along a trace, `off` metres to its left."""
    i, share = looked_up(table, count, spacing, gone)
    a, b = table[i], table[i + 1]
    poses[k, 0] = a[0] + share * (b[0] - a[0]) - (a[4] + share * (b[4] - a[4])) * off
    poses[k, 1] = a[1] + share * (b[1] - a[1]) + (a[3] + share * (b[3] - a[3])) * off
    poses[k, 2] = a[2] + share * (b[2] - a[2]) + slip


@hot_kernel
def _keeps(
    table: NDArray, count: int, spacing: float, lateral: float, aim: float, turn: float,
    settling: float, dt: float, poses: NDArray,
) -> None:  # fmt: skip
    """Write places (S + 1, 4) along a trace: distance from it and angle to it settle.

    Args:
        lateral, aim: distance from the line now and in the end [m]. turn: angle to it [rad].
        settling: the time constant of both [s].
    """
    gone, left, decay = 0.0, 1.0, math.exp(-dt / settling)
    _place(table, count, spacing, 0.0, lateral, turn, poses, 0)
    for k in range(1, poses.shape[0]):
        gone += dt * poses[k, 3]
        left *= decay
        off = aim + (lateral - aim) * left
        _place(table, count, spacing, gone, off, turn * left, poses, k)


@hot_kernel
def _leaves(
    table: NDArray, count: int, spacing: float, lateral: float, aim: float, aside: float,
    growth: float, own: Row, dt: float, poses: NDArray,
) -> None:  # fmt: skip
    """Write places (S + 1, 4) along a trace: the lateral speed stays until `aim` is reached.

    Args:
        aside: lateral speed [m/s]. growth: its size grows by this for a while [m/s2].
    """
    gone = 0.0
    fastest = max(own.fastest, abs(aside))
    _place(table, count, spacing, 0.0, lateral, 0.0, poses, 0)
    for k in range(1, poses.shape[0]):
        gone += dt * poses[k, 3]
        if growth > 0.0 and k * dt <= own.rising + 1e-9:
            aside = math.copysign(min(abs(aside) + growth * dt, fastest), aside)
        before = lateral
        lateral += aside * dt
        if (aim - lateral) * aside <= 0.0:
            lateral = aim
        slip = math.atan2((lateral - before) / dt, max(poses[k, 3], 1.0))
        _place(table, count, spacing, gone, lateral, slip, poses, k)


@hot_kernel
def _row(facts: NDArray, r: int, n: int, weight: float, size: NDArray) -> int:
    """Write what is known of a future; returns the next row."""
    facts[r, 0], facts[r, 1], facts[r, 2], facts[r, 3] = n, weight, size[0], size[1]
    return r + 1


@hot_kernel
def _off_lanes(
    n: int, state: NDArray, size: NDArray, own: Row, dt: float, facts: NDArray, poses: NDArray,
    r: int,
) -> int:  # fmt: skip
    """The futures of one who keeps to no lane: straight on, or to a stop."""
    _speeds(state[3], 0.0, 0.0, 0.0, 0.0, dt, poses[r])
    _straight(state, dt, poses[r])
    if state[3] <= own.standing:
        return _row(facts, r, n, 1.0, size)
    r = _row(facts, r, n, 1.0 - own.stops, size)
    _speeds(state[3], 0.0, 0.0, own.yields, 0.0, dt, poses[r])
    _straight(state, dt, poses[r])
    return _row(facts, r, n, own.stops, size)


@hot_kernel
def _along(
    map: Lanes, way: NDArray, state: NDArray, length: float, reach: float, own: Row, table: NDArray
) -> tuple[int, int, float, float, float, float, float, bool]:
    """Write the trace of a way, and how a body stands to it.

    Returns:
        Its first lane; rows and spacing of the trace [m]; distance from the line [m], angle to it
        [rad], lateral speed [m/s]; the distance from the line that it settles at [m], and whether
        it is outside the lane by now.
    """
    lane = map.lanes[way[0]]
    s, lateral = local_coordinates(lane, map.points, state[0], state[1])
    count, spacing = trace(map, way, s, length, reach, table)
    slip = wrap_to_pi(state[2] - table[0, 2])
    aside = state[3] * math.sin(slip)
    aim = 0.0  # who is outside a lane is on its way into it
    outside = abs(lateral) > 0.5 * width_at(lane, map.points, s)
    if not outside:
        most = max(abs(lateral), own.own)
        aim = min(max(lateral + own.settling * aside, -most), most)
    return way[0], count, spacing, lateral, slip, aside, aim, outside


@hot_kernel
def _turning_out(
    map: Lanes, lane: int, state: NDArray, lateral: float, aside: float, turn: float, own: Row
) -> tuple[float, float]:
    """Where the middle of the next lane is [m], and by how much the lateral speed grows [m/s2]."""
    row = map.lanes[lane]
    s, _ = local_coordinates(row, map.points, state[0], state[1])
    bend = heading_at(row, map.points, s + 1.0) - heading_at(row, map.points, s - 1.0)
    growth = state[3] * (turn - 0.5 * wrap_to_pi(bend) * state[3])
    beside = math.copysign(max(width_at(row, map.points, s), abs(lateral)), aside)
    if growth * aside <= 0.0 or abs(growth) <= own.growth:
        return beside, 0.0
    return beside, abs(growth)


@hot_kernel
def foresee(
    map: Lanes, links: Links, n: int, state: NDArray, size: NDArray, is_car: bool, gain: float,
    turn: float, behind: bool, dt: float, starts: NDArray, ways: NDArray, table: NDArray, own: Row,
    facts: NDArray, poses: NDArray, r: int,
) -> int:  # fmt: skip
    """Write the futures of road user n from row r on; returns the next row.

    Args:
        state: (4,) now. size: (2,). is_car: whether it keeps to lanes at all. gain, turn: its
        acceleration [m/s2] and yaw rate [rad/s]. behind: it comes from behind the ego, and would
        have to yield. starts: (`WAYS`,), ways: (`WAYS`, `STRETCHES`), table: of `trace`, scratch.
        facts: (R, `FACTS`). poses: (R, S + 1, 4).
    """
    found, gain = 0, min(max(gain, -own.most), own.rise)
    if is_car and state[3] > own.standing:
        found = lanes_under(map, links, state, size[0], own, starts)
    if found == 0:
        return _off_lanes(n, state, size, own, dt, facts, poses, r)
    carried = own.carried if abs(gain) > own.firm else 0.0
    reach = (state[3] + max(gain, 0.0) * carried) * (poses.shape[1] - 1) * dt + 1.0
    number = branch(map, links, starts[:found], reach, state, ways)
    pause, brake = (own.reaction, own.yields) if behind else (0.0, 0.0)
    first, total, kept, best, most = r, 0.0, 0.0, 0, -1.0
    for w in range(number):
        lane, count, spacing, lateral, slip, aside, aim, outside = _along(
            map, ways[w], state, size[0], reach, own, table
        )
        fits = 1.0
        if number > 1:
            cuts = cuts_across(links, ways[w])
            fits = way_fits(table, count, spacing, state[3], gain, turn, cuts, own)
        if outside:  # it would change lanes
            fits *= own.leaving
        drifts = drifting_fits(table, count, spacing, state[3], lateral, aside, outside, own)
        drifts *= fits
        total, kept = total + fits, kept + drifts
        if fits > most:
            best, most = w, fits
        _speeds(state[3], gain, carried, brake, pause, dt, poses[r])
        _keeps(table, count, spacing, lateral, aim, slip, own.settling, dt, poses[r])
        r = _row(facts, r, n, drifts, size)
    if best + 1 < number:  # its trace was overwritten
        lane, count, spacing, lateral, slip, aside, aim, outside = _along(
            map, ways[best], state, size[0], reach, own, table
        )
    likely = leaving(kept / total, aside, own)
    for k in range(first, r):
        facts[k, 1] *= (1.0 - likely) / max(kept, TINY)
    if likely > own.least:
        beside, growth = _turning_out(map, lane, state, lateral, aside, turn, own)
        _speeds(state[3], gain, carried, brake, pause, dt, poses[r])
        _leaves(table, count, spacing, lateral, beside, aside, growth, own, dt, poses[r])
        r = _row(facts, r, n, likely, size)
    if not behind:
        _speeds(state[3], 0.0, 0.0, own.brake, 0.0, dt, poses[r])
        _keeps(table, count, spacing, lateral, aim, slip, own.settling, dt, poses[r])
        r = _row(facts, r, n, own.braking, size)
    return r
