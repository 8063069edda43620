"""Pure pursuit for the kinematic bicycle about its centre: the steering whose arc hits a point."""

from __future__ import annotations

import math

from ..core.compiled import kernel


@kernel
def pursuit_steering(
    x: float, y: float, yaw: float, length: float, aim_x: float, aim_y: float, max_steer: float
) -> float:
    """Steering angle [rad] of the arc from a pose through a point.

    With slip b at the centre the course is yaw + b and the curvature sin(b) / (length / 2); an arc
    through a point at distance d and angle a from the axis needs 2 sin(a - b) / d. Equating both
    gives tan(b) = sin(a) / (d / length + cos(a)), and tan(steer) = 2 tan(b).

    Args:
        x, y, yaw: the pose of the centre. length: of the body, twice either lever arm [m].
        aim_x, aim_y: the point [m]. max_steer: [rad].
    """
    c, s = math.cos(yaw), math.sin(yaw)
    dx, dy = aim_x - x, aim_y - y
    along, across = dx * c + dy * s, dy * c - dx * s
    distance = math.sqrt(dx * dx + dy * dy)
    if distance < 1e-6:
        return 0.0
    steer = math.atan2(2.0 * (across / distance), distance / length + along / distance)
    return min(max(steer, -max_steer), max_steer)
