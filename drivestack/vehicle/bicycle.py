"""Bicycle models: highway-env's kinematic and linear-tyre plants, bit for bit.

Both advance one row of `BODY` by one tick of its slot; the lane is looked up by the caller.
`Slot.clamped` keeps speeds from falling below zero; without it both equal highway-env 1.12.1 in
portable arithmetic, which fixes the association of every sum and product here.
"""

from __future__ import annotations

import math

from ..core.compiled import inlined_kernel, kernel
from ..core.tables import Row


@inlined_kernel
def clip_action(body: Row, slot: Row) -> None:
    """Override or limit the action in force; highway-env's ``Vehicle.clip_actions``.

    A crashed body brakes by its own speed per second and holds its wheels straight. Beyond the
    speed limits the acceleration is bounded, so the speed may exceed them for a while.
    """
    if body.crashed:
        body.steer = 0.0
        body.accel = -1.0 * body.speed
    if body.speed > slot.max_speed:
        body.accel = min(body.accel, 1.0 * (slot.max_speed - body.speed))
    elif body.speed < slot.min_speed:
        body.accel = max(body.accel, 1.0 * (slot.min_speed - body.speed))


@inlined_kernel
def step_kinematic(body: Row, slot: Row) -> None:
    """Explicit Euler on the kinematic bicycle about the centre; highway-env's ``Vehicle.step``.

    A stored impact displaces the body and marks it as crashed, before the heading turns.
    """
    clip_action(body, slot)
    beta = 0.0
    if body.steer != 0.0:  # the shortcut for straight driving is exact
        beta = math.atan(0.5 * math.tan(body.steer))
    body.x += (body.speed * math.cos(body.heading + beta)) * slot.dt
    body.y += (body.speed * math.sin(body.heading + beta)) * slot.dt
    if body.has_impact:
        body.x += body.impact_x
        body.y += body.impact_y
        body.crashed = True
        body.has_impact = False
    body.heading += ((body.speed * math.sin(beta)) / (body.length / 2.0)) * slot.dt
    body.speed += body.accel * slot.dt
    if slot.clamped:
        body.speed = max(body.speed, 0.0)


@kernel
def euler_step(
    x: float, y: float, yaw: float, v: float, accel: float, steer: float, length: float, dt: float
) -> tuple[float, float, float, float]:
    """Pose and speed after `step_kinematic` of a car that never drives backwards; for predictions.

    Args:
        x, y, yaw: of the centre. v: [m/s]. length: twice either lever arm [m].
    """
    beta = math.atan(0.5 * math.tan(steer))
    x += v * math.cos(yaw + beta) * dt
    y += v * math.sin(yaw + beta) * dt
    yaw += v * math.sin(beta) / (length / 2.0) * dt
    return x, y, yaw, max(v + accel * dt, 0.0)


@kernel
def tyre_derivative(
    heading: float,
    speed: float,
    lateral_speed: float,
    yaw_rate: float,
    steer: float,
    half: float,
    inertia: float,
    stiffness: float,
    low_speed: float,
) -> tuple[float, float, float, float]:
    """Rates of x, y, lateral speed and yaw rate with linear tyres; mass 1 kg.

    Rajamani, Vehicle Dynamics and Control (2011), equations 2.21 to 2.28, as
    ``BicycleVehicle.derivative_func`` writes them.

    Args:
        half: distance from the centre to either axle [m]. inertia: about the vertical axis [m2].
        stiffness: of one tyre [N/rad per kg]. low_speed: below it [m/s] slip is damped instead.
    """
    front_slip = math.atan2(lateral_speed + half * yaw_rate, speed)
    rear_slip = math.atan2(lateral_speed - half * yaw_rate, speed)
    front = 2.0 * stiffness * (steer - front_slip)
    rear = 2.0 * stiffness * (0.0 - rear_slip)
    if abs(speed) < low_speed:
        front = -lateral_speed - inertia / half * yaw_rate
        rear = -lateral_speed + inertia / half * yaw_rate
    c, s = math.cos(heading), math.sin(heading)
    return (
        c * speed - s * lateral_speed,
        s * speed + c * lateral_speed,
        (front + rear) - yaw_rate * speed,
        1.0 / inertia * (half * front - half * rear),
    )


@kernel
def step_dynamic(body: Row, slot: Row) -> None:
    """Fourth-order Runge-Kutta on the linear-tyre bicycle; highway-env's ``BicycleVehicle.step``.

    The control is constant over the step. A stored impact is never applied.
    """
    clip_action(body, slot)
    body.steer = min(max(body.steer, -math.pi / 2.0), math.pi / 2.0)
    body.yaw_rate = min(max(body.yaw_rate, -slot.max_yaw_rate), slot.max_yaw_rate)
    half = body.length / 2.0
    # highway-env: INERTIA_Z of a homogeneous rectangle, MASS 1
    inertia = 1.0 / 12.0 * (body.length * body.length + body.width * body.width)
    dt, accel, steer = slot.dt, body.accel, body.steer
    heading, speed, lateral, rate = body.heading, body.speed, body.lateral_speed, body.yaw_rate
    h, v, w, r = heading, speed, lateral, rate
    sum_x = sum_y = sum_h = sum_v = sum_w = sum_r = 0.0
    for stage in range(4):
        weight = 1.0 if stage == 0 or stage == 3 else 2.0
        dx, dy, dw, dr = tyre_derivative(
            h, v, w, r, steer, half, inertia, slot.tyre_stiffness, slot.low_speed
        )
        sum_x += weight * dx
        sum_y += weight * dy
        sum_h += weight * r
        sum_v += weight * accel
        sum_w += weight * dw
        sum_r += weight * dr
        ahead = dt if stage == 2 else dt / 2.0
        h, v = heading + r * ahead, speed + accel * ahead
        w, r = lateral + dw * ahead, rate + dr * ahead
    body.x += dt / 6.0 * sum_x
    body.y += dt / 6.0 * sum_y
    body.heading = heading + dt / 6.0 * sum_h
    body.speed = speed + dt / 6.0 * sum_v
    body.lateral_speed = lateral + dt / 6.0 * sum_w
    body.yaw_rate = rate + dt / 6.0 * sum_r
    if slot.clamped:
        body.speed = max(body.speed, 0.0)
