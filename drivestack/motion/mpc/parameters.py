"""What the MPC wants and what it may do: weights, bounds, the grid of its horizon."""

from __future__ import annotations

import math
from dataclasses import dataclass

from drivestack.vehicle.parameters import GRAVITY


@dataclass(frozen=True, slots=True)
class Weights:
    """Of half the squared error of every stage; each our choice, found on `tests/motion/mpc`.

    Attributes:
        along, across: position in the plan's frame [1/m2]. yaw: [1/rad2]. speed: [s2/m2].
        steer: off the plan's own steering angle [1/rad2]. accel: off its acceleration [s4/m2].
        steer_rate, jerk: of the whole range squared.
        excess_corridor, excess_friction, excess_speed: of slack, linear [1/m, s2/m, s/m]; far
        above the others, so that a soft limit holds wherever it can. excess: quadratic, of all.
    """

    along: float = 2.0
    across: float = 8.0
    yaw: float = 20.0
    speed: float = 2.0
    steer: float = 5.0
    accel: float = 0.1
    steer_rate: float = 0.05
    jerk: float = 0.05
    excess_corridor: float = 100.0
    excess_friction: float = 100.0
    excess_speed: float = 1000.0
    excess: float = 100.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the vehicle can do.

    Attributes:
        steer_rate: of the front wheels [rad/s]; that of the safety layer's envelope.
        jerk: [m/s3]; brake build-up of `vehicle.parameters.Actuators`.
        steer: [rad]; highway-env's MAX_STEERING_ANGLE.
        least_accel, most_accel: [m/s2]; those of the envelope. most_speed: [m/s]; highway-env's
        MAX_SPEED. friction: radius of the circle [m/s2], dry asphalt as in `Actuators`.
        corridor: half width about the plan [m], soft; our choice, less than what a 2 m wide car
        leaves free in a 4 m lane.
    """

    steer_rate: float = 1.0
    jerk: float = 12.65
    steer: float = math.pi / 3.0
    least_accel: float = -8.0
    most_accel: float = 4.0
    most_speed: float = 40.0
    friction: float = 0.8 * GRAVITY
    corridor: float = 0.5
