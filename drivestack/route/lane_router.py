"""The router: from the ego's lane to the goal's by the lane graph, window by window."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drivestack.core.map import Map
from drivestack.core.types import Aim, Corridor, Goal, Observation, Route, State
from drivestack.roads.nearest import nearest_lane

from .graph import LaneGraph, lane_graph
from .line import limits_along, respace, trace
from .search import SearchCost, Step, straight_on, to_goal


@dataclass(frozen=True, slots=True)
class LaneRouter:
    """Routes through lanes; the reference line is a window that is moved on as the ego drives.

    Attributes:
        spacing: of the reference line [m]. points: P, so that spacing * points is the window.
        lanes: most lanes of a route. stretches: most of a corridor.
        behind: metres of line behind the ego.
        change_time, change_least: a lane change takes this long at the present speed [s], and at
        least this far [m]; our choice: 4 m to the side in 3 s stay below 3 m/s2 laterally.
        past_goal: metres the line goes on past a dead end that holds the goal.
    """

    spacing: float = 2.0
    points: int = 256
    lanes: int = 48
    stretches: int = 96
    behind: float = 10.0
    change_time: float = 3.0
    change_least: float = 20.0
    past_goal: float = 40.0
    cost: SearchCost = field(default_factory=SearchCost)

    def route(self, observation: Observation, goal: Goal) -> Route:
        """The route of every scenario; a row is invalid where the map has no lane."""
        batch = len(observation.tick)
        out = _Arrays(batch, self.lanes, self.points, self.stretches)
        for b in range(batch):
            map = observation.maps[observation.map_index[b]]
            pose = observation.ego.state[b]
            aim = int(goal.lane[b]) if goal.valid[b] else -1
            self._fill(out, b, map, pose, aim)
        return Route(
            lanes=out.lanes,
            lane_valid=out.lane_valid,
            change=out.change,
            line=out.line,
            speed_limit=out.limit,
            spacing=np.full(batch, self.spacing),
            valid=out.valid,
            aim=out.aim,
            corridor=Corridor(
                out.corridor,
                out.corridor_valid,
                np.zeros_like(out.leave_by),
                out.leave_by,
                out.leave_for,
                out.through,
            ),
            closures=np.zeros(batch, np.int64),
        )

    def _fill(self, out: _Arrays, b: int, map: Map, pose: NDArray[np.float64], aim: int) -> None:
        """Route one scenario into its rows."""
        x, y, yaw = (float(pose[i]) for i in (State.X, State.Y, State.YAW))
        lane, s = nearest_lane(map, x, y, yaw)
        graph = lane_graph(map)
        room = max(self.change_time * float(pose[State.V]), self.change_least)
        way = self._way(graph, lane, s, aim, room)
        sequence = np.array([step.lane for step in way], dtype=np.int32)
        change = np.array([step.change for step in way], dtype=np.bool_)
        raw = np.empty((4 * self.points + 8, 3))
        count = trace(
            map.lanes,
            map.points,
            sequence,
            change,
            max(s - self.behind, min(s, 0.0)),
            s,
            room,
            self.past_goal if aim == sequence[-1] else 0.0,
            self.spacing / 4.0,
            raw,
        )
        lane_of = np.zeros(self.points, dtype=np.int32)
        rows = respace(raw, count, self.spacing, out.line[b], lane_of)
        limits_along(lane_of, rows, graph.limit, out.limit[b])
        out.lanes[b, : len(way)] = sequence
        out.lane_valid[b, : len(way)] = True
        out.valid[b, :rows] = rows >= 2
        out.change[b, : len(way) - 1] = change[1:]
        if aim >= 0:
            out.aim[b] = Aim.GOAL if aim in sequence else Aim.GOAL_CUT_OFF
        self._fill_corridor(out, b, graph, way)

    def _fill_corridor(self, out: _Arrays, b: int, graph: LaneGraph, way: list[Step]) -> None:
        """The route's lanes and those beside them."""
        found: dict[int, int] = {}
        for k, step in enumerate(way):
            leaves = k + 1 < len(way) and way[k + 1].change
            found.setdefault(step.lane, way[k + 1].lane if leaves else step.lane)
        for lane in list(found):
            for other in graph.beside[lane]:
                found.setdefault(other, other if graph.after[other] else lane)
        for w, (lane, towards) in enumerate(list(found.items())[: out.corridor.shape[1]]):
            out.corridor[b, w], out.corridor_valid[b, w] = lane, True
            out.leave_by[b, w], out.leave_for[b, w] = graph.length[lane], towards
            out.through[b, w] = towards == lane

    def _way(self, graph: LaneGraph, lane: int, s: float, aim: int, room: float) -> list[Step]:
        """Lanes to drive: to the goal if there is a way, then straight on."""
        way = to_goal(graph, lane, s, aim, room, self.cost) if aim >= 0 else []
        way = (way or [Step(lane, False)])[: self.lanes]
        return straight_on(graph, way, self.spacing * self.points, self.lanes)


@dataclass(slots=True, eq=False)
class _Arrays:
    """A route's arrays while they are being filled."""

    batch: int
    most_lanes: int
    points: int
    stretches: int
    lanes: NDArray[np.int32] = field(init=False)
    lane_valid: NDArray[np.bool_] = field(init=False)
    change: NDArray[np.bool_] = field(init=False)
    line: NDArray[np.float64] = field(init=False)
    limit: NDArray[np.float64] = field(init=False)
    valid: NDArray[np.bool_] = field(init=False)
    aim: NDArray[np.int32] = field(init=False)
    corridor: NDArray[np.int32] = field(init=False)
    corridor_valid: NDArray[np.bool_] = field(init=False)
    leave_by: NDArray[np.float64] = field(init=False)
    leave_for: NDArray[np.int32] = field(init=False)
    through: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.lanes = np.zeros((self.batch, self.most_lanes), np.int32)
        self.lane_valid = np.zeros((self.batch, self.most_lanes), np.bool_)
        self.line = np.zeros((self.batch, self.points, 3))
        self.limit = np.zeros((self.batch, self.points))
        self.valid = np.zeros((self.batch, self.points), np.bool_)
        self.change = np.zeros_like(self.lane_valid)
        self.aim = np.zeros(self.batch, np.int32)
        self.corridor = np.zeros((self.batch, self.stretches), np.int32)
        self.corridor_valid = np.zeros(self.corridor.shape, np.bool_)
        self.leave_by = np.zeros(self.corridor.shape)
        self.leave_for = np.zeros_like(self.corridor)
        self.through = np.zeros_like(self.corridor_valid)
