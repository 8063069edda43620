"""Build a `Map` from lane descriptions: lanes, roads, successors, neighbour links and grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drivestack.core.errors import InputError
from drivestack.core.map import Map
from drivestack.core.tables import LANE, LINK, POINT, ROAD, LaneKind

from .grid import lane_grid


@dataclass(frozen=True, slots=True, eq=False)
class LaneSpec:
    """One lane before it has a place in a map: its row, and its points if it is a polyline."""

    row: NDArray
    points: NDArray


RoadName = tuple[str, str]


def straight(
    start: ArrayLike,
    end: ArrayLike,
    width: float = 4.0,
    speed_limit: float | None = 20.0,
    forbidden: bool = False,
    priority: int = 0,
) -> LaneSpec:
    """A straight lane between two points [m]."""
    row = _row(LaneKind.STRAIGHT, width, speed_limit, forbidden, priority)
    _fill_straight(row, np.asarray(start, np.float64), np.asarray(end, np.float64))
    return LaneSpec(row, np.zeros(0, POINT))


def sine(
    start: ArrayLike,
    end: ArrayLike,
    amplitude: float,
    pulsation: float,
    phase: float,
    width: float = 4.0,
    speed_limit: float | None = 20.0,
    forbidden: bool = False,
    priority: int = 0,
) -> LaneSpec:
    """A lane that swings about a straight one by ``amplitude * sin(pulsation * s + phase)``."""
    row = _row(LaneKind.SINE, width, speed_limit, forbidden, priority)
    _fill_straight(row, np.asarray(start, np.float64), np.asarray(end, np.float64))
    row["amplitude"], row["pulsation"], row["phase"] = amplitude, pulsation, phase
    return LaneSpec(row, np.zeros(0, POINT))


def circular(
    center: ArrayLike,
    radius: float,
    start_phase: float,
    end_phase: float,
    clockwise: bool = True,
    width: float = 4.0,
    speed_limit: float | None = 20.0,
    forbidden: bool = False,
    priority: int = 0,
) -> LaneSpec:
    """An arc; `clockwise` means growing angle in the map's frame, as in highway-env."""
    turn = 1.0 if clockwise else -1.0
    length = radius * (end_phase - start_phase) * turn
    if not (radius > 0.0 and length > 0.0):
        raise InputError(f"circular lane: radius {radius} m and length {length} m must be positive")
    row = _row(LaneKind.CIRCULAR, width, speed_limit, forbidden, priority)
    x, y = np.asarray(center, np.float64)
    row["x"], row["y"], row["radius"], row["turn"] = x, y, radius, turn
    row["start_phase"], row["length"] = start_phase, length
    return LaneSpec(row, np.zeros(0, POINT))


def polyline(
    points: ArrayLike,
    widths: ArrayLike,
    speed_limit: float | None = 20.0,
    forbidden: bool = False,
    priority: int = 0,
) -> LaneSpec:
    """A lane through points (P, 2) [m], full width (P,) at each; coinciding points merge."""
    line = np.asarray(points, np.float64)
    width = np.broadcast_to(np.asarray(widths, np.float64), (len(line),))
    step = np.hypot(*np.diff(line, axis=0).T)
    keep = np.concatenate(([True], step > 1e-9))
    line, width = line[keep], width[keep]
    if len(line) < 2:
        raise InputError("polyline lane: at least two different points are needed")
    step = np.hypot(*np.diff(line, axis=0).T)
    table = np.zeros(len(line), POINT)
    table["s"] = np.concatenate(([0.0], np.cumsum(step)))
    table["x"], table["y"], table["width"] = line[:, 0], line[:, 1], width
    tangent = np.diff(line, axis=0) / step[:, None]
    tangent = np.vstack([tangent, tangent[-1:]])
    table["tx"], table["ty"] = tangent[:, 0], tangent[:, 1]
    table["heading"] = vertex_headings(tangent[:-1])
    row = _row(LaneKind.POLYLINE, float(width.max()), speed_limit, forbidden, priority)
    row["length"], row["knots_n"] = table["s"][-1], len(line)
    return LaneSpec(row, table)


def vertex_headings(direction: NDArray[np.float64]) -> NDArray[np.float64]:
    """Headings (K,) [rad], not wrapped, at the vertices of a line: of its pieces, whose directions
    (K - 1, 2) are given; at inner vertices the mean of both."""
    heading = np.unwrap(np.arctan2(direction[:, 1], direction[:, 0]))
    inner = 0.5 * (heading[:-1] + heading[1:])
    return np.concatenate((heading[:1], inner, heading[-1:]))


