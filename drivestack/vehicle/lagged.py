"""A car behind its actuators: transport delay, first-order lags, rate limits, friction circle."""

from __future__ import annotations

import math

from ..core.compiled import kernel
from ..core.tables import Row
from .bicycle import step_kinematic


@kernel
def lag(state: float, command: float, time_constant: float, rate: float, dt: float) -> float:
    """An actuator's next state: exact first-order response to a held command, rate limited.

    Args:
        state, command: of the same unit. time_constant: [s], 0 for none.
        rate: largest change per second. dt: [s].
    """
    wanted = command
    if time_constant > 0.0:
        wanted = state - math.expm1(-dt / time_constant) * (command - state)
    return min(max(wanted, state - rate * dt), state + rate * dt)


@kernel
def on_friction_circle(
    accel: float, steer: float, speed: float, length: float, friction: float
) -> tuple[float, float]:
    """The action that tyres can pass on: both accelerations shrink together [m/s2].

    Args:
        accel, steer: of the actuators. speed: [m/s]. length: twice the distance of an axle from
            the centre [m]. friction: radius of the circle [m/s2].

    Returns:
        The acceleration, and the steering angle whose path the body really takes (understeer).
    """
    slip = math.sin(math.atan(0.5 * math.tan(steer)))
    lateral = speed * speed * slip / (length / 2.0)
    size = math.sqrt(accel * accel + lateral * lateral)
    if size <= friction:
        return accel, steer
    part = friction / size
    return accel * part, math.atan(2.0 * math.tan(math.asin(slip * part)))


@kernel
def step_lagged(body: Row, slot: Row) -> None:
    """One tick: the command in `body.accel`, `body.steer` passes the actuators and moves the body.

    The actuators' states stand in `slot.applied_accel`, `slot.applied_steer`; the action that
    really moved the body is left in `body.accel`, `body.steer`, so a command must be written
    before every tick. A crashed body obeys no actuator.
    """
    if not body.crashed:
        accel, steer = body.accel, body.steer
        if slot.delay > 0:
            place = slot.tick % slot.delay
            accel, slot.pending_accel[place] = slot.pending_accel[place], accel
            steer, slot.pending_steer[place] = slot.pending_steer[place], steer
        steer = min(max(steer, -slot.max_steering), slot.max_steering)
        slot.applied_accel = lag(slot.applied_accel, accel, slot.accel_lag, slot.max_jerk, slot.dt)
        slot.applied_steer = lag(
            slot.applied_steer, steer, slot.steer_lag, slot.max_steer_rate, slot.dt
        )
        body.accel, body.steer = on_friction_circle(
            slot.applied_accel, slot.applied_steer, body.speed, body.length, slot.friction
        )
    step_kinematic(body, slot)
