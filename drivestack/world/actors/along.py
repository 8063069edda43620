"""Motion along the ground in one tick: how far a role gets, and how fast it is then.

Speed changes are integrated in closed form, so positions do not depend on the tick.
"""

from __future__ import annotations

import math

from drivestack.core.compiled import hot_kernel
from drivestack.core.script import NOWHERE, Deed, Ground, Phase
from drivestack.core.tables import Row, Table

from ..views import Road
from .conditions import ROUNDING
from .cues import gap_error, wanted_speed
from .ground import ground_coordinates
from .ramps import ramp, ramp_area
from .stage import Stage, piece_at_time, standing_at

_SPEED = int(Deed.SPEED)
_PROFILE = int(Deed.PROFILE)
_GAP = int(Deed.GAP)
_ENDED = int(Phase.ENDED)
_ON_PATH = int(Ground.PATH)
_NOWHERE = NOWHERE

_STIFFNESS = 1.0
"""Of a gap kept within limits [1/s2]; with the damping 2 * sqrt(stiffness) it does not swing. Our
choice: an error is halved in 1.7 s."""

_KEPT = 0.01
"""A gap that need not be kept on is reached within this distance [m]."""


@hot_kernel
def drive(slot: Row, road: Road, bodies: Table, stage: Stage, r: int) -> float:
    """Renew a role's speed; returns the metres that it moves along in this tick."""
    role = stage.roles[r]
    if role.drive == _NOWHERE:
        return role.speed * slot.dt
    k = int(role.drive)
    deed = stage.actions[k].deed
    if deed == _SPEED:
        return _change_speed(slot, bodies, stage, k, role)
    if deed == _PROFILE:
        return _follow_profile(slot, stage, k, role)
    if deed == _GAP:
        return _keep_gap(slot, road, bodies, stage, k, role)
    return _arrive(slot, road, bodies, stage, k, role)


@hot_kernel
def _done(stage: Stage, k: int, role: Row) -> None:
    """The action in force along has reached its end; the speed is kept from now on."""
    stage.actions[k].phase = _ENDED
    role.drive = _NOWHERE


@hot_kernel
def _change_speed(slot: Row, bodies: Table, stage: Stage, k: int, role: Row) -> float:
    """One tick of a transition; a relative target that is continuous is followed for ever."""
    action = stage.actions[k]
    if action.continuous and action.gone >= action.length:
        action.first, action.change = wanted_speed(slot, bodies, action), 0.0
    if action.length <= 0.0:
        role.speed = action.first + action.change
        way = role.speed * slot.dt
        if not action.continuous:
            _done(stage, k, role)
        return way
    length = action.length
    shape = int(action.shape)
    u0 = action.gone / length
    action.gone = (slot.tick + 1 - action.began) * slot.dt
    u1 = action.gone / length
    if action.gone >= length - ROUNDING:
        u1 = max(u1, 1.0)
    area = ramp_area(shape, u1) - ramp_area(shape, u0)
    way = action.first * slot.dt
    if math.isfinite(length):
        way += action.change * length * area
    role.speed = action.first + action.change * ramp(shape, u1)
    if u1 >= 1.0 and not action.continuous:
        _done(stage, k, role)
    return way


@hot_kernel
def _follow_profile(slot: Row, stage: Stage, k: int, role: Row) -> float:
    """Speeds at times since the action began, linear between them; the last one is kept."""
    action = stage.actions[k]
    before = role.speed
    time = (slot.tick + 1 - action.began) * slot.dt
    row, part = piece_at_time(stage, action, time)
    first = stage.knots[row].speed
    role.speed = first + part * (stage.knots[row + 1].speed - first)
    if time >= stage.knots[action.knots_at + action.knots_n - 1].time:
        _done(stage, k, role)
    return 0.5 * (before + role.speed) * slot.dt


@hot_kernel
def _keep_gap(slot: Row, road: Road, bodies: Table, stage: Stage, k: int, role: Row) -> float:
    """Keep a distance or time gap: rigidly, or within limits as a damped spring would."""
    action = stage.actions[k]
    other = bodies[standing_at(slot, action.of)]
    error = gap_error(slot, road, bodies, action, role)
    before = role.speed
    rigid = not (
        math.isfinite(action.max_accel)
        or math.isfinite(action.max_brake)
        or math.isfinite(action.max_speed)
    )
    if rigid:
        way = error + other.speed * slot.dt + 0.5 * other.accel * slot.dt * slot.dt
        role.speed = max(other.speed + other.accel * slot.dt, 0.0)
    else:
        wanted = _STIFFNESS * error + 2.0 * math.sqrt(_STIFFNESS) * (other.speed - role.speed)
        wanted = min(max(wanted, -action.max_brake), action.max_accel)
        role.speed = min(max(before + wanted * slot.dt, 0.0), action.max_speed)
        way = 0.5 * (before + role.speed) * slot.dt
    if not action.continuous and abs(error) <= _KEPT:
        _done(stage, k, role)
    return way


@hot_kernel
def _arrive(slot: Row, road: Road, bodies: Table, stage: Stage, k: int, role: Row) -> float:
    """Arrive at a place when another body arrives at another one (see `meeting_speed`)."""
    action = stage.actions[k]
    master = bodies[standing_at(slot, action.of)]
    left = (action.x - master.x) * math.cos(master.heading)
    left += (action.y - master.y) * math.sin(master.heading)
    if role.ground == _ON_PATH:
        way_left = action.own_s - role.s
    else:
        s, _ = ground_coordinates(road, role, stage.knots, action.own_x, action.own_y)
        way_left = role.along * (s - role.s)
    before = role.speed
    time = left / master.speed if master.speed > 0.0 else math.inf
    if left <= master.speed * slot.dt or way_left <= before * slot.dt:
        if action.has_final:
            role.speed = action.target
        _done(stage, k, role)
    elif action.has_final:
        role.speed = meeting_speed(before, action.target, way_left, time, action.steady, slot.dt)
    else:
        role.speed = way_left / time if math.isfinite(time) else 0.0
        return role.speed * slot.dt
    return 0.5 * (before + role.speed) * slot.dt


@hot_kernel
def meeting_speed(
    speed: float, final: float, way: float, time: float, steady: float, dt: float
) -> float:
    """The speed after the next tick [m/s] of one who is to be `way` metres on in `time` seconds.

    The last `steady` metres are driven at the final speed. One who stands waits until the rest can
    be driven at a constant acceleration; one who moves changes its speed so that two equally long
    parts of constant acceleration, planned anew at every tick, lead to the final speed there.
    """
    if not math.isfinite(time):
        return speed
    way -= steady
    time -= steady / final if final > 0.0 else 0.0
    if way <= speed * dt or time <= dt:
        return final
    if speed == 0.0:
        needed = 2.0 * way / final if final > 0.0 else 0.0
        return 0.0 if time > needed else final * dt / time
    if abs(0.5 * (speed + final) * time - way) <= 0.5 * final * dt:
        return speed + (final - speed) * dt / time
    middle = max(2.0 * way / time - 0.5 * (speed + final), 0.0)
    return max(speed + (middle - speed) * dt / (0.5 * time), 0.0)
