"""Where every body is: nearest lane, all lanes that carry it, and sorted lists of bodies per lane.

Source: highway-env 1.12.1 `RoadNetwork.get_closest_lane_index`, `AbstractLane.on_lane`. Lanes are
pruned by the grid and by bounds that can only skip a lane that cannot win.
"""

from __future__ import annotations

import math

from drivestack.core.compiled import hot_kernel, inlined_kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.tables import LaneKind, Row, Table
from drivestack.roads.grid import cell_of
from drivestack.roads.lanes import heading_at, local_coordinates, on_lane

from .views import Road, Work

_CIRCULAR = int(LaneKind.CIRCULAR)


@hot_kernel
def project_all(slot: Row, road: Road, bodies: Table, work: Work, assign: bool) -> None:
    """Project vehicles and obstacles; `assign` re-assigns the vehicles' nearest lanes."""
    slot.entries_n = 0
    for k in range(slot.n):
        project(slot, road, bodies, work, k, assign)
    for k in range(int(slot.obstacles_at), slot.obstacles_at + slot.obstacles_n):
        project(slot, road, bodies, work, k, False)


@inlined_kernel
def project(slot: Row, road: Road, bodies: Table, work: Work, k: int, assign: bool) -> None:
    """Fill body k's direction, entries and own coordinates, and its nearest lane if `assign`.

    The nearest lane has the least ``|lateral| + overshoot + |heading difference|`` (1 m/rad), the
    first in graph order on ties. The present lane is tried first, so that most others are skipped
    without their heading.
    """
    body = bodies[k]
    work.marks[k].entry_at = slot.entries_n
    work.marks[k].entry_n = 0
    if not body.present:
        work.marks[k].heading = math.nan  # no direction holds when it appears
        return
    if not assign or body.heading != work.marks[k].heading:
        work.marks[k].heading = body.heading
        work.marks[k].cos_h = math.cos(body.heading)
        work.marks[k].sin_h = math.sin(body.heading)
    own = int(body.lane)
    lane = road.lanes[own]
    s, lateral = local_coordinates(lane, road.points, body.x, body.y)
    _enter(slot, road, work, k, own, s, lateral)
    best = 0.0
    if assign:
        best = abs(lateral) + max(s - lane.length, 0.0) + max(0.0 - s, 0.0)
        best = best + 1.0 * abs(wrap_to_pi(body.heading - heading_at(lane, road.points, s)))
    work.marks[k].own_s = s
    work.marks[k].own_lateral = lateral
    map = road.place[0]
    cell = cell_of(map.grid, body.x, body.y)
    first = 0
    last = road.lanes.shape[0]
    if cell >= 0:
        first = int(road.numbers[map.cells_at + cell])
        last = int(road.numbers[map.cells_at + cell + 1])
    for place in range(first, last):
        index = int(road.numbers[map.cell_lanes_at + place]) if cell >= 0 else place
        if index != own:
            best = _try_lane(slot, road, body, work, k, index, best, assign)


@inlined_kernel
def _try_lane(
    slot: Row,
    road: Road,
    body: Row,
    work: Work,
    k: int,
    index: int,
    best: float,
    assign: bool,
) -> float:
    """Enter body k on lane `index` if that carries it; take it as own lane if it is nearer."""
    lane = road.lanes[index]
    if lane.kind == _CIRCULAR:
        # |lateral| needs no angle, and is a lower bound of the distance
        dx = body.x - lane.x
        dy = body.y - lane.y
        away = abs(lane.radius - math.sqrt(dx * dx + dy * dy))
        if away > lane.width / 2.0 + 1.0 and (not assign or away > best):
            return best
    s, lateral = local_coordinates(lane, road.points, body.x, body.y)
    _enter(slot, road, work, k, index, s, lateral)
    if not assign:
        return best
    distance = abs(lateral) + max(s - lane.length, 0.0) + max(0.0 - s, 0.0)
    if distance > best:
        return best
    distance = distance + 1.0 * abs(wrap_to_pi(body.heading - heading_at(lane, road.points, s)))
    if distance < best or (distance == best and index < body.lane):
        body.lane = index
        work.marks[k].own_s = s
        work.marks[k].own_lateral = lateral
        return distance
    return best


@inlined_kernel
def _enter(slot: Row, road: Road, work: Work, k: int, index: int, s: float, lateral: float) -> None:
    """Note that lane `index` carries body k (`on_lane` with margin 1)."""
    if on_lane(road.lanes[index], road.points, s, lateral, 1.0, slot.lane_margin):
        place = slot.entries_n
        work.entries[place].lane = index
        work.entries[place].s = s
        work.marks[k].entry_n += 1
        slot.entries_n = place + 1


@inlined_kernel
def carries(work: Work, k: int, lane: int) -> bool:
    """Whether a lane carries body k."""
    for place in range(work.marks[k].entry_at, work.marks[k].entry_at + work.marks[k].entry_n):
        if work.entries[place].lane == lane:
            return True
    return False


@hot_kernel
def sort_lists(slot: Row, road: Road, bodies: Table, work: Work) -> None:
    """Rebuild every lane's list of bodies, sorted by s, then by place in the vehicle list.

    Bodies are handed out in last tick's order, so insertion sort finds almost nothing to do.
    """
    lanes = road.lanes.shape[0]
    for lane in range(lanes + 1):
        work.lists[lane].at = 0
    for place in range(slot.entries_n):
        work.lists[work.entries[place].lane + 1].at += 1
    for lane in range(lanes):
        work.lists[lane + 1].at += work.lists[lane].at
        work.lists[lane].end = work.lists[lane].at
    if slot.order_n != slot.n + slot.obstacles_n:
        _reset_order(slot, work)
    for place in range(slot.order_n):
        k = int(work.marks[place].order)
        for entry in range(work.marks[k].entry_at, work.marks[k].entry_at + work.marks[k].entry_n):
            _insert(work, int(work.entries[entry].lane), k, work.entries[entry].s)
    _keep_order(slot, bodies, work, lanes)


@hot_kernel
def _reset_order(slot: Row, work: Work) -> None:
    """Bodies in list order."""
    for k in range(slot.n):
        work.marks[k].order = k
    for k in range(slot.obstacles_n):
        work.marks[slot.n + k].order = slot.obstacles_at + k
    slot.order_n = slot.n + slot.obstacles_n


@hot_kernel
def _insert(work: Work, lane: int, k: int, s: float) -> None:
    """Insert body k into a lane's list."""
    place = work.lists[lane].end
    start = work.lists[lane].at
    while place > start:
        other = work.items[place - 1].s
        if other < s or (other == s and work.items[place - 1].body < k):
            break
        work.items[place].s = other
        work.items[place].body = work.items[place - 1].body
        place -= 1
    work.items[place].s = s
    work.items[place].body = k
    work.lists[lane].end += 1


@hot_kernel
def _keep_order(slot: Row, bodies: Table, work: Work, lanes: int) -> None:
    """Remember the order of the lists, each body in its own lane's, then those on no lane."""
    place = 0
    for lane in range(lanes):
        for item in range(work.lists[lane].at, work.lists[lane + 1].at):
            k = int(work.items[item].body)
            if bodies[k].lane == lane:
                work.marks[place].order = k
                place += 1
    for k in range(slot.n):
        if not carries(work, k, int(bodies[k].lane)):
            work.marks[place].order = k
            place += 1
    for k in range(int(slot.obstacles_at), slot.obstacles_at + slot.obstacles_n):
        if not carries(work, k, int(bodies[k].lane)):
            work.marks[place].order = k
            place += 1
