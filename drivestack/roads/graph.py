"""Moving through the lane graph: neighbours of a lane, the next lane on a route, planned routes."""

from __future__ import annotations

import math
from collections import deque
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel
from drivestack.core.map import Map
from drivestack.core.tables import NO_LANE_ID, Row, Table

from .lanes import lane_distance, local_coordinates, position

_ANY = int(NO_LANE_ID)


@hot_kernel
def lane_on_road(
    lanes: Table, points: Table, now: Row, road: Row, wanted: int, x: float, y: float
) -> tuple[int, float]:
    """Which lane of the next `road` continues lane `now` (`next_lane_given_next_road`).

    The same number where both roads have equally many lanes (or the `wanted` one), else the lane
    closest to the point, first on ties.

    Returns:
        The lane and its distance from the point [m].
    """
    if now.lane_n == road.lane_n and wanted >= 0:
        lane = road.lane_at + wanted
        return lane, lane_distance(lanes[lane], points, x, y)
    best = math.inf
    chosen = road.lane_at
    for lane in range(road.lane_at, road.lane_at + road.lane_n):
        distance = lane_distance(lanes[lane], points, x, y)
        if distance < best:
            best = distance
            chosen = lane
    return chosen, best


@hot_kernel
def next_lane(
    lanes: Table,
    roads: Table,
    successors: Table,
    points: Table,
    body: Row,
    route: Table,
    lane: int,
) -> int:
    """The lane to follow after `lane` (`RoadNetwork.next_lane`); consumes the body's route.

    A route entry that names this road is dropped; if the next one starts where this road ends it
    is followed, otherwise the successor road whose continuing lane is closest is taken, first in
    graph order on ties. At a dead end the lane is kept.
    """
    row = lanes[lane]
    now = roads[row.road]
    if body.route_head < body.route_n and route[body.route_head, 0] == row.road:
        body.route_head += 1
    s, _ = local_coordinates(row, points, body.x, body.y)
    x, y = position(row, points, s, 0.0)
    if body.route_head < body.route_n:
        ahead = roads[route[body.route_head, 0]]
        if ahead.start == now.end:
            wanted = route[body.route_head, 1]
            if wanted == _ANY:
                wanted = row.id
            chosen, _ = lane_on_road(lanes, points, now, ahead, wanted, x, y)
            return chosen
    best = math.inf
    chosen = lane
    for k in range(now.next_at, now.next_at + now.next_n):
        candidate, distance = lane_on_road(lanes, points, now, roads[successors[k]], row.id, x, y)
        if distance < best:
            best = distance
            chosen = candidate
    return chosen


@hot_kernel
def advance_along_route(
    lanes: Table, roads: Table, body: Row, route: Table, s: float
) -> tuple[int, float]:
    """Lane and s [m] reached from an s measured at the route's head.

    `RoadNetwork.position_heading_along_route` without its last step: lanes are subtracted while
    more than one route entry is left. An entry without lane number takes the body's current
    number, or 0 where the body's road has fewer lanes.
    """
    if body.route_head >= body.route_n:
        return body.lane, s
    current = lanes[body.lane]
    number = current.id
    if number >= roads[current.road].lane_n:
        number = 0
    k = body.route_head
    wanted = route[k, 1]
    lane = roads[route[k, 0]].lane_at + (number if wanted == _ANY else wanted)
    while k < body.route_n - 1 and s > lanes[lane].length:
        s -= lanes[lane].length
        k += 1
        wanted = route[k, 1]
        lane = roads[route[k, 0]].lane_at + (number if wanted == _ANY else wanted)
    return lane, s


def plan_route(map: Map, lane: int, destination: str) -> NDArray[np.int32]:
    """`ControlledVehicle.plan_route_to`: breadth-first from the lane's end, alphabetical order.

    Returns:
        (Q, 2) road and lane number; the first entry is `lane` itself, further ones have
        `NO_LANE_ID`. Only the first entry where there is no way.
    """
    row = map.lanes[lane]
    entries = [(int(row["road"]), int(row["id"]))]
    names = [(map.nodes[r["start"]], map.nodes[r["end"]]) for r in map.roads]
    numbers = {name: number for number, name in enumerate(names)}
    path = _shortest_path(names, map.nodes[map.roads[row["road"]]["end"]], destination)
    entries += [(numbers[a, b], NO_LANE_ID) for a, b in pairwise(path)]
    return np.array(entries, dtype=np.int32)


def _shortest_path(roads: list[tuple[str, str]], start: str, goal: str) -> list[str]:
    """Nodes of the first shortest path, empty if there is none (or start is the goal)."""
    after: dict[str, list[str]] = {}
    for a, b in roads:
        after.setdefault(a, []).append(b)
    queue, reached = deque([[start]]), {start}
    while queue:
        path = queue.popleft()
        for node in sorted(after.get(path[-1], ())):
            if node in reached:
                continue
            if node == goal:
                return [*path, node]
            reached.add(node)
            queue.append([*path, node])
    return []
