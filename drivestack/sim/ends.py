"""When a scenario ends, and how: contact, goal, off the road, time limit."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.episode import Outcome
from drivestack.core.tables import Table
from drivestack.core.types import Goal, Scene
from drivestack.roads.lanes import local_coordinates, width_at

ASIDE = 1.0
"""How far the ego's centre may be outside its nearest lane [m] before it counts as off the road:
its wheels on one side are then about 2 m away from the lane."""

PAST = 15.0
"""How far it may be past the end of a lane that ends [m]; maps are cut off, cars drive on."""


@kernel
def _is_off_lane(
    lanes: Table, points: Table, lane: int, x: float, y: float, aside: float, past: float
) -> bool:
    """Whether a point is outside one lane, widened and prolonged."""
    row = lanes[lane]
    s, lateral = local_coordinates(row, points, x, y)
    if s < -past or s > row.length + past:
        return True
    return abs(lateral) > width_at(row, points, s) / 2.0 + aside


@kernel
def _is_off_road(
    lanes: Table, points: Table, nearest: int, x: float, y: float, aside: float, past: float
) -> bool:
    """Whether a point is outside every lane; the nearest one is tried first."""
    if not _is_off_lane(lanes, points, nearest, x, y, aside, past):
        return False
    for lane in range(lanes.shape[0]):
        if not _is_off_lane(lanes, points, lane, x, y, aside, past):
            return False
    return True


def outcome_of(scene: Scene, goal: Goal, limit: int, b: int) -> Outcome | None:
    """How a scenario has ended at this tick; None where it goes on.

    Contact counts before arrival, arrival before the road's edge, then what the script says, the
    time limit last.

    Args:
        scene: the true state. goal: of each scenario. limit: [ticks]. b: which scenario.
    """
    if scene.contact[b]:
        return Outcome.CONTACT
    x, y = float(scene.ego.state[b, 0]), float(scene.ego.state[b, 1])
    if goal.valid[b] and _reached(goal.position[b], float(goal.radius[b]), x, y):
        return Outcome.GOAL
    map = scene.maps[scene.map_index[b]]
    if _is_off_road(map.lanes, map.points, int(scene.ego_lane[b]), x, y, ASIDE, PAST):
        return Outcome.OFF_ROAD
    if scene.ended[b]:
        return Outcome.ENDED
    return Outcome.TIMEOUT if scene.tick[b] >= limit else None


def _reached(place: NDArray[np.float64], radius: float, x: float, y: float) -> bool:
    return math.hypot(x - float(place[0]), y - float(place[1])) <= radius
