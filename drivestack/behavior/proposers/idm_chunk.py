"""Roll a chunk of `idm` out along a line: IDM for the speed, pure pursuit of the line; compiled."""

from __future__ import annotations

import math
from typing import NamedTuple

from numpy.typing import NDArray

from drivestack.behavior.leader import leader
from drivestack.behavior.mobil import Near
from drivestack.behavior.rollout import behind_leader, carried_on, moved, steered
from drivestack.core.compiled import kernel
from drivestack.core.lines import project, sample
from drivestack.core.tables import Row
from drivestack.vehicle.idm import free_acceleration


class Course(NamedTuple):
    """A line to follow: (P, 3) with its n rows, the speed allowed at each, its end [m].

    `beside` is who drives ahead on the lane that is being left.
    """

    line: NDArray
    n: int
    spacing: float
    allowed: NDArray
    end: float
    beside: Near


@kernel
def _for_the_road(driver: Row, speed: float, target: float, soon: float) -> float:
    """IDM along a line without a leader [m/s2], comfortable.

    IDM alone would lag behind a target that falls, so it may not exceed what leads to the speed
    `soon` allowed `foresight` seconds ahead.
    """
    free = free_acceleration(speed, target, driver.exponent, driver.accel)
    return max(min(free, (soon - speed) / driver.foresight), -driver.comfort_decel)


@kernel
def _aimed_aside(lateral: float, look: float, speed: float, driver: Row) -> float:
    """The distance [m] from the line to aim at, `look` metres ahead, at a bounded lateral speed."""
    if abs(lateral) <= driver.on_line:
        return 0.0
    most = min(driver.aside_speed * look / max(speed, 1.0), driver.aside_slope * look)
    return math.copysign(max(abs(lateral) - most, 0.0), lateral)


@kernel
def chunk_along(
    course: Course,
    ego: NDArray,
    steer: float,
    size: NDArray,
    others: NDArray,
    kept: int,
    driver: Row,
    states: NDArray,
    controls: NDArray,
) -> None:
    """Roll one chunk out: IDM for the speed, pure pursuit for the steering, explicit Euler."""
    x, y, yaw, v = ego[0], ego[1], ego[2], max(ego[3], 0.0)
    line, n, spacing, dt = course.line, course.n, course.spacing, driver.dt
    half = size[0] / 2
    s, _ = project(line, 0, n - 1, spacing, x, y)
    first = s
    for t in range(states.shape[0]):
        gap, front = leader(others, kept, s, t * dt, half, size[1] / 2, driver.margin, driver.drift)
        if course.end - s - half < gap:
            gap, front = course.end - s - half, 0.0
        row = min(max(int(s / spacing), 0), n - 1)
        soon = min(max(int((s + v * driver.foresight) / spacing), 0), n - 1)
        road = _for_the_road(driver, v, course.allowed[row], course.allowed[soon])
        left = course.beside.front_gap + course.beside.front_speed * t * dt - (s - first)
        accel = min(
            behind_leader(driver, road, v, gap, front),
            behind_leader(driver, road, v, left, course.beside.front_speed),
        )
        accel = max(accel, -v / dt)
        look = max(driver.look_time * v, driver.look_least)
        at_x, at_y, along = sample(line, n, spacing, s)
        lateral = (y - at_y) * math.cos(along) - (x - at_x) * math.sin(along)
        aim_x, aim_y, along = sample(line, n, spacing, s + look)
        aside = _aimed_aside(lateral, look, v, driver)
        aim_x, aim_y = aim_x - aside * math.sin(along), aim_y + aside * math.cos(along)
        steer = steered(driver, x, y, yaw, steer, size[0], aim_x, aim_y)
        x, y, yaw, v = moved(x, y, yaw, v, accel, steer, size[0], dt)
        s = carried_on(line, n, spacing, s, v * dt, x, y)
        states[t, 0], states[t, 1], states[t, 2], states[t, 3] = x, y, yaw, v
        controls[t, 0], controls[t, 1] = accel, steer
