"""Which lane a change leads to: by name, by number, or by steps from another lane.

Numbers are those of `LANE`: they count across both directions of a road, without 0.
"""

from __future__ import annotations

import math

from drivestack.core.compiled import hot_kernel
from drivestack.core.script import NOWHERE, Ground
from drivestack.core.tables import Row, Table
from drivestack.roads.lanes import local_coordinates

from ..views import Road
from .stage import Stage, standing_at

_ON_LANE = int(Ground.LANE)
_NOWHERE = NOWHERE


@hot_kernel
def target_lane(slot: Row, road: Road, bodies: Table, stage: Stage, action: Row, role: Row) -> int:
    """The lane to change to, NOWHERE if it is not there.

    Numbers count in the section of the role's own lane, also where the other one is elsewhere.
    """
    if action.lane != _NOWHERE:
        return action.lane
    body = bodies[standing_at(slot, role.body)]
    own = road.lanes[role.lane]
    number = action.number
    if number == 0:
        base = road.lanes[_lane_of(slot, bodies, stage, action.of, role)]
        steps = action.steps
        if not action.by_number and own.rising != (role.along > 0.0):
            steps = -steps
        number = _number_beside(int(base.number), int(steps))
    best = math.inf
    chosen = _NOWHERE
    for k in range(road.lanes.shape[0]):
        lane = road.lanes[k]
        if lane.section == own.section and lane.number == number:
            s, _ = local_coordinates(lane, road.points, body.x, body.y)
            outside = max(-s, s - lane.length, 0.0)
            if outside < best:
                best = outside
                chosen = k
    return chosen


@hot_kernel
def _lane_of(slot: Row, bodies: Table, stage: Stage, of: int, role: Row) -> int:
    """The lane that steps count from: of a role the one that it changes to, else the nearest."""
    if of == _NOWHERE:
        return role.lane
    for r in range(slot.roles_n):
        other = stage.roles[r]
        if other.body == of and other.on and other.ground == _ON_LANE:
            return other.lane
    return bodies[standing_at(slot, of)].lane


@hot_kernel
def _number_beside(number: int, steps: int) -> int:
    """The number that many lanes on; there is no lane 0."""
    moved = number + steps
    if number < 0 <= moved:
        return moved + 1
    if number > 0 >= moved:
        return moved - 1
    return moved
