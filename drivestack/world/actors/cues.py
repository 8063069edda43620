"""Cues: which fire at this tick, what their actions find when they begin, and when they end."""

from __future__ import annotations

import math

from drivestack.core.compiled import hot_kernel
from drivestack.core.script import (
    NOWHERE,
    Deed,
    Ground,
    Phase,
    Priority,
    Relative,
    Span,
)
from drivestack.core.tables import Driver, Row, Table
from drivestack.roads.lanes import heading_at, local_coordinates

from ..views import Road
from .conditions import is_due
from .distances import half_extent, lead
from .ground import ground_coordinates
from .lane_choice import target_lane
from .priorities import is_beside_another, settle, stop_others
from .ramps import ramp_length
from .stage import Stage, standing_at

_SPEED = int(Deed.SPEED)
_PROFILE = int(Deed.PROFILE)
_GAP = int(Deed.GAP)
_SYNCHRONISE = int(Deed.SYNCHRONISE)
_OFFSET = int(Deed.OFFSET)
_LANE = int(Deed.LANE)
_PATH = int(Deed.PATH)
_PLACE = int(Deed.PLACE)
_VANISH = int(Deed.VANISH)

_WAITING = int(Phase.WAITING)
_RUNNING = int(Phase.RUNNING)
_ENDED = int(Phase.ENDED)
_STOPPED = int(Phase.STOPPED)

_OVERRIDE = int(Priority.OVERRIDE)
_SKIP = int(Priority.SKIP)

_ON_LANE = int(Ground.LANE)
_ON_PATH = int(Ground.PATH)
_OTHER = int(Relative.OTHER)
_FACTOR = int(Relative.FACTOR)
_BY_DISTANCE = int(Span.DISTANCE)
_IDM = int(Driver.IDM)
_NOWHERE = NOWHERE


@hot_kernel
def fire(slot: Row, road: Road, bodies: Table, stage: Stage) -> None:
    """Begin the actions of all cues that are due, in order."""
    for c in range(slot.cues_n):
        cue = stage.cues[c]
        if cue.phase != _WAITING or not is_due(slot, cue, stage.conditions):
            continue
        if cue.priority == _SKIP and is_beside_another(slot, stage, c):
            continue
        if cue.priority == _OVERRIDE:
            stop_others(slot, road, stage, c)
        cue.phase = _RUNNING
        cue.began = slot.tick
        if cue.ends_episode:
            slot.ended = True
        for k in range(cue.actions_at, cue.actions_at + cue.actions_n):
            if stage.roles[stage.actions[k].role].on:
                _begin(slot, road, bodies, stage, k)
            else:
                stage.actions[k].phase = _STOPPED
        settle(int(slot.tick), stage, c)


@hot_kernel
def _begin(slot: Row, road: Road, bodies: Table, stage: Stage, k: int) -> None:
    """Begin one action; it takes over from the one of its kind that was in force."""
    action = stage.actions[k]
    role = stage.roles[action.role]
    action.phase = _RUNNING
    action.began = slot.tick
    deed = action.deed
    if deed == _SPEED or deed == _PROFILE or deed == _GAP or deed == _SYNCHRONISE:
        _stop(slot, stage, int(role.drive))
        role.drive = k
        _begin_along(slot, bodies, stage, k)
    elif deed == _OFFSET or deed == _LANE:
        _stop(slot, stage, int(role.steer))
        role.steer = k
        _begin_across(slot, road, bodies, stage, k)
    elif deed == _PATH:
        _stop(slot, stage, int(role.path))
        _stop(slot, stage, int(role.steer))
        role.steer = _NOWHERE
        role.path = k
        role.ground = _ON_PATH
        role.along = 1.0
        role.knots_at = action.knots_at
        role.knots_n = action.knots_n
        role.s = action.from_s
        role.offset = 0.0
        role.lateral_speed = 0.0
    elif deed == _PLACE:
        _put(slot, road, bodies, stage, k)
        action.phase = _ENDED
    else:
        _leave(slot, bodies, stage, role, deed)
        action.phase = _ENDED


@hot_kernel
def _stop(slot: Row, stage: Stage, k: int) -> None:
    """Another action takes over from action k."""
    if k != _NOWHERE and stage.actions[k].phase == _RUNNING:
        stage.actions[k].phase = _STOPPED
        settle(int(slot.tick), stage, int(stage.actions[k].cue))


