"""What highway-env's own lanes and road networks do; runs in the subprocess of `tests.portable`."""

from __future__ import annotations

from typing import Any

import numpy as np
from highway_env.road.lane import (
    CircularLane,
    PolyLane,
    PolyLaneFixedWidth,
    SineLane,
    StraightLane,
)
from highway_env.road.road import Road, RoadNetwork
from highway_env.vehicle.controller import ControlledVehicle

from drivestack.core.map import MAP_TABLES, Map
from drivestack.core.tables import NO_LANE_ID
from drivestack.scenario.sources.highway_env_tables import lane_names, lane_row, map_of, road_names

Arrays = dict[str, np.ndarray]
KINDS = ("straight", "sine", "circular", "poly", "poly_width")


def lanes(seed: int, n: int, points: int) -> Arrays:
    """n lanes of every kind, and what they say of random points; keys are "kind.number.value"."""
    rng = np.random.default_rng(seed)
    found: Arrays = {}
    for kind in KINDS:
        for number in range(n):
            lane = _lane(rng, kind)
            row, own = lane_row(lane)
            answers = [_answers(rng, lane) for _ in range(points)]
            for key, value in {"row": row, "points": own, "answers": np.array(answers)}.items():
                found[f"{kind}.{number}.{key}"] = value
    return found


ANSWERS = (
    "x", "y", "heading", "s", "lateral", "on", "reachable", "distance", "with_heading", "width",
    "at_s", "at_lateral", "at_x", "at_y", "at_heading",
)  # fmt: skip
"""Columns of `lanes`: a pose and what is said of it; coordinates and the point they belong to."""


def _answers(rng: np.random.Generator, lane: Any) -> list[float]:
    s, lateral = rng.uniform(-30.0, lane.length + 30.0), rng.normal(0.0, 5.0)
    s = rng.choice([s, float(round(s)), lane.length, 0.0])
    lateral = rng.choice([lateral, 0.0])
    if rng.random() < 0.2:
        position = rng.uniform(-200.0, 200.0, 2)
    else:
        position = lane.position(s, lateral)
    heading = rng.uniform(-9.0, 9.0)
    coordinates = lane.local_coordinates(position)
    return [
        *position,
        heading,
        *coordinates,
        lane.on_lane(position, *coordinates, margin=1),
        lane.is_reachable_from(position),
        lane.distance(position),
        lane.distance_with_heading(position, heading),
        lane.width_at(coordinates[0]),
        s,
        lateral,
        *lane.position(s, lateral),
        lane.heading_at(s),
    ]


def _lane(rng: np.random.Generator, kind: str) -> Any:
    start, end = rng.uniform(-100.0, 100.0, (2, 2))
    width = rng.choice([4.0, rng.uniform(2.5, 6.0)])
    forbidden = bool(rng.random() < 0.1)
    if kind == "straight":
        return StraightLane(start, end, width, forbidden=forbidden)
    if kind == "sine":
        shape = (rng.uniform(0.5, 5.0), rng.uniform(0.02, 0.3), rng.uniform(-3.0, 3.0))
        return SineLane(start, end, *shape, width, forbidden=forbidden)
    if kind == "circular":
        phase, turn = rng.uniform(-7.0, 7.0), rng.uniform(0.2, 5.9)
        clockwise = bool(rng.integers(2))
        ends = (phase, phase + turn) if clockwise else (phase + turn, phase)
        return CircularLane(start, rng.uniform(5.0, 80.0), *ends, clockwise, width)
    line = _line(rng)
    if kind == "poly":
        return PolyLaneFixedWidth(line, width, forbidden=forbidden)
    left = [(x + rng.normal(0.0, 1.0), y + rng.uniform(2.0, 6.0)) for x, y in line]
    right = [(x + rng.normal(0.0, 1.0), y - rng.uniform(2.0, 6.0)) for x, y in line]
    return PolyLane(line, left, right)


