"""Recorded traffic that reacts: every vehicle keeps its recorded path, but not its timetable.

Until the ego leaves its own recording everybody is replayed exactly. From then on a vehicle goes on
as recorded by a clock of its own, which stands or slows down while the vehicle has to keep clear of
somebody ahead on its path: the ego, or anybody who is late, or, if it is late itself, anybody.
Vehicles on time never react to each other: recorded boxes touch and overlap.
"""

from __future__ import annotations

import math

from drivestack.core.compiled import hot_kernel, inlined_kernel
from drivestack.core.geometry import box_distance
from drivestack.core.tables import Row, Table
from drivestack.vehicle.idm import desired_gap, interaction

from .path_ahead import first_meeting, place_of, way_at

_LEAST_GAP = 0.5
"""Least gap [m] that is accepted because it was recorded; our choice: boxes that touch are errors
of the recording."""


@hot_kernel
def react(slot: Row, bodies: Table, replay: Table) -> None:
    """Before anybody moves: note the hand-over, and let vehicles fall behind their recordings.

    In list order; who has become late is seen so by later ones at once.
    """
    if not slot.handed_over and _has_departed(slot, bodies[slot.ego], replay):
        slot.handed_over = True
    if not slot.handed_over:
        return
    for k in range(slot.n):
        body = bodies[k]
        if body.reactive:
            place = body.clock if body.lag > 0.0 else float(slot.tick - body.replay_from)
            step = 1.0
            if body.present:
                step = _advance(slot, bodies, replay, k, place)
            elif place == -1.0 and _is_taken(slot, bodies, replay, k):
                step = 0.0
            body.clock = place + step
            body.lag += 1.0 - step


@hot_kernel
def take_late(slot: Row, body: Row, replay: Table) -> None:
    """Take the recorded state of a late vehicle's own clock, at the speed at which it moves."""
    place = body.clock
    there = body.present
    body.present = 0.0 <= place <= body.replay_n - 1
    if not body.present:
        return
    at = slot.replay_at + body.replay_at
    i = min(math.floor(place), max(body.replay_n - 2, 0))
    part = place - i
    state = replay[at + i]
    x = state.x
    y = state.y
    heading = state.heading
    speed = state.speed
    if part > 0.0:
        after = replay[at + i + 1]
        x += part * (after.x - x)
        y += part * (after.y - y)
        heading += part * (after.heading - heading)
        speed += part * (after.speed - speed)
    if there:
        dx = x - body.x
        dy = y - body.y
        speed = math.sqrt(dx * dx + dy * dy) / slot.dt
    body.accel = (speed - body.speed) / slot.dt if there else 0.0
    body.x = x
    body.y = y
    body.heading = heading
    body.speed = speed


@inlined_kernel
def _has_departed(slot: Row, ego: Row, replay: Table) -> bool:
    """Whether the ego is not where it was recorded, or was not recorded."""
    if slot.tick >= slot.log_n:
        return True
    logged = replay[slot.replay_at + slot.log_at + slot.tick]
    dx = ego.x - logged.x
    dy = ego.y - logged.y
    return math.sqrt(dx * dx + dy * dy) > slot.departure


@hot_kernel
def _advance(slot: Row, bodies: Table, replay: Table, k: int, place: float) -> float:
    """How far a vehicle's clock goes on in this tick [ticks]: 1, or less where it must brake."""
    body = bodies[k]
    if body.replay_n < 2:
        return 1.0
    at = slot.replay_at + body.replay_at
    s = way_at(replay, at, body.replay_n, place)
    wanted = way_at(replay, at, body.replay_n, place + 1.0) - s
    accel = _following(slot, bodies, replay, k, place, s)
    if body.lag == 0.0 and accel >= 0.0:
        return 1.0
    step = max(body.speed + max(accel, -slot.acc_max) * slot.dt, 0.0) * slot.dt
    if step >= wanted:
        return 1.0
    if step == 0.0:
        return 0.0
    return min(place_of(replay, at, body.replay_n, place, s + step) - place, 1.0)


