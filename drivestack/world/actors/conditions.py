"""Conditions: what they measure, and whether they count at this tick (edge, delay).

A condition with a delay of d counts at a tick if it held, or changed, exactly d before it
(OpenSCENARIO 1.3, 'Condition'). Of what lies in between only the last rise and fall are kept: a
condition that changed more often than that within its delay counts by its last change.
"""

from __future__ import annotations

import math

from drivestack.core.compiled import hot_kernel
from drivestack.core.script import Edge, Measure, Phase, Relation
from drivestack.core.tables import Row, Table

from ..views import Road
from .distances import closing, distance, overlap
from .stage import Stage, standing_at

_TIME = int(Measure.TIME)
_SPEED = int(Measure.SPEED)
_RELATIVE_SPEED = int(Measure.RELATIVE_SPEED)
_ACCELERATION = int(Measure.ACCELERATION)
_DISTANCE = int(Measure.DISTANCE)
_HEADWAY = int(Measure.HEADWAY)
_TIME_TO_COLLISION = int(Measure.TIME_TO_COLLISION)
_TO_POINT = int(Measure.TO_POINT)
_TRAVELLED = int(Measure.TRAVELLED)
_STANDSTILL = int(Measure.STANDSTILL)
_ENDED = int(Measure.ENDED)
_BEGUN = int(Measure.BEGUN)

_LESS = int(Relation.LESS)
_LESS_OR_EQUAL = int(Relation.LESS_OR_EQUAL)
_GREATER = int(Relation.GREATER)
_GREATER_OR_EQUAL = int(Relation.GREATER_OR_EQUAL)

_NO_EDGE = int(Edge.NONE)
_RISING = int(Edge.RISING)
_FALLING = int(Edge.FALLING)

_WAITING = int(Phase.WAITING)
_OVER = int(Phase.ENDED)

AT_REST = 0.01
"""Below this speed [m/s] a body stands (esmini's ``SMALL_NUMBER`` for speeds)."""

ROUNDING = 1e-9
"""By which times and sums of metres may miss a value that they mean."""


@hot_kernel
def look(slot: Row, road: Road, bodies: Table, stage: Stage) -> None:
    """Renew every condition of cues that still wait."""
    for c in range(slot.cues_n):
        cue = stage.cues[c]
        if cue.phase == _WAITING:
            for k in range(cue.conditions_at, cue.conditions_at + cue.conditions_n):
                _note(slot, stage.conditions[k], _holds(slot, road, bodies, stage, k))


@hot_kernel
def is_due(slot: Row, cue: Row, conditions: Table) -> bool:
    """Whether all conditions of some group count now; a cue without any is due at once."""
    if cue.conditions_n == 0:
        return True
    group = -1
    whole = False
    for k in range(cue.conditions_at, cue.conditions_at + cue.conditions_n):
        condition = conditions[k]
        if condition.group != group:
            if whole:
                return True
            group = condition.group
            whole = True
        whole = whole and _counts(condition, int(slot.tick))
    return whole


@hot_kernel
def _note(slot: Row, condition: Row, holds: bool) -> None:
    """Keep when a condition changed."""
    if condition.looked and holds == condition.now:
        return
    tick = slot.tick
    if holds:
        condition.since = tick
    if condition.looked and holds:
        condition.rose = tick
    elif condition.looked:
        condition.until = tick
        condition.fell = tick
    condition.now = holds
    condition.looked = True


@hot_kernel
def _counts(condition: Row, tick: int) -> bool:
    """Whether it counts at this tick."""
    then = tick - condition.delay
    if condition.edge == _NO_EDGE:
        return condition.since <= then and (condition.now or condition.until > then)
    rose = condition.rose == then
    if condition.edge == _RISING:
        return rose
    fell = condition.fell == then
    return fell if condition.edge == _FALLING else rose or fell


@hot_kernel
def _holds(slot: Row, road: Road, bodies: Table, stage: Stage, k: int) -> bool:
    """Whether the measure stands to the value as it should; never for a body that is not there."""
    condition = stage.conditions[k]
    if condition.of >= 0 and not bodies[standing_at(slot, condition.of)].present:
        return False
    if condition.to >= 0 and not bodies[standing_at(slot, condition.to)].present:
        return False
    measured = _measured(slot, road, bodies, stage, k)
    value = condition.value
    relation = condition.relation
    if relation == _LESS:
        return measured < value - ROUNDING
    if relation == _LESS_OR_EQUAL:
        return measured <= value + ROUNDING
    if relation == _GREATER:
        return measured > value + ROUNDING
    if relation == _GREATER_OR_EQUAL:
        return measured >= value - ROUNDING
    return abs(measured - value) <= ROUNDING


@hot_kernel
def _measured(slot: Row, road: Road, bodies: Table, stage: Stage, k: int) -> float:
    """What a condition measures, in its unit; see `Measure`."""
    condition = stage.conditions[k]
    measure = condition.measure
    if measure == _TIME:
        return slot.tick * slot.dt
    if measure == _BEGUN:
        return 0.0 if stage.cues[condition.cue].phase == _WAITING else 1.0
    if measure == _ENDED:
        phase = stage.cues[condition.cue].phase
        over = phase == _OVER or (phase > _OVER and not condition.regularly)
        return 1.0 if over else 0.0
    a = bodies[standing_at(slot, condition.of)]
    if measure == _SPEED:
        return a.speed
    if measure == _ACCELERATION:
        return a.accel
    if measure == _TO_POINT:
        dx, dy = condition.x - a.x, condition.y - a.y
        return math.sqrt(dx * dx + dy * dy)
    if measure == _TRAVELLED:
        travelled = condition.sum
        condition.sum += abs(a.speed) * slot.dt
        return travelled
    if measure == _STANDSTILL:
        condition.sum = condition.sum + slot.dt if abs(a.speed) < AT_REST else -slot.dt
        return condition.sum
    return _between(road, condition, a, bodies[standing_at(slot, condition.to)])


@hot_kernel
def _between(road: Road, condition: Row, a: Row, b: Row) -> float:
    """What a condition measures between two bodies."""
    measure = condition.measure
    if measure == _RELATIVE_SPEED:
        return a.speed - b.speed
    if measure != _DISTANCE and measure != _HEADWAY and measure != _TIME_TO_COLLISION:
        return 1.0 if overlap(a, b) else 0.0
    axis, frame = int(condition.axis), int(condition.frame)
    of_back, to_back = condition.of_back, condition.to_back
    away = distance(road, a, b, axis, frame, bool(condition.freespace), of_back, to_back)
    if measure == _DISTANCE:
        return away
    if measure == _HEADWAY:
        return away / a.speed if a.speed > AT_REST else math.inf
    shrinks = closing(road, a, b, axis, frame, of_back, to_back)
    return away / shrinks if shrinks > 0.0 else math.inf
