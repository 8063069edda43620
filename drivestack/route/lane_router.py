"""The router: from the ego's lane to the goal's by the lane graph, window by window."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drivestack.core.lines import respace
from drivestack.core.map import Map
from drivestack.core.types import Aim, Goal, Observation, Route, State
from drivestack.roads.nearest import nearest_lane

from .cells import Closed, LaneChange
from .closures import closed_parts, fingerprints
from .corridor import fill_corridor, spread
from .draft import Draft
from .graph import lane_graph
from .line import limits_along, trace
from .locate import better_lane
from .outlook import Outlook, Target, onward, to_goal
from .search import LAYERS, SearchCost
from .tables import cell_at
from .walk import LEG, walk

_SPARE = 1.1
"""The way is traced this much further than the window: on the inside of bends a line is shorter."""

_FINER = 4
"""Points that are traced for each point of the line."""


@dataclass(frozen=True, slots=True)
class LaneRouter:
    """Routes through lanes; the reference line is a window that is moved on as the ego drives.

    Attributes:
        spacing: of the reference line [m]. points: P, so that spacing * points is the window.
        lanes: most lanes of a route. stretches: most of a corridor.
        behind: metres of line behind the ego.
        past_goal: metres the line goes on past a dead end that holds the goal.
        room: of a lane change. cost: of the search.
    """

    spacing: float = 2.0
    points: int = 256
    lanes: int = 48
    stretches: int = 96
    behind: float = 10.0
    past_goal: float = 40.0
    room: LaneChange = field(default_factory=LaneChange)
    cost: SearchCost = field(default_factory=SearchCost)

    def route(self, observation: Observation, goal: Goal) -> Route:
        """The route of every scenario."""
        batch = len(observation.tick)
        draft = Draft.blank(batch, self.lanes, self.points, self.stretches)
        for b in range(batch):
            map = observation.maps[observation.map_index[b]]
            closed = closed_parts(observation.closures, b)
            self._fill(draft, b, map, closed, observation.ego.state[b], _target(goal, b))
        return draft.route(self.spacing, fingerprints(observation.closures))

    def _fill(
        self,
        draft: Draft,
        b: int,
        map: Map,
        closed: Closed,
        pose: NDArray[np.float64],
        target: Target | None,
    ) -> None:
        """Route one scenario into its rows."""
        ahead = onward(map, closed, self.room, self.cost)
        seen = ahead
        if target is not None:
            seen = to_goal(map, target, closed, self.room, self.cost)
        lane, s = _located(map, seen, pose, self.cost.lane_change)
        first = cell_at(seen.cells.stretch, seen.cells.lane_at, lane, s)
        if target is not None:
            reachable = np.isfinite(seen.cost[first * LAYERS])
            draft.aim[b] = Aim.GOAL if reachable else Aim.GOAL_CUT_OFF
            seen = seen if reachable else ahead
        window = self.spacing * self.points * _SPARE
        legs = np.zeros(self.lanes, LEG)
        cells, steps = seen.cells, seen.steps
        n = walk(
            cells.stretch, cells.cell, cells.after, steps.step, steps.at,
            seen.cost, seen.reached, ahead.cost, ahead.reached, first, s, window, legs,
        )  # fmt: skip
        draft.legs[b] = n
        draft.lanes[b] = legs["lane"]
        draft.change[b, :-1] = legs["change"][1:]
        found = np.zeros(self.stretches, np.int64)
        count = spread(cells.cell, cells.after, seen.cost, first, s, window, found)
        fill_corridor(
            cells.stretch, cells.lane_at, seen.leave, ahead.leave, legs, n, found, count,
            draft.lane[b], draft.lane_valid[b], draft.start[b], draft.leave_by[b],
            draft.leave_for[b], draft.through[b],
        )  # fmt: skip
        aim = target.lane if target is not None and draft.aim[b] == Aim.GOAL else None
        self._draw(draft, b, map, legs, n, s, float(pose[State.V]), aim)

    def _draw(
        self,
        draft: Draft,
        b: int,
        map: Map,
        legs: NDArray,
        n: int,
        s: float,
        speed: float,
        aim: int | None,
    ) -> None:
        """The reference line of one scenario along its legs; `aim` is the goal's lane."""
        limit = lane_graph(map).limit
        last = legs[n - 1]
        ends_there = last["lane"] == aim and last["leave"] == map.lanes["length"][last["lane"]]
        start = max(s - self.behind, min(s, 0.0))
        raw = np.empty((int(_FINER * self.points * _SPARE) + self.lanes, 3))
        count = trace(
            map.lanes, map.points, limit, legs, n, start, s, max(speed, 0.0), self.room.time,
            self.room.least, self.past_goal if ends_there else 0.0, self.spacing / _FINER, raw,
        )  # fmt: skip
        lane_of = np.zeros(self.points, np.int64)
        rows = respace(raw, count, self.spacing, draft.line[b], lane_of)
        limits_along(lane_of, rows, limit, draft.speed_limit[b])
        draft.valid[b, :rows] = rows >= 2


def _located(map: Map, seen: Outlook, pose: NDArray[np.float64], worth: float) -> tuple[int, float]:
    """The ego's lane and s [m]; a change to another lane that it is on as well is worth so much."""
    lane, s = nearest_lane(map, pose[State.X], pose[State.Y], pose[State.YAW])
    lane, s = better_lane(
        map.lanes, map.points, map.grid, map.cell_at, map.cell_lanes,
        seen.cells.stretch, seen.cells.lane_at, seen.cost, pose, lane, s, worth,
    )  # fmt: skip
    return int(lane), float(s)


def _target(goal: Goal, b: int) -> Target | None:
    """The goal of one scenario, if it has one."""
    if not goal.valid[b]:
        return None
    x, y = goal.position[b].tolist()
    return Target(int(goal.lane[b]), x, y, float(goal.radius[b]))
