"""One tick of a script: look at the conditions, fire cues, move every role."""

from __future__ import annotations

from drivestack.core.compiled import hot_kernel
from drivestack.core.script import NOWHERE, Phase, Span
from drivestack.core.tables import Row, Table

from ..views import Road
from .along import drive
from .conditions import ROUNDING, look
from .cues import fire
from .ground import advance, show, stand_free
from .priorities import settle
from .ramps import ramp, ramp_slope
from .stage import Stage, piece_at_time, standing_at

_ENDED = int(Phase.ENDED)
_BY_DISTANCE = int(Span.DISTANCE)
_NOWHERE = NOWHERE


@hot_kernel
def play(slot: Row, road: Road, bodies: Table, routes: Table, stage: Stage) -> None:
    """Everything that is scripted, from the state at this tick to the poses at the next.

    Nobody else has moved yet: conditions and gaps are those of the tick that ends.
    """
    look(slot, road, bodies, stage)
    fire(slot, road, bodies, stage)
    for r in range(slot.roles_n):
        role = stage.roles[r]
        if role.on:
            _move(slot, road, bodies, routes, stage, r)
    for c in range(slot.cues_n):
        settle(int(slot.tick) + 1, stage, c)


@hot_kernel
def _move(slot: Row, road: Road, bodies: Table, routes: Table, stage: Stage, r: int) -> None:
    """One role: a timed trajectory, or a way along and a move across."""
    role = stage.roles[r]
    k = int(standing_at(slot, role.body))
    body = bodies[k]
    if body.crashed:  # what it has run into ends its part
        role.on = False
        body.speed = 0.0
        return
    if role.path != _NOWHERE and stage.actions[role.path].timed:
        _follow_times(slot, stage, role)
    else:
        way = drive(slot, road, bodies, stage, r)
        advance(road, body, routes[k], role, stage.knots, way)
        _steer(slot, stage, role, way)
    show(road, body, role, stage.knots, slot.dt)
    if role.path != _NOWHERE and _is_at_its_end(stage, role):
        stage.actions[role.path].phase = _ENDED
        role.path = _NOWHERE
        stand_free(road, role, stage.knots)


@hot_kernel
def _steer(slot: Row, stage: Stage, role: Row, way: float) -> None:
    """Renew a role's offset and lateral speed."""
    role.lateral_speed = 0.0
    if role.steer == _NOWHERE:
        return
    action = stage.actions[role.steer]
    shape = int(action.shape)
    if action.span == _BY_DISTANCE:
        action.gone += way
    else:
        action.gone = (slot.tick + 1 - action.began) * slot.dt
    if action.gone >= action.length - ROUNDING:
        role.offset = action.first + action.change
        action.phase = _ENDED
        role.steer = _NOWHERE
        return
    u = action.gone / action.length
    role.offset = action.first + action.change * ramp(shape, u)
    rate = action.change * ramp_slope(shape, u) / action.length
    role.lateral_speed = rate * (role.speed if action.span == _BY_DISTANCE else 1.0)


@hot_kernel
def _follow_times(slot: Row, stage: Stage, role: Row) -> None:
    """Be where the trajectory is at this time; between two vertices at a constant speed."""
    action = stage.actions[role.path]
    time = (slot.tick + 1 - action.began) * slot.dt
    row, part = piece_at_time(stage, action, time)
    before = role.s
    first = stage.knots[row].s
    role.s = first + part * (stage.knots[row + 1].s - first)
    role.speed = max(role.s - before, 0.0) / slot.dt
    action.gone = time


@hot_kernel
def _is_at_its_end(stage: Stage, role: Row) -> bool:
    """Whether the trajectory has no more."""
    action = stage.actions[role.path]
    last = stage.knots[action.knots_at + action.knots_n - 1]
    if action.timed:
        return action.gone >= last.time - ROUNDING
    return role.s >= last.s - ROUNDING
