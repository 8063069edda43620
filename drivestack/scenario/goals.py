"""The goal that a scenario gives, in the frame of its map."""

from __future__ import annotations

from drivestack.core.map import Map
from drivestack.roads.lanes import position

from .expand import Case
from .placing import check_s, lane_index

Circle = tuple[float, float, float]
"""x, y, radius [m]."""


def goal_of(case: Case, road_map: Map) -> Circle | None:
    """The circle about the goal, or None if the scenario gives none.

    Positions in scenario files are ISO (y to the left); a map with y to the right mirrors them.
    """
    goal = case.scenario.goal
    if goal is None:
        return None
    if goal.position is not None:
        x, y = goal.position
        return x, -y if road_map.y_right else y, goal.radius
    lane = road_map.lanes[lane_index(case, road_map, goal.lane, "goal", "lane")]
    s = float(lane["length"]) if goal.s is None else goal.s
    check_s(case, s, float(lane["length"]), "goal", "s")
    x, y = position(lane, road_map.points, s, 0.0)
    return float(x), float(y), goal.radius
