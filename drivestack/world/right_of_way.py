"""Right of way at intersections (highway-env 1.12.1 `road/regulation.py:RegulatedRoad`).

Twice a second all yielding cars are released and all pairs are tested for a conflict within three
seconds at constant speed; of two in conflict the one without priority gets target speed 0. Runs
after all decisions and before any motion, so a new target speed acts one tick later.
"""

from __future__ import annotations

import math

from drivestack.core.compiled import hot_kernel
from drivestack.core.tables import Driver, Plant, Row, Table
from drivestack.roads.graph import advance_along_route
from drivestack.roads.lanes import heading_at, position
from drivestack.vehicle.bicycle import step_dynamic, step_kinematic

from .driving import is_controlled
from .views import Road, Work

_IDM = int(Driver.IDM)
_LINEAR = int(Driver.LINEAR)
_DYNAMIC = int(Plant.DYNAMIC)


@hot_kernel
def regulate(slot: Row, road: Road, bodies: Table, routes: Table, work: Work) -> None:
    """Count the tick and, when it is time, enforce right of way."""
    slot.regulation_steps += 1
    if slot.regulation_steps % int(1.0 / slot.dt / slot.regulation_hz) != 0:
        return
    samples = int(math.ceil((slot.yield_horizon - slot.yield_step) / slot.yield_step))
    for k in range(slot.n):
        body = bodies[k]
        if body.yielding:
            body.target_speed = road.lanes[body.lane].speed_limit
            body.yielding = False
        if body.present:
            _predict(slot, road, bodies, routes, work, k, samples)
    for i in range(slot.n - 1):
        for j in range(i + 1, slot.n):
            if not (bodies[i].present and bodies[j].present):
                continue
            if _conflict(bodies[i], bodies[j], work.paths[i], work.paths[j], samples):
                loser = _loser(road, bodies, work, i, j)
                driver = bodies[loser].driver
                if driver == _IDM or driver == _LINEAR:
                    bodies[loser].target_speed = 0.0
                    bodies[loser].yielding = True


@hot_kernel
def _predict(
    slot: Row, road: Road, bodies: Table, routes: Table, work: Work, k: int, samples: int
) -> None:
    """Fill body k's path: along its route, or with its wheels held for a body without lane."""
    body = bodies[k]
    if is_controlled(body):
        for sample in range(samples):
            time = slot.yield_step + sample * slot.yield_step
            lane, s = advance_along_route(
                road.lanes, road.roads, body, routes[k], work.marks[k].own_s + body.speed * time
            )
            x, y = position(road.lanes[lane], road.points, s, 0.0)
            heading = heading_at(road.lanes[lane], road.points, s)
            _note(work.paths[k], sample, x, y, heading)
        return
    tyres = k == slot.ego and slot.plant == _DYNAMIC
    _predict_steered(slot, body, work.twin, tyres, work.paths[k], samples)


@hot_kernel
def _predict_steered(
    slot: Row, body: Row, twin: Table, tyres: bool, path: Table, samples: int
) -> None:
    """`Vehicle.predict_trajectory_constant_speed`: a twin's own steps with the last steering angle.

    A pending impact and the braking of a crashed vehicle are part of it. Nothing is clamped.
    """
    twin[0] = body
    ghost = twin[0]
    ghost.accel = 0.0
    dt = slot.dt
    clamped = slot.clamped
    slot.dt = slot.yield_step
    slot.clamped = False
    for sample in range(samples):
        if tyres:
            step_dynamic(ghost, slot)
        else:
            step_kinematic(ghost, slot)
        _note(path, sample, ghost.x, ghost.y, ghost.heading)
    slot.dt = dt
    slot.clamped = clamped


@hot_kernel
def _note(path: Table, sample: int, x: float, y: float, heading: float) -> None:
    path[sample, 0] = x
    path[sample, 1] = y
    path[sample, 2] = math.cos(heading)
    path[sample, 3] = math.sin(heading)


@hot_kernel
def _conflict(first: Row, second: Row, path_1: Table, path_2: Table, samples: int) -> bool:
    """Whether two predicted paths come into conflict; centres farther than i's length do not."""
    for sample in range(samples):
        a = path_1[sample]
        b = path_2[sample]
        dx = b[0] - a[0]
        dy = b[1] - a[1]
        if math.sqrt(dx * dx + dy * dy) > first.length:
            continue
        if _reaches_into(first, second, a, b) or _reaches_into(second, first, b, a):
            return True
    return False


@hot_kernel
def _reaches_into(first: Row, second: Row, a: Table, b: Table) -> bool:
    """Whether one of 9 points of the first enlarged box lies in the second.

    `utils.point_in_rotated_rectangle` turns by plus the angle where minus is right; reproduced.
    """
    half_l = 1.5 * first.length / 2
    half_w = 0.9 * first.width / 2
    for row in range(-1, 2):
        for column in range(-1, 2):
            along = row * half_l
            across = column * half_w
            x = (a[2] * along + -a[3] * across) + a[0] - b[0]
            y = (a[3] * along + a[2] * across) + a[1] - b[1]
            turned_x = b[2] * x + -b[3] * y
            turned_y = b[3] * x + b[2] * y
            in_length = abs(turned_x) <= 1.5 * second.length / 2
            if in_length and abs(turned_y) <= 0.9 * second.width / 2:
                return True
    return False


@hot_kernel
def _loser(road: Road, bodies: Table, work: Work, i: int, j: int) -> int:
    """Who yields: the lower priority of the present lane, else the one farther behind, else j."""
    first = road.lanes[bodies[i].lane].priority
    second = road.lanes[bodies[j].lane].priority
    if first > second:
        return j
    if first < second:
        return i
    dx = bodies[j].x - bodies[i].x
    dy = bodies[j].y - bodies[i].y
    ahead_of_i = work.marks[i].cos_h * dx + work.marks[i].sin_h * dy
    ahead_of_j = work.marks[j].cos_h * -dx + work.marks[j].sin_h * -dy
    return i if ahead_of_i > ahead_of_j else j