def build_map(
    name: str,
    lanes: Sequence[tuple[str, str, LaneSpec]],
    y_right: bool = False,
    connected: bool = True,
) -> Map:
    """A map from (from-node, to-node, lane) triples.

    Roads stand in highway-env's graph order (first mention of the from-node, then of the to-node);
    lanes of one road are numbered in order of appearance: in an ISO map too, number + 1 is the
    next lane to the right of travel.
    """
    if not lanes:
        raise InputError(f"map '{name}': at least one lane is needed")
    graph: dict[str, dict[str, list[LaneSpec]]] = {}
    for start, end, spec in lanes:
        graph.setdefault(start, {}).setdefault(end, []).append(spec)
    roads = [(start, end) for start, ends in graph.items() for end in ends]
    rows, points, offset = [], [], 0
    for number, (start, end) in enumerate(roads):
        for lane_id, spec in enumerate(graph[start][end]):
            row = spec.row.copy()
            row["road"], row["id"], row["knots_at"] = number, lane_id, offset
            offset += len(spec.points)
            rows.append(row)
            points.append(spec.points)
    return assemble(name, np.concatenate(rows), roads, np.concatenate(points), y_right, connected)


def assemble(
    name: str,
    lanes: NDArray,
    roads: Sequence[RoadName],
    points: NDArray,
    y_right: bool,
    connected: bool,
) -> Map:
    """A map from finished lane rows.

    Args:
        lanes: (L,) `LANE` in graph order, `road` and `id` filled, lanes of a road consecutive.
        roads: (from, to) names in graph order. points: (P,) `POINT` that the rows refer to.
    """
    nodes: dict[str, int] = {}
    for start, end in roads:
        nodes.setdefault(start, len(nodes))
        nodes.setdefault(end, len(nodes))
    table = np.zeros(len(roads), ROAD)
    successors: list[int] = []
    for number, (start, end) in enumerate(roads):
        own = np.flatnonzero(lanes["road"] == number)
        following = [k for k, (other, _) in enumerate(roads) if other == end]
        row = (nodes[start], nodes[end], own[0], len(own), len(successors), len(following))
        table[number] = row
        successors += following
    lanes = lanes.copy()
    lanes["section"], lanes["number"], lanes["rising"] = lanes["road"], -1 - lanes["id"], True
    links = _links(lanes, table, roads, connected)
    grid, cell_at, cell_lanes = lane_grid(lanes, points)
    following = np.array(successors, np.int32)
    return Map(
        name, y_right, connected, lanes, table, following, links, points.copy(),
        tuple(nodes), grid, cell_at, cell_lanes,
    )  # fmt: skip


def _links(lanes: NDArray, table: NDArray, roads: Sequence[RoadName], connected: bool) -> NDArray:
    """Where each lane's neighbours are looked for (`Road.neighbour_vehicles`); fills `links_at`."""
    links: list[tuple[int, float]] = []
    for index, lane in enumerate(lanes):
        start, end = roads[lane["road"]]
        own = [(index, 0.0)]
        if connected:
            for number, (other, _) in enumerate(roads):
                if other == end:
                    own.append((_same_lane(table[number], lane["id"]), float(lane["length"])))
            for number, (_, other) in enumerate(roads):
                if other == start:
                    before = _same_lane(table[number], lane["id"])
                    own.append((before, -float(lanes[before]["length"])))
        lane["links_at"], lane["links_n"] = len(links), len(own)
        links += own
    return np.array(links, LINK)


def _same_lane(road: NDArray, lane_id: int) -> int:
    """The lane of `road` with the same number, else its first."""
    return int(road["lane_at"] + (lane_id if lane_id < road["lane_n"] else 0))


def _row(
    kind: LaneKind, width: float, speed_limit: float | None, forbidden: bool, priority: int
) -> NDArray:
    if not (width > 0.0 and math.isfinite(width)):
        raise InputError(f"lane width must be positive, got {width} m")
    row = np.zeros(1, LANE)
    row["kind"], row["width"], row["forbidden"], row["priority"] = kind, width, forbidden, priority
    row["limited"] = speed_limit is not None
    row["speed_limit"] = 0.0 if speed_limit is None else speed_limit
    return row


def _fill_straight(row: NDArray, start: NDArray, end: NDArray) -> None:
    dx, dy = end - start
    length = math.sqrt(dx * dx + dy * dy)
    if not length > 0.0:
        raise InputError(f"lane from {tuple(start)} to {tuple(end)} has no length")
    row["x"], row["y"] = start
    row["dx"], row["dy"], row["length"] = dx / length, dy / length, length
    row["heading"] = math.atan2(dy, dx)
