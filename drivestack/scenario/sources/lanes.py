"""Scenarios whose lanes and actors are written into the scenario file."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from drivestack.core.geometry import boxes_overlap
from drivestack.core.map import Map
from drivestack.core.start import EgoKind, Start
from drivestack.core.tables import Driver, Kind
from drivestack.roads.build import LaneSpec, build_map, circular, polyline, sine, straight
from drivestack.roads.graph import plan_route

from ..bodies import EGO_DRIVERS, EGO_SIZE, Body, Pose, body_row, no_route, replayed
from ..expand import Case
from ..goals import goal_of
from ..lighting import lights_of
from ..map_schema import CircularLane, LanesMap, PolylineLane, RoadMap, SineLane, StraightLane
from ..placing import closures_of, place_on_lanes, pose_of
from ..scripting import duty_of, script_of
from ..starting import places, rates_of, start_of, ticks_of
from ..traffic_schema import Car, Obstacle, Parked, Replayed, Scripted

_KINDS = {"car": Kind.CAR, "truck": Kind.TRUCK, "bus": Kind.BUS, "motorcycle": Kind.MOTORCYCLE,
          "bicycle": Kind.BICYCLE, "pedestrian": Kind.PEDESTRIAN, "animal": Kind.ANIMAL,
          "van": Kind.CAR, "debris": Kind.OBSTACLE, "unknown": Kind.UNKNOWN}  # fmt: skip


def starts(case: Case) -> Iterator[Start]:
    """The one start of a case with inline lanes.

    Raises:
        InputError: a coordinate that is not on its lane.
    """
    scenario = case.scenario
    assert isinstance(scenario.map, LanesMap | RoadMap)
    lanes = scenario.map.lanes_map() if isinstance(scenario.map, RoadMap) else scenario.map
    yield placed_start(case, _built(lanes.model_dump_json(by_alias=True), scenario.id))


def placed_start(case: Case, road_map: Map) -> Start:
    """The start of a case whose ego and actors are placed on the lanes of a map.

    Raises:
        InputError: a lane or node that the map does not have, or a coordinate that is not on it.
    """
    scenario = case.scenario
    assert scenario.time_limit is not None
    actors = [_actor(case, road_map, index) for index in range(len(scenario.actors))]
    bodies = [_ego(case, road_map), *actors]
    _check_apart(case, bodies)
    goal = goal_of(case, road_map)
    rows = np.concatenate([body.row for body in bodies])
    script = script_of(case, road_map, rows, places(bodies))
    source = case.block.place.file
    start = start_of(case, road_map, bodies, scenario.time_limit, goal, source)
    return replace(
        start,
        script=script,
        duty=duty_of(case, script, places(bodies)),
        closures=closures_of(case, road_map),
        lights=lights_of(case, road_map),
    )


def _check_apart(case: Case, bodies: Sequence[Body]) -> None:
    """Refuse an actor that stands in the ego at the start: no driver could help that contact."""
    (ego,) = bodies[0].row
    for index, body in enumerate(bodies[1:]):
        row = body.replay[0] if len(body.replay) else body.row[0]
        if body.first_tick == 0 and boxes_overlap(
            ego["x"], ego["y"], ego["heading"], ego["length"], ego["width"],
            row["x"], row["y"], row["heading"], body.row["length"][0], body.row["width"][0],
        ):  # fmt: skip
            raise case.problem("it overlaps the ego at the start", "actors", index)


@functools.lru_cache(maxsize=64)
def _built(text: str, name: str) -> Map:
    """The map of inline lanes given as JSON, one object for all cases that share them."""
    lanes = LanesMap.model_validate_json(text)
    triples = [(lane.from_node, lane.to_node, _lane(lane)) for lane in lanes.lanes]
    return build_map(name, triples, y_right=False, connected=lanes.connected)


def _lane(lane: StraightLane | SineLane | CircularLane | PolylineLane) -> LaneSpec:
    rest = (lane.speed_limit, lane.forbidden, lane.priority)
    match lane:
        case StraightLane():
            return straight(lane.start, lane.end, lane.width, *rest)
        case SineLane():
            swing = (lane.amplitude, lane.pulsation, lane.phase)
            return sine(lane.start, lane.end, *swing, lane.width, *rest)
        case CircularLane():
            grows = lane.end_phase > lane.start_phase  # a growing angle is `clockwise` there
            angles = (lane.start_phase, lane.end_phase)
            return circular(lane.center, lane.radius, *angles, grows, lane.width, *rest)
        case PolylineLane():
            widths = lane.widths or [lane.width] * len(lane.points)
            return polyline(lane.points, widths, *rest)


def _ego(case: Case, road_map: Map) -> Body:
    ego = case.scenario.ego
    pose = pose_of(case, road_map, ego, "ego")
    row = body_row(EGO_DRIVERS[ego.kind], Kind.CAR, pose, ego.speed or 0.0, *EGO_SIZE)
    if ego.target_speed is not None:
        row["target_speed"] = ego.target_speed
    route = no_route()
    goal = case.scenario.goal
    if ego.kind in (EgoKind.IDM, EgoKind.META) and goal is not None and goal.lane is not None:
        route = _route(road_map, row, goal.lane[1])
    return Body(row, route)


def _actor(case: Case, road_map: Map, index: int) -> Body:
    actor = case.scenario.actors[index]
    if isinstance(actor, Replayed):
        return _replayed(case, actor, index)
    pose = pose_of(case, road_map, actor, "actors", index)
    match actor:
        case Car():
            row = body_row(Driver.IDM, Kind.CAR, pose, actor.speed, actor.length, actor.width)
            row["lane_changes"], row["time_wanted"] = actor.lane_changes, actor.time_gap
            if actor.target_speed is not None:
                row["target_speed"] = actor.target_speed
            route = no_route()
            if actor.destination is not None:
                route = _route_to(case, road_map, row, actor.destination, index)
            return Body(row, route)
        case Scripted():
            return _scripted(case, road_map, actor, pose, index)
        case Parked() | Obstacle():
            kind = Kind.PARKED if isinstance(actor, Parked) else Kind.OBSTACLE
            row = body_row(Driver.OBSTACLE, kind, pose, 0.0, actor.length, actor.width)
            return Body(row)


def _scripted(case: Case, road_map: Map, actor: Scripted, pose: Pose, index: int) -> Body:
    """A scripted body; only contacts with the ego count, its own script may overlap others."""
    if actor.against:
        pose = Pose(pose.x, pose.y, pose.heading + math.pi)
    row = body_row(Driver.SCRIPTED, _KINDS[actor.type], pose, actor.speed, *actor.size)
    row["check_collisions"] = False
    if actor.destination is None:
        return Body(row)
    return Body(row, _route_to(case, road_map, row, actor.destination, index))


def _route(road_map: Map, row: np.ndarray, destination: str) -> np.ndarray:
    """The route from a body's nearest lane."""
    placed = row.copy()
    place_on_lanes(road_map, placed)
    return plan_route(road_map, int(placed["lane"][0]), destination)


def _route_to(
    case: Case, road_map: Map, row: np.ndarray, destination: str, index: int
) -> np.ndarray:
    """The route of an actor to the node that it names."""
    route = _route(road_map, row, destination)
    if not _leads_to(road_map, route, destination):
        sentence = f"no way leads from here to '{destination}'"
        raise case.problem(sentence, "actors", index, "destination")
    return route


def _leads_to(road_map: Map, route: np.ndarray, destination: str) -> bool:
    """Whether the last road of a route ends at a node."""
    return road_map.nodes[road_map.roads[route[-1, 0]]["end"]] == destination


def _replayed(case: Case, actor: Replayed, index: int) -> Body:
    scenario = case.scenario
    rates, table = rates_of(scenario), np.array(actor.track, np.float64)
    ticks = ticks_of(scenario.time_limit or 0.0, rates)
    size, times, states = (actor.length, actor.width), table[:, 0], table[:, 1:]
    made = replayed(_KINDS[actor.type], size, times, states, rates.physics, ticks)
    if made is None:
        raise case.problem("no recorded time falls on a tick of the episode", "actors", index)
    return made
