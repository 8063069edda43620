"""Who is ahead and who is behind on a lane (highway-env 1.12.1 `Road.neighbour_vehicles`).

Geometric: every body that a lane carries counts, whatever lane it means to be on. With connected
lanes each body is matched on the first link that carries it. Ahead: least s >= own, last in the
vehicle list on ties; behind: greatest s < own, first in the list on ties.
"""

from __future__ import annotations

import math

from drivestack.core.compiled import hot_kernel, inlined_kernel
from drivestack.core.tables import Table
from drivestack.roads.lanes import local_coordinates

from .projection import carries
from .views import Road, Work


@inlined_kernel
def _first_at_or_after(work: Work, lane: int, offset: float, s: float) -> int:
    """First item of a lane's list with ``item + offset >= s``; rounding of the sum is monotone."""
    low = work.lists[lane].at
    high = work.lists[lane + 1].at
    while low < high:
        middle = (low + high) // 2
        if work.items[middle].s + offset >= s:
            high = middle
        else:
            low = middle + 1
    return low


@inlined_kernel
def _matched_before(road: Road, work: Work, k: int, first: int, link: int) -> bool:
    """Whether an earlier link than `link` carries body k."""
    for earlier in range(first, link):
        if carries(work, k, int(road.links[earlier].lane)):
            return True
    return False


@inlined_kernel
def leader(road: Road, work: Work, k: int, lane: int, s: float) -> int:
    """The body ahead of body k, seen at s on `lane`; -1 if there is none."""
    first = int(road.lanes[lane].links_at)
    front = -1
    best = math.inf
    for link in range(first, first + road.lanes[lane].links_n):
        other = int(road.links[link].lane)
        offset = road.links[link].offset
        item = _first_at_or_after(work, other, offset, s)
        while item < work.lists[other + 1].at:
            place = work.items[item].s + offset
            if place > best:
                break
            body = int(work.items[item].body)
            if body != k and (place < best or body > front):
                if link == first or not _matched_before(road, work, body, first, link):
                    front = body
                    best = place
            item += 1
    return front


@hot_kernel
def follower(road: Road, work: Work, k: int, lane: int, s: float) -> int:
    """The body behind body k, seen at s on `lane`; -1 if there is none."""
    first = int(road.lanes[lane].links_at)
    rear = -1
    best = -math.inf
    for link in range(first, first + road.lanes[lane].links_n):
        other = int(road.links[link].lane)
        offset = road.links[link].offset
        item = _first_at_or_after(work, other, offset, s) - 1
        while item >= work.lists[other].at:
            place = work.items[item].s + offset
            if place < best:
                break
            body = int(work.items[item].body)
            if body != k and (place > best or body < rear):
                if link == first or not _matched_before(road, work, body, first, link):
                    rear = body
                    best = place
            item -= 1
    return rear


@inlined_kernel
def gap(road: Road, bodies: Table, work: Work, k: int, other: int) -> float:
    """Signed distance from body k to another along k's own lane [m] (`lane_distance_to`).

    Wherever the other one is: coordinates extrapolate, and wrap on arcs.
    """
    lane = road.lanes[bodies[k].lane]
    s, _ = local_coordinates(lane, road.points, bodies[other].x, bodies[other].y)
    return s - work.marks[k].own_s
