"""What highway-env's intersections do at every policy step: traffic leaves, new traffic comes.

Source: highway-env 1.12.1 `envs/intersection_env.py:_clear_vehicles`, `_spawn_vehicle`. The draws
are made on the scene's own numpy generator, in its order; how many depends on the traffic.
"""

from __future__ import annotations

import json
import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel
from drivestack.core.map import Map
from drivestack.core.tables import Table
from drivestack.roads.graph import plan_route
from drivestack.roads.lanes import heading_at, local_coordinates, position
from drivestack.vehicle.parameters import new_body

from .projection import project
from .views import Pool, Work, road_of, work_of

ENTRY_AT = 5.0
"""Where a car enters its lane, before noise [m]."""
MEAN_SPEED = 8.0
"""[m/s]"""
CLEARANCE = 15.0
"""No car is spawned within this distance of another [m]."""
EXIT_LENGTH = 20.0
"""Traffic is removed on the last metres of an exit lane (4 car lengths) [m]."""
DELTA_RANGE = (3.5, 4.5)
"""IDM exponents of spawned cars (`IDMVehicle.DELTA_RANGE`)."""


def generator_of(state: str) -> np.random.Generator:
    """The numpy generator with a saved PCG64 state (JSON)."""
    bits = np.random.PCG64()
    bits.state = json.loads(state)
    return np.random.Generator(bits)


def twin(generator: np.random.Generator) -> np.random.Generator:
    """A generator that will draw the same numbers."""
    state: Any = generator.bit_generator.state
    bits = np.random.PCG64()
    bits.state = state
    return np.random.Generator(bits)


@hot_kernel
def clear_leaving(
    slots: Table, b: int, bodies: Table, routes: Table, pool: Pool, exit_length: float
) -> None:
    """Drop cars near the end of an exit lane and cars without route; never the ego."""
    slot = slots[b]
    road = road_of(pool, slot.map)
    kept = 0
    ego = slot.ego
    for k in range(slot.n):
        body = bodies[k]
        lane = road.lanes[body.lane]
        leaves = not body.routed
        if lane.drain and not leaves:
            s, _ = local_coordinates(lane, road.points, body.x, body.y)
            leaves = s >= lane.length - exit_length
        if k == slot.ego:
            ego = kept
        elif leaves:
            continue
        if kept != k:
            bodies[kept] = bodies[k]
            for entry in range(routes.shape[1]):
                routes[kept, entry, 0] = routes[k, entry, 0]
                routes[kept, entry, 1] = routes[k, entry, 1]
        kept += 1
    if kept != slot.n:
        slot.n = kept
        slot.ego = ego
        slot.fresh = True


@hot_kernel
def _place(
    slots: Table,
    b: int,
    bodies: Table,
    pool: Pool,
    scratch: Work,
    lane: int,
    s: float,
    clearance: float,
) -> bool:
    """Put the waiting row ``bodies[n]`` on a lane and find its nearest lane, if there is room."""
    slot = slots[b]
    road = road_of(pool, slot.map)
    body = bodies[slot.n]
    body.x, body.y = position(road.lanes[lane], road.points, s, 0.0)
    body.heading = heading_at(road.lanes[lane], road.points, s)
    for k in range(slot.n):
        dx = bodies[k].x - body.x
        dy = bodies[k].y - body.y
        if math.sqrt(dx * dx + dy * dy) < clearance:
            return False
    body.lane = lane
    work = work_of(scratch, b)
    slot.entries_n = 0
    project(slot, road, bodies, work, slot.n, True)
    slot.fresh = True
    return True


@lru_cache(maxsize=256)
def _plan(map: Map, lane: int, destination: str) -> NDArray[np.int32]:
    return plan_route(map, lane, destination)


@lru_cache(maxsize=64)
def _entry_lanes(map: Map) -> tuple[int, ...]:
    return tuple(map.lane_index((f"o{arm}", f"ir{arm}", 0)) for arm in range(4))


def spawn(
    slots: NDArray,
    b: int,
    bodies: NDArray,
    routes: NDArray[np.int32],
    pool: Pool,
    scratch: Work,
    map: Map,
    generator: np.random.Generator,
    probability: float,
) -> None:
    """Maybe let one car enter; `bodies` (N,) and `routes` (N, Q, 2) of slot b have room for it."""
    if generator.uniform() > probability:
        return
    start, end = generator.choice(range(4), size=2, replace=False)
    s = 0.0 + ENTRY_AT + generator.normal() * 1.0
    speed = MEAN_SPEED + generator.normal() * 1.0
    n = int(slots["n"][b])
    bodies[n] = new_body()[0]
    lane = _entry_lanes(map)[start]
    if not _place(slots, b, bodies, pool, scratch, lane, s, CLEARANCE):
        return
    car = bodies[n]
    plan = _plan(map, int(car["lane"]), f"o{end}")
    routes[n, : len(plan)] = plan
    car["routed"], car["route_n"] = True, len(plan)
    car["speed"] = car["target_speed"] = speed
    car["target_lane"] = car["lane"]
    car["timer"] = (car["x"] + car["y"]) * math.pi % float(slots["lane_change_delay"][b])
    car["delta"] = generator.uniform(*DELTA_RANGE)
    car["id"] = slots["next_id"][b]
    slots["next_id"][b] += 1
    slots["n"][b] = n + 1
