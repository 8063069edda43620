"""The lines that `pdm_lane` proposes to follow: the route's, and those of lanes, compiled."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.lane_line import lane_line
from drivestack.behavior.road import Body, Road
from drivestack.behavior.speed import comfortable_speed
from drivestack.core.compiled import kernel
from drivestack.core.lines import project, sample
from drivestack.core.tables import Row
from drivestack.roads.lanes import limit_of, local_coordinates, position

from .lane_chunk import Course

LINES = 4
"""The route's line, the present lane, the lane to the left, the lane to the right."""


class Desk(NamedTuple):
    """Scratch of one line: points (P, 3), limits (P,), speeds (P,) on it and before, raw (R, 3)."""

    line: NDArray
    limit: NDArray
    allowed: NDArray
    until: NDArray
    raw: NDArray


@kernel
def desk(route: int, along: int) -> Desk:
    """Room for lines of so many rows."""
    most = max(route, along)
    return Desk(
        np.zeros((most, 3)),
        np.zeros(most),
        np.zeros(most),
        np.zeros(most),
        np.zeros((2 * along + 4, 3)),
    )


@kernel
def course_of(
    road: Road, number: int, lane: int, here: int, body: Body, points: int, driver: Row, on: Desk
) -> Course:
    """Lay a line out on a desk; n < 2 where there is none.

    Args:
        number: of `LINES`. lane: to follow, not read for the route's line. here: the present one.
        points: most rows of a line along lanes.
    """
    x, y = body.state[0], body.state[1]
    if number == 0:
        apart, whole, n = road.spacing, road.line.shape[0], road.n
        on.line[:n], on.limit[:n] = road.line[:n], road.limit[:n]
    else:
        apart, whole = driver.spacing, points
        n = lane_line(
            road.map, road.links, road.wanted, lane, x, y, driver.behind, apart, on.raw,
            on.line[:points], on.limit,
        )  # fmt: skip
    end, aside = math.inf, 0.0
    if n >= 2:
        comfortable_speed(
            on.line, n, apart, on.limit, driver.max_lateral, driver.slowing, on.allowed
        )
        if n < whole:
            end = (n - 1) * apart
        if number >= 2:  # where the middle of the present lane is, seen from the other
            row = road.map.lanes[here]
            s, _ = local_coordinates(row, road.map.points, x, y)
            middle_x, middle_y = position(row, road.map.points, s, 0.0)
            _, aside = project(on.line, 0, n - 1, apart, middle_x, middle_y)
            own = limit_of(row)
            for i in range(n):
                on.limit[i] = max(on.limit[i], own)
            comfortable_speed(
                on.line, n, apart, on.limit, driver.max_lateral, driver.slowing, on.until
            )
    return Course(on.line, n, apart, on.allowed, on.until, end, aside)


@kernel
def is_route(course: Course, road: Road, s: float, reach: float, apart: float) -> bool:
    """Whether the route's line stays near a course for the next `reach` metres from s [m]."""
    for part in range(1, 5):
        x, y, _ = sample(course.line, course.n, course.spacing, s + 0.25 * part * reach)
        _, lateral = project(road.line, 0, road.n - 1, road.spacing, x, y)
        if abs(lateral) > apart:
            return False
    return True
