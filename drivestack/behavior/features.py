"""From an observation and a route to `Tokens`: the ego and its route, compiled, row by row.

Where a stop line holds the ego, the observation has a standing road user (`stop_lines.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.lines import project, sample
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Kind, Row, Table
from drivestack.core.types import Goal, Observation, Route
from drivestack.roads.lane_tables import Lanes, lanes_of
from drivestack.roads.lanes import local_coordinates, width_at
from drivestack.roads.links import Links, links_of

from .due import Hurry, due_change
from .knots import route_bend
from .lane_forecast import LaneModel, lane_of
from .road import Body, Road, Routes, road_of, routes_of
from .speed import comfortable_speed
from .stop_lines import STOP_LINE_ID
from .surroundings import Frame, agents_near, lanes_near, seen_from
from .tokens import AGENTS, FAR, LANE_PIECES, REACH, ROUTE_POINTS, Agent, Ego, Piece, Point, Tokens


@dataclass(frozen=True, slots=True)
class Looking:
    """How the surroundings are looked at.

    Attributes:
        max_lateral, slowing: of the speed that a bend allows [m/s2]; as in `pdm_lane`.
        goal_aside: a goal is on the line within so many metres. piece: length of a lane's pieces
        [m]. away: pieces farther off are no business of the ego [m]. focus: nearness is reckoned
        from so far ahead [m]. beside: others are beside the line within so many metres. All: our
        choice.
    """

    max_lateral: float = 4.5
    slowing: float = 1.5
    goal_aside: float = 10.0
    piece: float = 20.0
    away: float = 80.0
    focus: float = 10.0
    beside: float = 30.0
    window: float = 3.0
    on: LaneModel = field(default_factory=LaneModel)
    hurry: Hurry = field(default_factory=Hurry)


def tokens_of(
    observation: Observation, route: Route, goal: Goal, looking: Looking | None = None
) -> Tokens:
    """The tokens of every scenario; without a route there is none of the route's."""
    looking = looking or Looking()
    batch = len(observation.tick)
    ego, tracks = observation.ego, observation.tracks
    told = np.zeros((batch, len(Ego)), np.float32)
    points = np.zeros((batch, ROUTE_POINTS, len(Point)), np.float32)
    pieces = np.zeros((batch, LANE_PIECES, len(Piece)), np.float32)
    agents = np.zeros((batch, AGENTS, len(Agent)), np.float32)
    there = [np.zeros((batch, n), np.bool_) for n in (ROUTE_POINTS, LANE_PIECES, AGENTS)]
    told[:, Ego.AGE] = observation.age * observation.dt
    told[:, Ego.SIGHT] = np.minimum(observation.sight.range, FAR)
    told[:, Ego.HIDDEN] = observation.sight.hidden
    for number in np.unique(observation.map_index):
        map = observation.maps[number]
        _describe(
            np.flatnonzero(observation.map_index == number), lanes_of(map), links_of(map),
            routes_of(route), goal.position, goal.valid, ego.state, ego.accel, ego.steer, ego.size,
            tracks.state[:, :, -1], tracks.size, tracks.kind, tracks.id,
            tracks.age * observation.dt[:, None], tracks.valid[:, :, -1],
            np.array(REACH, np.float64), _SORTS, STOP_LINE_ID, FAR,
            parameter_table(looking), parameter_table(looking.on), parameter_table(looking.hurry),
            told, points, there[0], pieces, there[1], agents, there[2],
        )  # fmt: skip
    return Tokens(told, points, there[0], pieces, there[1], agents, there[2])


_SOFT = (Kind.MOTORCYCLE, Kind.BICYCLE, Kind.PEDESTRIAN, Kind.ANIMAL)
_THINGS = (Kind.OBSTACLE, Kind.UNKNOWN)
_SORTS = np.array([1 if kind in _SOFT else 2 if kind in _THINGS else 0 for kind in Kind], np.int64)
"""Of every kind: 1 soft, 2 a thing, 0 a vehicle."""


