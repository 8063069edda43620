"""highway-env's objects as table rows: lanes, vehicles and obstacles, routes.

Classes are told apart by name, so that highway-env is not imported here. Every number is the
object's own (headings and lengths come from numpy calls whose last bit depends on the machine).
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.core.errors import UnsupportedError
from drivestack.core.map import LaneName, Map
from drivestack.core.tables import BODY, LANE, NO_LANE_ID, POINT, Driver, Kind, LaneKind, Row
from drivestack.roads.build import assemble

ROUTE_CAPACITY = 4
"""Least number of route entries: a car spawned at an intersection has 3."""

_LANE_KINDS = {
    "StraightLane": LaneKind.STRAIGHT,
    "SineLane": LaneKind.SINE,
    "CircularLane": LaneKind.CIRCULAR,
    "PolyLaneFixedWidth": LaneKind.POLY_LANE,
    "PolyLane": LaneKind.POLY_LANE,
}

_DRIVERS = {
    "StackVehicle": Driver.STACK,
    "MDPVehicle": Driver.META,
    "LinearVehicle": Driver.LINEAR,
    "IDMVehicle": Driver.IDM,
    "Obstacle": Driver.OBSTACLE,
    "Vehicle": Driver.PLAIN,
}
"""Names looked for along a class's line of ancestors, nearest first."""


def lane_names(network: Any) -> list[LaneName]:
    """Every lane in graph order; the place in this list is the lane's index in the map."""
    return [
        (start, end, number)
        for start, ends in network.graph.items()
        for end, lanes in ends.items()
        for number in range(len(lanes))
    ]


def road_names(network: Any) -> list[tuple[str, str]]:
    """Every road in graph order."""
    return [(start, end) for start, ends in network.graph.items() for end in ends]


def map_of(network: Any, name: str, connected: bool, spawning: bool) -> Map:
    """The map of a `RoadNetwork`, in its own frame (y to the right of travel).

    Args:
        spawning: mark the exit lanes on which traffic is removed (`_clear_vehicles`).
    """
    roads = road_names(network)
    rows, points, offset = [], [np.zeros(0, POINT)], 0
    for start, end, number in lane_names(network):
        row, own = lane_row(network.graph[start][end][number])
        row["road"], row["id"] = roads.index((start, end)), number
        row["drain"] = spawning and "il" in start and "o" in end
        row["knots_at"] += offset
        row["samples_at"] += offset
        offset += len(own)
        rows.append(row)
        points.append(own)
    return assemble(name, _joined(rows), roads, _joined(points), y_right=True, connected=connected)


def _joined(tables: Sequence[NDArray]) -> NDArray:
    """Tables joined with the gaps between their fields zero, which `numpy.concatenate` leaves."""
    whole = np.zeros(sum(map(len, tables)), tables[0].dtype)
    for field in tables[0].dtype.names or ():
        whole[field] = np.concatenate([table[field] for table in tables])
    return whole


def lane_row(lane: Any) -> tuple[NDArray, NDArray]:
    """One highway-env lane as a (1,) `LANE` row and its own (P,) `POINT` rows, counted from 0."""
    kind = _LANE_KINDS.get(type(lane).__name__)
    if kind is None:
        raise UnsupportedError(f"highway-env lanes of class {type(lane).__name__} are not covered")
    row = np.zeros(1, LANE)
    row["kind"], row["length"] = kind, lane.length
    row["width"], row["forbidden"] = lane.width, lane.forbidden
    row["priority"], row["limited"] = lane.priority, lane.speed_limit is not None
    row["speed_limit"] = 0.0 if lane.speed_limit is None else lane.speed_limit
    if kind in (LaneKind.STRAIGHT, LaneKind.SINE):
        row["x"], row["y"] = lane.start
        row["dx"], row["dy"] = lane.direction
        row["heading"] = lane.heading
    if kind == LaneKind.SINE:
        row["amplitude"], row["pulsation"] = lane.amplitude, lane.pulsation
        row["phase"] = lane.phase
    if kind == LaneKind.CIRCULAR:
        row["x"], row["y"] = lane.center
        row["radius"], row["start_phase"] = lane.radius, lane.start_phase
        row["turn"] = lane.direction
    if kind != LaneKind.POLY_LANE:
        return row, np.zeros(0, POINT)
    return _poly_lane(row, lane)


