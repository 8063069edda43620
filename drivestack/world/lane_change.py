"""When a driver changes lane: MOBIL with its timer, its candidates and its abort rule.

Source: highway-env 1.12.1 `IDMVehicle.change_lane_policy`, `mobil`.
"""

from __future__ import annotations

import math

from drivestack.core.compiled import hot_kernel, inlined_kernel
from drivestack.core.tables import NO_LANE_ID, Row, Table
from drivestack.roads.lanes import is_reachable, local_coordinates

from .driving import acceleration, is_controlled, wanted_gap
from .neighbours import follower, gap, leader
from .views import Road, Work

_ANY = int(NO_LANE_ID)


@inlined_kernel
def change_lane(slot: Row, road: Road, bodies: Table, routes: Table, work: Work, k: int) -> None:
    """Abort a change under way, or once per delay decide on a new one."""
    body = bodies[k]
    if body.lane != body.target_lane:
        if road.lanes[body.lane].road == road.lanes[body.target_lane].road:
            _abort_if_taken(slot, road, bodies, work, k)
        return
    if not slot.lane_change_delay < body.timer:
        return
    body.timer = 0.0
    own = road.lanes[body.lane]
    lanes_n = road.roads[own.road].lane_n
    now = int(body.lane)
    # No break: if both sides pass, the second one (number + 1) wins and is judged with the target
    # lane already changed by the first.
    for step in (-1, 1):
        if not 0 <= own.id + step < lanes_n:
            continue
        candidate = now + step
        lane = road.lanes[candidate]
        if not is_reachable(lane, road.points, body.x, body.y, slot.lane_margin):
            continue
        if abs(body.speed) < 1.0:
            continue
        if _mobil(slot, road, bodies, routes, work, k, candidate):
            body.target_lane = candidate


@inlined_kernel
def _abort_if_taken(slot: Row, road: Road, bodies: Table, work: Work, k: int) -> None:
    """Stay, if a vehicle close ahead is changing into the same lane.

    Vehicles are looked at in list order, so earlier ones show new targets and later ones old ones;
    only those in `changing` can be on another lane than their target.
    """
    body = bodies[k]
    for place in range(slot.changing_n):
        v = int(work.marks[place].changing)
        other = bodies[v]
        if v == k or other.lane == body.target_lane or other.target_lane != body.target_lane:
            continue
        if not is_controlled(other):
            continue
        distance = gap(road, bodies, work, k, v)
        if 0.0 < distance < wanted_gap(slot, bodies, work, k, k, v):
            body.target_lane = body.lane
            return


@inlined_kernel
def note_change(slot: Row, bodies: Table, work: Work, k: int) -> None:
    """Enter body k in `changing`, ascending, if it is between two lanes and not yet there."""
    if bodies[k].lane == bodies[k].target_lane:
        return
    place = slot.changing_n
    while place > 0 and work.marks[place - 1].changing > k:
        place -= 1
    if place > 0 and work.marks[place - 1].changing == k:
        return
    for later in range(slot.changing_n, place, -1):
        work.marks[later].changing = work.marks[later - 1].changing
    work.marks[place].changing = k
    slot.changing_n += 1


@hot_kernel
def list_changing(slot: Row, bodies: Table, work: Work) -> None:
    """All vehicles that are between two lanes before anyone acts."""
    count = 0
    for k in range(slot.n):
        if bodies[k].present and bodies[k].lane != bodies[k].target_lane:
            work.marks[count].changing = k
            count += 1
    slot.changing_n = count


@hot_kernel
def _mobil(
    slot: Row, road: Road, bodies: Table, routes: Table, work: Work, k: int, candidate: int
) -> bool:
    """Whether MOBIL recommends the change of body k into `candidate`."""
    body = bodies[k]
    s, _ = local_coordinates(road.lanes[candidate], road.points, body.x, body.y)
    ahead = leader(road, work, k, candidate, s)
    behind = follower(road, work, k, candidate, s)
    behind_after = acceleration(slot, road, bodies, work, k, behind, k)
    if behind_after < -slot.max_braking_imposed:
        return False
    mine_after = acceleration(slot, road, bodies, work, k, k, ahead)
    route = routes[k]
    if body.route_head < body.route_n and route[body.route_head, 1] != _ANY:
        number = road.lanes[body.target_lane].id
        towards = road.lanes[candidate].id - number
        planned = route[body.route_head, 1] - number
        if _sign(towards) != _sign(planned):
            return False
        return not mine_after < -slot.max_braking_imposed
    own = work.marks[k].own_s
    old_ahead = leader(road, work, k, int(body.lane), own)
    gain = mine_after - acceleration(slot, road, bodies, work, k, k, old_ahead)
    if slot.politeness != 0.0:
        old_behind = follower(road, work, k, int(body.lane), own)
        others = (
            behind_after
            - acceleration(slot, road, bodies, work, k, behind, ahead)
            + acceleration(slot, road, bodies, work, k, old_behind, old_ahead)
            - acceleration(slot, road, bodies, work, k, old_behind, k)
        )
        gain = gain + slot.politeness * others
    return not gain < body.min_gain


@hot_kernel
def _sign(value: float) -> float:
    return 0.0 if value == 0 else math.copysign(1.0, value)