@kernel
def _describe(
    rows: NDArray, map: Lanes, links: Links, routes: Routes, goal: NDArray, has_goal: NDArray,
    state: NDArray, accel: NDArray, steer: NDArray, size: NDArray,
    track: NDArray, track_size: NDArray, track_kind: NDArray, track_id: NDArray,
    track_age: NDArray, track_valid: NDArray,
    reach: NDArray, sorts: NDArray, first_line: int, far: float,
    lookings: Table, models: Table, hurries: Table,
    told: NDArray, points: NDArray, points_there: NDArray,
    pieces: NDArray, pieces_there: NDArray, agents: NDArray, agents_there: NDArray,
) -> None:  # fmt: skip
    """Every scenario on one map, each by itself."""
    looking, on, hurry = lookings[0], models[0], hurries[0]
    allowed = np.zeros(routes.line.shape[1])
    for place in range(rows.shape[0]):
        b = int(rows[place])
        road = road_of(map, links, routes, b)
        body = Body(state[b], accel[b], steer[b], size[b])
        yaw = state[b, 2]
        frame = Frame(
            state[b, 0], state[b, 1], yaw, math.cos(yaw), math.sin(yaw), state[b, 3], size[b, 0]
        )
        here = lane_of(map, road.wanted, state[b], on)
        _tell_ego(road, body, here, hurry, told[b])
        s = 0.0
        if road.n >= 2:
            s = _tell_route(road, frame, reach, looking, allowed, told[b], points[b],
                            points_there[b])  # fmt: skip
            _tell_goal(road, s, goal[b], has_goal[b], looking, far, told[b])
        lanes_near(road, here, frame, looking, pieces[b], pieces_there[b])
        agents_near(
            road, s, frame, track[b], track_size[b], track_kind[b], track_id[b], track_age[b],
            track_valid[b], sorts, first_line, looking, agents[b], agents_there[b],
        )  # fmt: skip


@kernel
def _tell_ego(road: Road, body: Body, here: int, hurry: Row, told: NDArray) -> None:
    """What the ego is, and the lanes it is on, beside and in need of."""
    told[Ego.SPEED], told[Ego.ACCEL], told[Ego.STEER] = body.state[3], body.accel, body.steer
    told[Ego.KNOWN] = 1.0
    told[Ego.LENGTH], told[Ego.WIDTH] = body.size[0], body.size[1]
    due = due_change(road, here, body, hurry)
    told[Ego.SIDE], told[Ego.URGENCY] = due.side, due.urgency
    told[Ego.MISSED] = 1.0 if due.missed else 0.0
    told[Ego.NEED_HERE], told[Ego.NEED_LEFT], told[Ego.NEED_RIGHT] = due.here, due.left, due.right
    if here >= 0:
        row = road.map.lanes[here]
        s, lateral = local_coordinates(row, road.map.points, body.state[0], body.state[1])
        told[Ego.LANE_LEFT] = 1.0 if road.links.left[here] >= 0 else 0.0
        told[Ego.LANE_RIGHT] = 1.0 if road.links.right[here] >= 0 else 0.0
        told[Ego.LANE_ASIDE] = lateral
        told[Ego.LANE_WIDTH] = width_at(row, road.map.points, s)
        told[Ego.ON_LANE] = 1.0


@kernel
def _tell_route(
    road: Road, frame: Frame, reach: NDArray, looking: Row, allowed: NDArray, told: NDArray,
    points: NDArray, there: NDArray,
) -> float:  # fmt: skip
    """The route's line ahead; returns where on it the ego is, s [m]."""
    n, spacing = road.n, road.spacing
    comfortable_speed(
        road.line, n, spacing, road.limit, looking.max_lateral, looking.slowing, allowed
    )
    s, lateral = project(road.line, 0, n - 1, spacing, frame.x, frame.y)
    _, _, along = sample(road.line, n, spacing, s)
    turn = frame.yaw - along
    told[Ego.ASIDE], told[Ego.ROUTED] = lateral, 1.0
    told[Ego.ALONG_COS], told[Ego.ALONG_SIN] = math.cos(turn), math.sin(turn)
    told[Ego.LIMIT] = road.limit[min(max(int(s / spacing), 0), n - 1)]
    for i in range(reach.shape[0]):
        at = s + reach[i]
        if at > (n - 1) * spacing:
            break
        x, y, yaw = sample(road.line, n, spacing, at)
        row = min(max(int(at / spacing), 0), n - 1)
        points[i, Point.X], points[i, Point.Y] = seen_from(frame, x, y)
        turn = yaw - frame.yaw
        points[i, Point.COS], points[i, Point.SIN] = math.cos(turn), math.sin(turn)
        points[i, Point.BEND] = route_bend(road.line, n, spacing, at, looking.window)
        points[i, Point.LIMIT], points[i, Point.ALLOWED] = road.limit[row], allowed[row]
        points[i, Point.AHEAD] = reach[i]
        there[i] = True
    return s


@kernel
def _tell_goal(
    road: Road, s: float, goal: NDArray, has_goal: bool, looking: Row, far: float, told: NDArray
) -> None:
    """How far it is to the goal along the line."""
    told[Ego.GOAL_AHEAD] = far
    if not has_goal:
        return
    at, lateral = project(road.line, 0, road.n - 1, road.spacing, goal[0], goal[1])
    if abs(lateral) <= looking.goal_aside and at - s < far:
        told[Ego.GOAL], told[Ego.GOAL_AHEAD] = 1.0, max(at - s, -looking.goal_aside)
