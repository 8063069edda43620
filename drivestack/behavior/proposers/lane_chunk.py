"""Roll one candidate of `pdm_lane` out along a line, compiled.

A candidate is a line and a way to choose the speed: a share of what the line allows behind whoever
is ahead, the same but for crossing traffic, a stop before a place, or plain braking.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numpy.typing import NDArray

from drivestack.behavior.rollout import behind_leader, carried_on, moved, steered
from drivestack.behavior.seen import leader_at
from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.lines import project, sample
from drivestack.core.tables import Row
from drivestack.vehicle.idm import free_acceleration

ALL = -math.inf
"""Least speed along the line of one who counts as ahead: everyone does."""


class Course(NamedTuple):
    """A line to follow: (P, 3) with its n rows, the speed allowed at each, and its own end."""

    line: NDArray
    n: int
    spacing: float
    allowed: NDArray
    end: float


@hot_kernel
def _moved_aside(lateral: float, look: float, speed: float, driver: Row) -> float:
    """The distance [m] from the line to aim at, `look` metres ahead, at a bounded lateral speed."""
    most = min(driver.aside_speed * look / max(speed, 1.0), driver.aside_slope * look)
    return math.copysign(max(abs(lateral) - most, 0.0), lateral)


@kernel
def drive_along(
    course: Course,
    target: float,
    stop: float,
    braking: float,
    aligned: float,
    ego: NDArray,
    steer: float,
    size: NDArray,
    seen: NDArray,
    kept: int,
    every: int,
    driver: Row,
    states: NDArray,
    controls: NDArray,
) -> None:
    """Write a chunk (T, ·).

    Args:
        target: share of the allowed speed. stop: s [m] at which the front stops; infinite: none.
        braking: constant deceleration [m/s2] in place of all that; 0: none.
        aligned: least speed along the line [m/s] of who counts as ahead.
        seen, kept: from `seen.from_line`, a column for every `every` steps.
    """
    x, y, yaw, v = ego[0], ego[1], ego[2], max(ego[3], 0.0)
    line, n, spacing, dt = course.line, course.n, course.spacing, driver.dt
    half_length, corridor = 0.5 * size[0], 0.5 * size[1] + driver.margin
    s, lateral = project(line, 0, n - 1, spacing, x, y)
    changing = abs(lateral) > driver.aside_least
    look_time = driver.change_look if changing else driver.look_time
    gap, front, since = math.inf, 0.0, 0.0
    for t in range(states.shape[0]):
        if t % every == 0:
            gap, front = leader_at(seen, kept, t // every, s, half_length, corridor, aligned)
            if min(stop, course.end) - s - half_length < gap:
                gap, front = min(stop, course.end) - s - half_length, 0.0
            since = s - front * t * dt
        left = gap - (s - front * t * dt - since)
        row = min(max(int(s / spacing), 0), n - 1)
        soon = min(max(int((s + v * driver.foresight) / spacing), 0), n - 1)
        wanted = target * min(course.allowed[row], course.allowed[soon])
        free = free_acceleration(v, wanted, driver.exponent, driver.accel)
        accel = behind_leader(driver, max(free, -driver.comfort_decel), v, left, front)
        if braking > 0.0:
            accel = -braking
        accel = max(accel, -v / dt)
        look = max(look_time * v, driver.look_least)
        aim_x, aim_y, along = sample(line, n, spacing, s + look)
        offset = _moved_aside(lateral, look, v, driver)
        aim_x, aim_y = aim_x - offset * math.sin(along), aim_y + offset * math.cos(along)
        steer = steered(driver, x, y, yaw, steer, size[0], aim_x, aim_y)
        x, y, yaw, v = moved(x, y, yaw, v, accel, steer, size[0], dt)
        s = carried_on(line, n, spacing, s, v * dt, x, y)
        ahead_x, ahead_y, along = sample(line, n, spacing, s)
        lateral = (y - ahead_y) * math.cos(along) - (x - ahead_x) * math.sin(along)
        states[t, 0], states[t, 1], states[t, 2], states[t, 3] = x, y, yaw, v
        controls[t, 0], controls[t, 1] = accel, steer
