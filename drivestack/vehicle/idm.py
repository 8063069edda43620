"""Longitudinal driver models of highway-env: the Intelligent Driver Model and the linear driver.

Scalar functions of one evaluating driver and one leader, shared by traffic, experts and rule
planners. The association of every sum is highway-env's (behavior.py), so bits agree.
"""

from __future__ import annotations

import math

from ..core.compiled import inlined_kernel, kernel


@inlined_kernel
def not_zero(value: float) -> float:
    """A divisor kept at least 0.01 away from zero; utils.py:not_zero (0 counts as positive)."""
    if abs(value) > 1e-2:
        return value
    return 1e-2 if value >= 0.0 else -1e-2


@inlined_kernel
def free_acceleration(speed: float, target_speed: float, delta: float, comfort_max: float) -> float:
    """Acceleration [m/s2] on a free road.

    Args:
        speed: signed [m/s]; reverse counts as standing.
        target_speed: already clipped to [0, limit of the lane] where there is a limit [m/s].
        delta: exponent. comfort_max: [m/s2].
    """
    return comfort_max * (1.0 - math.pow(max(speed, 0.0) / abs(not_zero(target_speed)), delta))


@inlined_kernel
def desired_gap(
    speed: float,
    cos_h: float,
    sin_h: float,
    front_speed: float,
    front_cos: float,
    front_sin: float,
    distance_wanted: float,
    time_wanted: float,
    comfort_max: float,
    comfort_min: float,
) -> float:
    """The distance [m] to keep from a leader, with its velocity projected on the own direction.

    Not floored at zero: behind a much faster leader it is negative, and `interaction` squares it.

    Args:
        speed, cos_h, sin_h: own speed [m/s] and direction. front_speed, front_cos, front_sin: the
            leader's. distance_wanted: at standstill [m]. time_wanted: headway [s].
        comfort_max, comfort_min: largest and smallest comfortable acceleration [m/s2].
    """
    closing_x = speed * cos_h - front_speed * front_cos
    closing_y = speed * sin_h - front_speed * front_sin
    closing = closing_x * cos_h + closing_y * sin_h
    comfort = -comfort_max * comfort_min
    return (distance_wanted + speed * time_wanted) + (speed * closing) / (2.0 * math.sqrt(comfort))


@inlined_kernel
def interaction(gap_wanted: float, distance: float, comfort_max: float) -> float:
    """What a leader takes off the free acceleration [m/s2]; both signs vanish in the square."""
    ratio = gap_wanted / not_zero(distance)
    return comfort_max * (ratio * ratio)


@kernel
def linear_acceleration(
    speed: float,
    target_speed: float,
    led: bool,
    front_speed: float,
    distance: float,
    distance_wanted: float,
    time_wanted: float,
    speed_gain: float,
    closing_gain: float,
    gap_gain: float,
) -> float:
    """``LinearVehicle``'s acceleration [m/s2]: linear in three features.

    Args:
        target_speed: not clipped to any limit [m/s]; the own speed for a body without one.
        led: there is a leader; without one `front_speed` and `distance` are not used.
        speed_gain, closing_gain [1/s], gap_gain [1/s2]: ``ACCELERATION_PARAMETERS``.
    """
    closing = gap = 0.0
    if led:
        closing = min(front_speed - speed, 0.0)
        gap = min(distance - (distance_wanted + max(speed, 0.0) * time_wanted), 0.0)
    return speed_gain * (target_speed - speed) + closing_gain * closing + gap_gain * gap