def _line(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Points of a wandering line with pieces of 1 to 15 m, corners up to a half turn."""
    heading, place = rng.uniform(-3.0, 3.0), rng.uniform(-50.0, 50.0, 2)
    line = [tuple(place)]
    for _ in range(rng.integers(2, 9)):
        heading += rng.choice([rng.normal(0.0, 0.3), rng.uniform(-3.1, 3.1)], p=[0.8, 0.2])
        place = place + rng.uniform(1.0, 15.0) * np.array([np.cos(heading), np.sin(heading)])
        line.append(tuple(place))
    return [(float(x), float(y)) for x, y in line]


def graphs(seed: int, n: int, queries: int) -> Arrays:
    """n random road networks: next lanes, futures along routes and planned routes."""
    rng = np.random.default_rng(seed)
    found: Arrays = {}
    for number in range(n):
        network = _network(rng)
        map = map_of(network, f"graph {number}", bool(rng.integers(2)), False)
        own = {name: getattr(map, name) for name in MAP_TABLES}
        own["nodes"], own["connected"] = np.array(map.nodes), np.array(map.connected)
        own["asked"], own["routes"] = _next_lanes(rng, network, queries)
        own["planned"], own["destinations"] = _planned(rng, network, map, queries)
        found |= {f"{number}.{key}": value for key, value in own.items()}
    return found


def _network(rng: np.random.Generator) -> RoadNetwork:
    """Some of the roads between five nodes, 1 to 3 lanes each, in random order."""
    network = RoadNetwork()
    places = rng.uniform(-80.0, 80.0, (5, 2))
    pairs = [(a, b) for a in range(5) for b in range(5) if a != b]
    for index in rng.permutation(len(pairs))[: rng.integers(4, 14)]:
        a, b = pairs[index]
        for number in range(rng.integers(1, 4)):
            offset = np.array([0.0, 4.0 * number])
            lane = StraightLane(places[a] + offset, places[b] + offset)
            network.add_lane("vwxyz"[a], "vwxyz"[b], lane)
    return network


ROUTE = 6
"""Room for route entries."""
ASKED = np.dtype(
    [
        ("lane", np.int64), ("x", np.float64), ("y", np.float64), ("route_n", np.int64),
        ("next", np.int64), ("left", np.int64), ("current", np.int64), ("s", np.float64),
        ("ahead_x", np.float64), ("ahead_y", np.float64), ("ahead_heading", np.float64),
    ]
)  # fmt: skip
"""A target lane, a place, a route; the next lane and how much of the route is left. Beside it the
place s metres along the route for a body on lane `current`."""


def _next_lanes(
    rng: np.random.Generator, network: RoadNetwork, queries: int
) -> tuple[np.ndarray, np.ndarray]:
    names, roads = lane_names(network), road_names(network)
    asked = np.zeros(queries, ASKED)
    routes = np.zeros((queries, ROUTE, 2), np.int32)
    for row, table in zip(asked, routes, strict=True):
        lane, current = rng.integers(len(names), size=2)
        route = _route(rng, network, roads, names[lane])
        for entry, (start, end, number) in zip(table, route, strict=False):
            entry[:] = roads.index((start, end)), NO_LANE_ID if number is None else number
        position = rng.uniform(-100.0, 100.0, 2)
        row["lane"], row["current"], row["route_n"] = lane, current, len(route)
        row["x"], row["y"] = position
        row["s"] = rng.uniform(-10.0, 200.0)
        followed = route or [names[current]]
        if _answerable(network, followed, names[current]):
            (row["ahead_x"], row["ahead_y"]), row["ahead_heading"] = (
                network.position_heading_along_route(followed, row["s"], 0.0, names[current])
            )
        else:
            row["current"] = -1
        row["next"] = names.index(network.next_lane(names[lane], route, position))
        row["left"] = len(route)
    return asked, routes


def _answerable(network: RoadNetwork, route: list[Any], current: tuple[str, str, int]) -> bool:
    """highway-env checks an open lane number against the wrong road and may raise."""
    return all(
        (current[2] if number is None else number) < len(network.graph[start][end])
        for start, end, number in route
    )


def _route(
    rng: np.random.Generator, network: RoadNetwork, roads: list[tuple[str, str]], lane: Any
) -> list[tuple[str, str, int | None]]:
    """Often a path from the lane's road on, sometimes any road; lane numbers given or open."""
    road = (lane[0], lane[1]) if rng.random() < 0.6 else roads[rng.integers(len(roads))]
    route: list[tuple[str, str, int | None]] = []
    for _ in range(rng.integers(0, ROUTE)):
        count = len(network.graph[road[0]][road[1]])
        number = None if rng.random() < 0.5 else int(rng.integers(count))
        route.append((*road, number))
        following = [other for other in roads if other[0] == road[1]]
        if not following or rng.random() < 0.1:
            following = roads
        road = following[rng.integers(len(following))]
    return route


def _planned(
    rng: np.random.Generator, network: RoadNetwork, map: Map, queries: int
) -> tuple[np.ndarray, np.ndarray]:
    """(Q, 2 + 2 * ROUTE) lane, length and entries of planned routes; (Q,) destinations."""
    names, roads = lane_names(network), road_names(network)
    road = Road(network)
    table = np.zeros((queries, 2 + 2 * ROUTE), np.int64)
    goals = rng.choice(["v", "w", "x", "y", "z", "nowhere"], queries)
    for row, goal in zip(table, goals, strict=True):
        lane = rng.integers(len(names))
        car = ControlledVehicle(road, [0.0, 0.0])
        car.lane_index = names[lane]
        route = car.plan_route_to(str(goal)).route
        row[:2] = lane, len(route)
        for place, (start, end, number) in enumerate(route):
            entry = roads.index((start, end)), NO_LANE_ID if number is None else number
            row[2 + 2 * place : 4 + 2 * place] = entry
    return table, goals
