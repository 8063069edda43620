"""Lane-following controllers of highway-env: cascaded, linear, and the speed controller."""

from __future__ import annotations

import math

from ..core.compiled import inlined_kernel, kernel
from ..core.frames import wrap_to_pi
from .idm import not_zero


@inlined_kernel
def clamp(value: float, low: float, high: float) -> float:
    """A value limited to [low, high]; numpy's clip."""
    return min(max(value, low), high)


@inlined_kernel
def steering_control(
    lateral: float,
    future_heading: float,
    heading: float,
    speed: float,
    length: float,
    kp_lateral: float,
    kp_heading: float,
    max_steering: float,
) -> float:
    """Steering angle [rad] that follows a lane; ``ControlledVehicle.steering_control``.

    Lateral error to lateral speed, to heading, to heading rate, to slip, to steering angle. It
    divides by the signed speed, so in reverse the loop is unstable, as in highway-env.

    Args:
        lateral: offset from the centre line in the map's frame [m].
        future_heading: of the lane where the body is `tau_pursuit` later [rad].
        heading: of the body [rad]. speed: [m/s]. length: [m].
        kp_lateral, kp_heading: gains [1/s]. max_steering: [rad].
    """
    if lateral == 0.0 and future_heading == heading:
        return 0.0  # every term below is zero; most cars on straight lanes are exactly centred
    divisor = not_zero(speed)
    lateral_speed = -kp_lateral * lateral
    turn = math.asin(clamp(lateral_speed / divisor, -1.0, 1.0))
    reference = future_heading + clamp(turn, -math.pi / 4.0, math.pi / 4.0)
    rate = kp_heading * wrap_to_pi(reference - heading)
    slip = math.asin(clamp(length / 2.0 / divisor * rate, -1.0, 1.0))
    return clamp(math.atan(2.0 * math.tan(slip)), -max_steering, max_steering)


@kernel
def linear_steering(
    lateral: float,
    future_heading: float,
    heading: float,
    speed: float,
    length: float,
    heading_gain: float,
    lateral_gain: float,
) -> float:
    """``LinearVehicle``'s steering angle [rad], not yet limited; arguments as above."""
    divisor = not_zero(speed)
    turn = wrap_to_pi(future_heading - heading) * length / divisor
    # Python's ** is libm's pow, which is not always v * v; LLVM would fold a plain exponent 2
    square = math.pow(divisor, 2.0 + 0.0 * divisor)
    shift = -lateral * length / square
    return heading_gain * turn + lateral_gain * shift


@inlined_kernel
def speed_control(speed: float, target_speed: float, kp_a: float) -> float:
    """Acceleration [m/s2] towards a target speed, not limited; ``speed_control``."""
    return kp_a * (target_speed - speed)
