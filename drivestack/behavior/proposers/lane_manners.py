"""The ways to choose the speed along one line: what `pdm_lane` proposes for each, compiled."""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.behavior.crossings import stop_line
from drivestack.behavior.road import Body
from drivestack.behavior.seen import Room, first_conflict
from drivestack.core.compiled import kernel
from drivestack.core.lines import project
from drivestack.core.tables import Row

from .lane_chunk import Course, Manner, drive_along

MANNERS = 8
"""Three shares of the allowed speed behind whoever drives ahead (with the first the ego also falls
back behind those in a lane beside), and all of it at once; a stop where the map says that the
stretch with the first conflict begins, and one just before it; two ways to brake."""

(_YIELDING, _AT_ONCE, _WAIT, _CREEP, _BRAKE) = (0, 3, 4, 5, 6)


@kernel
def manners(
    course: Course,
    shared: NDArray,
    seen: NDArray,
    kept: int,
    body: Body,
    shares: NDArray,
    brakings: NDArray,
    every: int,
    room: Room,
    driver: Row,
    states: NDArray,
    controls: NDArray,
    valid: NDArray,
) -> None:
    """Fill the chunks (`MANNERS`, T, ·) of one line.

    Args:
        shared: from `crossings.shared_stretch`, `driver.fine` [m] apart from the ego on.
        seen, kept: from `seen.from_line`. shares: (4,). brakings: (2,) [m/s2].
        every, room: see `lane_chunk`. driver: the proposer's parameters.
    """
    s, _ = project(course.line, 0, course.n - 1, course.spacing, body.state[0], body.state[1])
    half, corridor = 0.5 * body.size[0], 0.5 * body.size[1] + driver.margin
    conflict = first_conflict(seen, kept, s, half, corridor)
    line = stop_line(shared, s, driver.fine, s + half, conflict)
    for k in range(MANNERS):
        target, accel, stop, braking = 1.0, driver.accel, math.inf, 0.0
        valid[k] = True
        if k <= _AT_ONCE:
            target = shares[k]
            accel = driver.brisk if k == _AT_ONCE else driver.accel
        elif k == _WAIT or k == _CREEP:
            stop = line if k == _WAIT and line < conflict else conflict - driver.before
            valid[k] = conflict < math.inf and (k == _WAIT or conflict != line)
        else:
            braking = brakings[k - _BRAKE]
        if valid[k]:
            manner = Manner(target, accel, stop, braking, room, k == _YIELDING)
            valid[k] = drive_along(
                course, manner, body, seen, kept, every, driver, states[k], controls[k]
            )
