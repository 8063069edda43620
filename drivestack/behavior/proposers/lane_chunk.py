"""Roll one candidate of `pdm_lane` out along a line, compiled.

A candidate is a line and a way to choose the speed: a share of what the line allows behind whoever
is ahead, the same but for crossing traffic, a stop before a place, or plain braking.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numpy.typing import NDArray

from drivestack.behavior.road import Body
from drivestack.behavior.rollout import behind_leader, carried_on, moved, steered
from drivestack.behavior.seen import Room, gap_is_safe, leader_at
from drivestack.core.compiled import hot_kernel, inlined_kernel, kernel
from drivestack.core.lines import project, sample
from drivestack.core.tables import Row
from drivestack.vehicle.idm import free_acceleration


class Course(NamedTuple):
    """A line to follow.

    line: (P, 3), of which n rows hold, `spacing` [m] apart. allowed: (P,) speed [m/s].
    until: (P,) the same while the ego is not in the line's lane yet. end: where it ends for good,
    s [m]; infinite: nowhere. aside: where the ego waits for a gap,
    lateral [m]; 0 for the lane that it is in.
    """

    line: NDArray
    n: int
    spacing: float
    allowed: NDArray
    until: NDArray
    end: float
    aside: float


class Manner(NamedTuple):
    """How the speed is chosen.

    target: share of the allowed speed. accel: [m/s2]. stop: s [m] at which the front stops;
    infinite: none. braking: at least as hard [m/s2], whatever is ahead; 0: no matter. room: of
    the gap that a lane change waits for. yields: while it waits it falls back, without haste,
    behind whoever is ahead in the line's lane.
    """

    target: float
    accel: float
    stop: float
    braking: float
    room: Room
    yields: bool


@hot_kernel
def _moved_aside(lateral: float, look: float, speed: float, driver: Row) -> float:
    """What is left [m] of a lateral distance `look` metres ahead, at a bounded lateral speed."""
    most = min(driver.aside_speed * look / max(speed, 1.0), driver.aside_slope * look)
    return math.copysign(max(abs(lateral) - most, 0.0), lateral)


@hot_kernel
def _allowed(course: Course, s: float, soon: float, lateral: float, waits: bool) -> float:
    """Speed [m/s] allowed at s and a moment later; until the ego is in the lane, where it is."""
    speeds = course.allowed
    if waits or abs(lateral) > 0.5 * abs(course.aside) > 0.0:
        speeds = course.until
    last = course.n - 1
    here = speeds[min(max(int(s / course.spacing), 0), last)]
    return min(here, speeds[min(max(int(soon / course.spacing), 0), last)])


@hot_kernel
def _to_stop(left: float, speed: float, driver: Row) -> float:
    """Acceleration [m/s2] that stops after so many metres: none before braking has to begin."""
    if speed <= 0.0:
        return 0.0 if left < driver.before else math.inf
    needed = 0.5 * speed * speed / max(left, 0.01)
    step_ahead = speed * driver.dt
    if left > 0.0 and 0.5 * speed * speed / max(left - step_ahead, 0.01) < driver.stopping:
        return math.inf
    return -needed


@hot_kernel
def _ahead(
    course: Course,
    seen: NDArray,
    kept: int,
    j: int,
    s: float,
    lateral: float,
    waits: bool,
    size: NDArray,
    corridor: float,
) -> tuple[float, float]:
    """Gap [m] to and speed [m/s] of whatever is ahead: someone in the ego's way, or the end."""
    half = 0.5 * size[0]
    gap, front = leader_at(seen, kept, j, s, lateral, half, corridor)
    if not waits and lateral != 0.0:
        other, speed = leader_at(seen, kept, j, s, 0.0, half, corridor)
        if other < gap:
            gap, front = other, speed
    if course.end - s - half < gap:
        gap, front = course.end - s - half, 0.0
    return gap, front


@inlined_kernel
def _eased(wanted: float, now: float, most: float) -> float:
    """What is wanted, at most so much from what is in force."""
    return min(max(wanted, now - most), now + most)


@inlined_kernel
def _braked(accel: float, now: float, braking: float, driver: Row) -> float:
    """An acceleration with a manner's own braking [m/s2], and with ease unless that is abrupt."""
    if braking > 0.0:
        accel = min(accel, -braking)
    return _eased(accel, now, driver.jerk * driver.dt) if braking < driver.abrupt else accel


@kernel
def drive_along(
    course: Course,
    manner: Manner,
    body: Body,
    seen: NDArray,
    kept: int,
    every: int,
    driver: Row,
    states: NDArray,
    controls: NDArray,
) -> bool:
    """Write a chunk (T, ·); False where the ego waits for a gap to the end.

    `seen` and `kept` are those of `seen.from_line`, with a column for every `every` steps.
    """
    x, y, yaw, v = body.state[0], body.state[1], body.state[2], max(body.state[3], 0.0)
    now, steer, size, dt = body.accel, body.steer, body.size, driver.dt
    line, n, spacing = course.line, course.n, course.spacing
    corridor = 0.5 * size[1] + driver.margin
    s, lateral = project(line, 0, n - 1, spacing, x, y)
    waits = course.aside != 0.0
    look_time = driver.change_look if abs(lateral) > driver.aside_least else driver.look_time
    gap, front, beside, pace, at = math.inf, 0.0, math.inf, 0.0, s
    for t in range(states.shape[0]):
        if t % every == 0:
            j, at = t // every, s
            if waits:
                waits = not gap_is_safe(
                    seen, kept, j, s, v, 0.5 * size[0], corridor, manner.room, driver
                )
            gap, front = _ahead(course, seen, kept, j, s, lateral, waits, size, corridor)
            if waits and manner.yields:
                beside, pace = leader_at(seen, kept, j, s, 0.0, 0.5 * size[0], corridor)
        later = (t % every) * dt
        left = gap + front * later - (s - at)
        wanted = manner.target * _allowed(course, s, s + v * driver.foresight, lateral, waits)
        free = free_acceleration(v, wanted, driver.exponent, manner.accel)
        if manner.stop < math.inf:
            free = min(free, _to_stop(manner.stop - s - 0.5 * size[0], v, driver))
        accel = behind_leader(driver, max(free, -driver.comfort_decel), v, left, front)
        if waits and manner.yields:
            back = behind_leader(driver, free, v, beside + pace * later - (s - at), pace)
            accel = min(accel, max(back, -driver.yielding))
        now = accel = max(_braked(accel, now, manner.braking, driver), -v / dt)
        look = max(look_time * v, driver.look_least)
        aim_x, aim_y, along = sample(line, n, spacing, s + look)
        middle = course.aside if waits else 0.0
        offset = middle + _moved_aside(lateral - middle, look, v, driver)
        aim_x, aim_y = aim_x - offset * math.sin(along), aim_y + offset * math.cos(along)
        turned = steered(driver, x, y, yaw, steer, size[0], aim_x, aim_y)
        steer = _eased(turned, steer, driver.swerve * size[0] / max(v * v, 1.0) * dt)
        x, y, yaw, v = moved(x, y, yaw, v, accel, steer, size[0], dt)
        s = carried_on(line, n, spacing, s, v * dt, x, y)
        ahead_x, ahead_y, along = sample(line, n, spacing, s)
        lateral = (y - ahead_y) * math.cos(along) - (x - ahead_x) * math.sin(along)
        states[t, 0], states[t, 1], states[t, 2], states[t, 3] = x, y, yaw, v
        controls[t, 0], controls[t, 1] = accel, steer
    return not waits