@hot_kernel
def _following(slot: Row, bodies: Table, replay: Table, k: int, place: float, s: float) -> float:
    """IDM's acceleration without its wanted speed, which is the recording's [m/s2].

    The least of all who are ahead. A gap that was recorded between the same two is wide enough:
    people drive closer than IDM.

    Args:
        place: the vehicle's clock [rows]. s: its way [m].
    """
    body = bodies[k]
    v = body.speed
    brake = 2.0 * math.sqrt(-slot.comfort_acc_max * slot.comfort_acc_min)
    look = slot.standing_gap + v * body.time_wanted + v * v / brake
    least = slot.comfort_acc_max
    for j in range(slot.n):
        other = bodies[j]
        if j == k or not other.present:
            continue
        if j != slot.ego and other.lag == 0.0 and body.lag == 0.0:
            continue
        reach = look + body.length + other.length + other.width
        dx = other.x - body.x
        dy = other.y - body.y
        if dx * dx + dy * dy > reach * reach:
            continue
        gap = _gap(slot, body, replay, place, s, look, other, other)
        if gap == math.inf:
            continue
        accepted = _accepted(slot, bodies, replay, k, j, place, s, look)
        wanted = desired_gap(
            v, math.cos(body.heading), math.sin(body.heading),
            other.speed, math.cos(other.heading), math.sin(other.heading),
            min(slot.standing_gap + v * body.time_wanted, accepted), 0.0,
            slot.comfort_acc_max, slot.comfort_acc_min,
        )  # fmt: skip
        accel = -slot.acc_max
        if gap > 0.0:
            accel = slot.comfort_acc_max - interaction(max(wanted, 0.0), gap, slot.comfort_acc_max)
        least = min(least, accel)
    return least


@hot_kernel
def _gap(
    slot: Row,
    body: Row,
    replay: Table,
    place: float,
    s: float,
    look: float,
    box: Row,
    other: Row,
) -> float:
    """Free way [m] from a vehicle's front to a box as big as `other`; inf if it is not ahead."""
    at = slot.replay_at + body.replay_at
    nose = 0.5 * (body.length - body.width)
    start = s + max(nose, 0.0)
    radius = 0.5 * body.width
    met = first_meeting(
        replay, at, body.replay_n, place, start, start + look, radius, box, other.length,
        other.width,
    )  # fmt: skip
    if met == start:
        dx = box.x - body.x
        dy = box.y - body.y
        if dx * math.cos(body.heading) + dy * math.sin(body.heading) <= 0.0:
            return math.inf  # it overlaps from behind
    return met - s - nose


@hot_kernel
def _accepted(
    slot: Row, bodies: Table, replay: Table, k: int, j: int, place: float, s: float, look: float
) -> float:
    """The gap [m] between two when the vehicle was recorded here; inf if there was none."""
    body = bodies[k]
    other = bodies[j]
    tick = place + body.replay_from
    first = slot.log_at if j == slot.ego else other.replay_at
    n = slot.log_n if j == slot.ego else other.replay_n
    row = math.floor(tick) if j == slot.ego else math.floor(tick) - other.replay_from
    if row < 0 or row >= n:
        return math.inf
    then = replay[slot.replay_at + first + row]
    return max(_gap(slot, body, replay, place, s, look, then, other), _LEAST_GAP)


@hot_kernel
def _is_taken(slot: Row, bodies: Table, replay: Table, k: int) -> bool:
    """Whether the ego or somebody late stands where a vehicle is about to appear."""
    body = bodies[k]
    entry = replay[slot.replay_at + body.replay_at]
    for j in range(slot.n):
        other = bodies[j]
        if not other.present or (j != slot.ego and other.lag == 0.0):
            continue
        c = math.cos(other.heading)
        sn = math.sin(other.heading)
        dx = entry.x - other.x
        dy = entry.y - other.y
        away = box_distance(dx, dy, c, sn, other.length, other.width)
        if away <= 0.5 * body.length:
            return True
    return False