def _poly_lane(row: NDArray, lane: Any) -> tuple[NDArray, NDArray]:
    """Vertices, then the 1 m samples; widths may outnumber the samples by one."""
    curve = lane.curve
    xs = inspect.getclosurevars(curve.x_curve).nonlocals  # numpy_interp1d keeps them only there
    ys = inspect.getclosurevars(curve.y_curve).nonlocals
    knots = np.zeros(len(xs["x"]), POINT)
    knots["s"], knots["x"], knots["y"] = xs["x"], xs["y"], ys["y"]
    widths = getattr(lane, "width_samples", [])
    samples = np.zeros(max(len(curve.poses), len(widths)), POINT)
    for sample, s, pose in zip(samples, curve.s_samples, curve.poses, strict=False):
        tx, ty = pose.normal
        sample["s"], sample["x"], sample["y"] = s, pose.position[0], pose.position[1]
        sample["tx"], sample["ty"], sample["heading"] = tx, ty, np.arctan2(ty, tx)
    samples["width"] = row["width"]
    samples["width"][: len(widths)] = widths
    row["knots_n"], row["samples_at"] = len(knots), len(knots)
    row["samples_n"], row["widths_n"] = len(curve.poses), len(widths)
    return row, _joined([knots, samples])


def driver_of(body: Any) -> Driver:
    """Who moves a highway-env vehicle or object."""
    for ancestor in type(body).__mro__:
        if ancestor.__name__ in _DRIVERS:
            return _DRIVERS[ancestor.__name__]
    raise UnsupportedError(f"highway-env bodies of class {type(body).__name__} are not covered")


def body_rows(
    bodies: Sequence[Any], numbers: Sequence[int], lanes: Mapping[LaneName, int]
) -> NDArray:
    """Vehicles and obstacles as an (N,) `BODY` table.

    Args:
        numbers: their ids for life. lanes: lane name to index.

    A body without lower-level controller has `target_lane` -1 and `target_speed` 0 (what others
    see of a stack ego is its speed). `route_n` counts the entries that are left.
    """
    table = np.zeros(len(bodies), BODY)
    for row, body, number in zip(table, bodies, numbers, strict=True):
        _fill_body(row, body, number, lanes)
    return table


def _fill_body(row: Row, body: Any, number: int, lanes: Mapping[LaneName, int]) -> None:
    """What every body has."""
    driver = driver_of(body)
    row["driver"], row["id"], row["present"] = driver, number, True
    row["kind"] = Kind.OBSTACLE if driver == Driver.OBSTACLE else Kind.CAR
    row["crashed"], row["check_collisions"] = body.crashed, body.check_collisions
    row["lane"], row["target_lane"] = lanes[body.lane_index], -1
    row["contact_with"] = -1
    row["x"], row["y"] = body.position
    row["heading"], row["speed"] = body.heading, body.speed
    row["length"], row["width"] = body.LENGTH, body.WIDTH
    if driver == Driver.OBSTACLE:
        return
    row["accel"], row["steer"] = body.action["acceleration"], body.action["steering"]
    row["has_impact"] = body.impact is not None
    if body.impact is not None:
        row["impact_x"], row["impact_y"] = body.impact
    row["lateral_speed"] = getattr(body, "lateral_speed", 0.0)
    row["yaw_rate"] = getattr(body, "yaw_rate", 0.0)
    _driver_fields(row, body, driver, lanes)


def _driver_fields(row: Row, body: Any, driver: Driver, lanes: Mapping[LaneName, int]) -> None:
    """What only controlled vehicles, and what only IDM vehicles have."""
    route = getattr(body, "route", None)
    row["routed"], row["route_n"] = route is not None, len(route or ())
    if driver in (Driver.META, Driver.IDM, Driver.LINEAR):
        row["target_lane"] = lanes[body.target_lane_index]
        row["target_speed"] = body.target_speed
    if driver not in (Driver.IDM, Driver.LINEAR):
        return
    row["lane_changes"], row["timer"] = body.enable_lane_change, body.timer
    row["yielding"] = getattr(body, "is_yielding", False)
    row["delta"], row["time_wanted"] = body.DELTA, body.TIME_WANTED
    row["min_gain"] = body.LANE_CHANGE_MIN_ACC_GAIN
    if driver == Driver.LINEAR:
        row["accel_gain"] = body.ACCELERATION_PARAMETERS
        row["steer_gain"] = body.STEERING_PARAMETERS


def route_rows(bodies: Sequence[Any], roads: Sequence[tuple[str, str]]) -> NDArray[np.int32]:
    """(N, Q, 2) road index and lane number (or `NO_LANE_ID`) of what is left of every route."""
    routes: list[list[tuple[str, str, int | None]]]
    routes = [getattr(body, "route", None) or [] for body in bodies]
    table = np.zeros((len(bodies), max([ROUTE_CAPACITY, *map(len, routes)]), 2), np.int32)
    for own, route in zip(table, routes, strict=True):
        for entry, (start, end, number) in zip(own, route, strict=False):
            entry[:] = roads.index((start, end)), NO_LANE_ID if number is None else number
    return table
