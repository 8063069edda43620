"""Progress along the route: signed metres of the ego's centre along the middles of lanes.

nuPlan measures along the baselines of the expert's route. Ours is the shortest way by roads from
the start to the goal; without a goal, or where none leads there, every lane counts. A road of the
route is paid once: who circles a roundabout gets no farther.
"""

from __future__ import annotations

import heapq
import math
from functools import lru_cache

import numpy as np

from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.map import Map
from drivestack.core.start import Start
from drivestack.core.tables import Table
from drivestack.core.types import Bools, Floats
from drivestack.roads.lanes import heading_at, local_coordinates, width_at
from drivestack.roads.nearest import lane_at, nearest_lane

RADIAN = 1.0
"""Metres that a radian of heading counts for in the choice of the lane; highway-env's."""

DETOUR = 0.5
"""A lane of the route is taken for the ego's until another one is nearer by this much [m]. Our
choice: connectors of an intersection begin on top of each other."""


def route_progress(start: Start, map: Map, pose: Floats) -> float:
    """Metres along the route from the first to the last of poses (T, 3), ISO 8855.

    Args:
        start: its goal is looked at. map: the map in ISO 8855.
    """
    if len(pose) < 2:
        return 0.0
    goal = -1
    if start.has_goal:
        x, y, _ = start.goal.tolist()
        goal = lane_at(map, x, -y if start.map.y_right else y)
    first, _ = nearest_lane(map, *pose[0].tolist())
    counted, once = _on_the_way(map, first, goal)
    return float(_progress(map.lanes, map.points, counted, once, np.ascontiguousarray(pose),
                           RADIAN, DETOUR, np.zeros(len(map.roads))))  # fmt: skip


@lru_cache(maxsize=256)
def _on_the_way(map: Map, first: int, goal: int) -> tuple[Bools, bool]:
    """Lanes (L,) that count from a lane to a goal's (-1: none), and whether each road does once."""
    road = map.lanes["road"]
    way = _roads_between(map, int(road[first]), int(road[goal])) if goal >= 0 else []
    return (np.isin(road, way), True) if way else (np.ones(len(road), np.bool_), False)


def _roads_between(map: Map, first: int, goal: int) -> list[int]:
    """The shortest way by roads, both ends included; empty if there is none."""
    length = [float(map.lanes["length"][r["lane_at"]]) for r in map.roads]
    came: dict[int, int] = {}
    queue = [(0.0, first, -1)]
    while queue:
        metres, here, before = heapq.heappop(queue)
        if here in came:
            continue
        came[here] = before
        if here == goal:
            break
        row = map.roads[here]
        for after in map.successors[row["next_at"] : row["next_at"] + row["next_n"]].tolist():
            heapq.heappush(queue, (metres + length[here], after, here))
    way: list[int] = []
    here = goal if goal in came else -1
    while here >= 0:
        way.append(here)
        here = came[here]
    return way


@hot_kernel
def _lane_of(
    lanes: Table, knots: Table, counted: Table, pose: Table, radian: float, detour: float
) -> int:
    """The lane that a pose (3,) is driven in: least distance to it and heading against it."""
    best, found = math.inf, 0
    for n in range(lanes.shape[0]):
        lane = lanes[n]
        s, lateral = local_coordinates(lane, knots, pose[0], pose[1])
        beyond = max(s - lane.length, 0.0) + max(-s, 0.0)
        cost = beyond + max(abs(lateral) - width_at(lane, knots, s) / 2, 0.0)
        cost += radian * abs(wrap_to_pi(pose[2] - heading_at(lane, knots, s)))
        cost += 0.0 if counted[n] else detour
        if cost < best:
            best, found = cost, n
    return found


@kernel
def _progress(
    lanes: Table, knots: Table, counted: Table, once: bool, pose: Table, radian: float,
    detour: float, paid: Table,
) -> float:  # fmt: skip
    """Steps (T - 1,) along the lane that each ends in; `paid`: (R,) of each road, zero at first."""
    total = 0.0
    for t in range(1, pose.shape[0]):
        n = _lane_of(lanes, knots, counted, pose[t], radian, detour)
        if not counted[n]:
            continue
        lane = lanes[n]
        before, _ = local_coordinates(lane, knots, pose[t - 1, 0], pose[t - 1, 1])
        after, _ = local_coordinates(lane, knots, pose[t, 0], pose[t, 1])
        step = after - before
        if once:
            step = min(step, lane.length - paid[lane.road])
            paid[lane.road] += step
        total += step
    return total