@hot_kernel
def _begin_along(slot: Row, bodies: Table, stage: Stage, k: int) -> None:
    """What a change of speed starts from and leads to."""
    action = stage.actions[k]
    if action.deed != _SPEED:
        return
    role = stage.roles[action.role]
    action.first = role.speed
    action.change = wanted_speed(slot, bodies, action) - role.speed
    action.gone = 0.0
    length = ramp_length(int(action.shape), int(action.span), action.size, action.change)
    if action.span == _BY_DISTANCE and length > 0.0:
        # every shape is symmetrical, so the mean speed on the way is that of both ends
        length = 2.0 * length / max(2.0 * role.speed + action.change, 1e-6)
    action.length = length


@hot_kernel
def wanted_speed(slot: Row, bodies: Table, action: Row) -> float:
    """The speed that a SPEED action leads to now [m/s]."""
    target = action.target
    if action.relative == _OTHER:
        target += bodies[standing_at(slot, action.of)].speed
    elif action.relative == _FACTOR:
        target *= bodies[standing_at(slot, action.of)].speed
    return max(target, 0.0)


@hot_kernel
def _begin_across(slot: Row, road: Road, bodies: Table, stage: Stage, k: int) -> None:
    """What a move across the lane starts from and leads to."""
    action = stage.actions[k]
    role = stage.roles[action.role]
    target = action.target
    if action.deed == _LANE:
        body = bodies[standing_at(slot, role.body)]
        if role.ground != _ON_LANE:
            _take_to_lane(slot, road, stage, role, body)
        lane = target_lane(slot, road, bodies, stage, action, role)
        if lane == _NOWHERE:
            slot.unplayable = 1 + action.cue
            _stop(slot, stage, k)
            role.steer = _NOWHERE
            return
        _stand_on(road, role, lane, body)
    elif action.relative == _OTHER:
        other = bodies[standing_at(slot, action.of)]
        _, beside = ground_coordinates(road, role, stage.knots, other.x, other.y)
        target += beside
    action.first = role.offset
    action.change = target - role.offset
    action.gone = 0.0
    action.length = ramp_length(int(action.shape), int(action.span), action.size, action.change)


@hot_kernel
def _take_to_lane(slot: Row, road: Road, stage: Stage, role: Row, body: Row) -> None:
    """Leave a line or a trajectory for the nearest lane, in the direction of the body."""
    _stop(slot, stage, int(role.path))
    role.path = _NOWHERE
    role.ground = _ON_LANE
    _stand_on(road, role, int(body.lane), body)


@hot_kernel
def _stand_on(road: Road, role: Row, lane: int, body: Row) -> None:
    """Count from another lane on, along it or against it as the body looks."""
    row = road.lanes[lane]
    role.lane = lane
    role.s, role.offset = local_coordinates(row, road.points, body.x, body.y)
    turned = body.heading - heading_at(row, road.points, role.s)
    role.along = 1.0 if math.cos(turned) >= 0.0 else -1.0


@hot_kernel
def wanted_gap(action: Row, own_speed: float, other_speed: float) -> float:
    """The gap of a GAP or PLACE action [m]; a time counts at the speed of the one behind."""
    if not action.timed:
        return action.target
    return action.target * (other_speed if action.ahead > 0.0 else own_speed)


@hot_kernel
def gap_error(slot: Row, road: Road, bodies: Table, action: Row, role: Row) -> float:
    """How far the role would have to move along for its gap to be as wanted [m]."""
    body = bodies[standing_at(slot, role.body)]
    other = bodies[standing_at(slot, action.of)]
    own_back, of_back = action.own_back, action.of_back
    along, _, direction = lead(road, body, other, int(action.frame), own_back, of_back)
    gap = action.ahead * -along
    if action.freespace:
        gap -= half_extent(body, direction) + half_extent(other, direction)
    return action.ahead * (wanted_gap(action, role.speed, other.speed) - gap)


@hot_kernel
def _put(slot: Row, road: Road, bodies: Table, stage: Stage, k: int) -> None:
    """Move a role along at once so that its gap, measured straight, is as wanted."""
    role = stage.roles[stage.actions[k].role]
    role.s += role.along * gap_error(slot, road, bodies, stage.actions[k], role)


@hot_kernel
def _leave(slot: Row, bodies: Table, stage: Stage, role: Row, deed: int) -> None:
    """Hand the body over to IDM, or take it away."""
    body = bodies[standing_at(slot, role.body)]
    _stop(slot, stage, int(role.drive))
    _stop(slot, stage, int(role.steer))
    _stop(slot, stage, int(role.path))
    role.on = False
    if deed == _VANISH:
        body.present = False
        return
    body.driver = _IDM
    body.target_lane = body.lane
    body.target_speed = role.speed
    body.accel = 0.0
