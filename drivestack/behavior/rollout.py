"""Steps that proposers share when they roll a chunk out along a line, compiled.

`driver` is a row of a proposer's parameters: IDM's `gap`, `headway`, `accel`, `comfort_decel` and
`max_decel`, `max_steer`, `steer_rate` and `dt`.
"""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.lines import project
from drivestack.core.tables import Row
from drivestack.vehicle.bicycle import euler_step
from drivestack.vehicle.idm import desired_gap, interaction
from drivestack.vehicle.pursuit import pursuit_steering


@kernel
def behind_leader(driver: Row, free: float, speed: float, gap: float, front: float) -> float:
    """What IDM leaves of a free acceleration [m/s2] at a gap [m] (infinite: no leader)."""
    accel = free
    if gap < math.inf:
        wanted = desired_gap(
            speed,
            1.0,
            0.0,
            front,
            1.0,
            0.0,
            driver.gap,
            driver.headway,
            driver.accel,
            -driver.comfort_decel,
        )
        # A gap that has closed asks for everything; a negative desired gap for nothing.
        accel -= interaction(max(wanted, 0.0), max(gap, 0.1), driver.accel)
    return max(accel, -driver.max_decel)


@kernel
def steered(
    driver: Row,
    x: float,
    y: float,
    yaw: float,
    steer: float,
    length: float,
    aim_x: float,
    aim_y: float,
) -> float:
    """Steering angle [rad] towards a point, within the steering rate."""
    wanted = pursuit_steering(x, y, yaw, length, aim_x, aim_y, driver.max_steer)
    most = driver.steer_rate * driver.dt
    return min(max(wanted, steer - most), steer + most)


@kernel
def moved(
    x: float, y: float, yaw: float, v: float, accel: float, steer: float, length: float, dt: float
) -> tuple[float, float, float, float]:
    """One explicit Euler step of the kinematic bicycle, the yaw in [-pi, pi)."""
    x, y, yaw, v = euler_step(x, y, yaw, v, accel, steer, length, dt)
    return x, y, wrap_to_pi(yaw), v


@kernel
def carried_on(
    line: NDArray, n: int, spacing: float, s: float, travelled: float, x: float, y: float
) -> float:
    """The coordinate [m] on a line after a step of so many metres from s."""
    first = min(max(int(s / spacing) - 2, 0), n - 2)
    last = min(first + 8 + int(travelled / spacing), n - 1)
    s, _ = project(line, first, last, spacing, x, y)
    return s
