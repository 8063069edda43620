"""Steps that proposers share when they roll a chunk out along a line, compiled.

`driver` is a row of a proposer's parameters: IDM's `gap`, `headway`, `accel`, `comfort_decel` and
`max_decel`, `max_steer`, `steer_rate` and `dt`.
"""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.lines import project
from drivestack.core.tables import Row
from drivestack.vehicle.bicycle import euler_step
from drivestack.vehicle.idm import desired_gap, interaction
from drivestack.vehicle.pursuit import pursuit_steering


@hot_kernel
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


@hot_kernel
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


@hot_kernel
def moved(
    x: float, y: float, yaw: float, v: float, accel: float, steer: float, length: float, dt: float
) -> tuple[float, float, float, float]:
    """One explicit Euler step of the kinematic bicycle, the yaw in [-pi, pi)."""
    x, y, yaw, v = euler_step(x, y, yaw, v, accel, steer, length, dt)
    return x, y, wrap_to_pi(yaw), v


@hot_kernel
def carried_on(
    line: NDArray, n: int, spacing: float, s: float, travelled: float, x: float, y: float
) -> float:
    """The coordinate [m] on a line after a step of so many metres from s."""
    first = min(max(int(s / spacing) - 2, 0), n - 2)
    last = min(first + 8 + int(travelled / spacing), n - 1)
    s, _ = project(line, first, last, spacing, x, y)
    return s


@hot_kernel
def logged_at(log: NDArray, n: int, place: float) -> tuple[float, float, float]:
    """x, y [m] and yaw [rad] of a log at a time in ticks; n >= 2 rows hold."""
    i = min(max(math.floor(place), 0), n - 2)
    part = max(place - i, 0.0)
    if part > 1.0:  # past the end: straight on at the last speed
        gone = (part - 1.0) * math.hypot(
            log[n - 1, 0] - log[n - 2, 0], log[n - 1, 1] - log[n - 2, 1]
        )
        yaw = log[n - 1, 2]
        return log[n - 1, 0] + gone * math.cos(yaw), log[n - 1, 1] + gone * math.sin(yaw), yaw
    x = log[i, 0] + part * (log[i + 1, 0] - log[i, 0])
    y = log[i, 1] + part * (log[i + 1, 1] - log[i, 1])
    return x, y, log[i, 2] + part * wrap_to_pi(log[i + 1, 2] - log[i, 2])


@hot_kernel
def aimed_at(
    log: NDArray, n: int, place: float, step: float, x: float, y: float, look: float, tries: int
) -> tuple[float, float]:
    """The first point [m] of the log from `place` on that is `look` metres away and ahead.

    A log that stays nearer (it stops) is prolonged along its heading.
    """
    aim_x, aim_y, yaw = logged_at(log, n, place)
    away = 0.0
    for _ in range(tries):
        dx, dy = aim_x - x, aim_y - y
        away = math.sqrt(dx * dx + dy * dy)
        if away >= look and dx * math.cos(yaw) + dy * math.sin(yaw) > 0.0:
            return aim_x, aim_y
        place += step
        aim_x, aim_y, yaw = logged_at(log, n, place)
    rest = max(look - away, 0.0)
    return aim_x + rest * math.cos(yaw), aim_y + rest * math.sin(yaw)


@kernel
def driven_by(ego: NDArray, size: NDArray, controls: NDArray, dt: NDArray, states: NDArray) -> None:
    """The states (B, T, 4) that controls (B, T, 2) lead egos (B, 4) to, written."""
    for b in range(states.shape[0]):
        x, y, yaw, v = ego[b, 0], ego[b, 1], ego[b, 2], max(ego[b, 3], 0.0)
        for t in range(states.shape[1]):
            accel, steer = controls[b, t, 0], controls[b, t, 1]
            x, y, yaw, v = moved(x, y, yaw, v, accel, steer, size[b, 0], dt[b])
            states[b, t, 0], states[b, t, 1], states[b, t, 2], states[b, t, 3] = x, y, yaw, v
