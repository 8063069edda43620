"""Collisions: highway-env's swept test with its impacts, and exact contact of the boxes beside it.

Source: highway-env 1.12.1 `RoadObject.handle_collisions`, `utils.are_polygons_intersecting`. Pairs
are handled in list order (i, then j > i, obstacles after vehicles): the last impact of a tick wins.
Far pairs are dropped by a sweep over x.
"""

from __future__ import annotations

import math

from drivestack.core.compiled import hot_kernel
from drivestack.core.geometry import boxes_overlap, overlap_centroid, struck_side
from drivestack.core.tables import Driver, Row, Table

from .views import Work

_OBSTACLE = int(Driver.OBSTACLE)
_SCRIPTED = int(Driver.SCRIPTED)


@hot_kernel
def collide(slot: Row, bodies: Table, work: Work, y_right: bool) -> None:
    """Test all close pairs; sets impacts, `crashed` and the contact fields."""
    widest = _sort_by_x(slot, bodies, work)
    total = slot.x_order_n
    for i in range(slot.n):
        body = bodies[i]
        if not body.present:
            continue
        reach = (_diagonal(body) + widest) / 2 + max(body.speed * slot.dt, 0.0)
        found = 0
        place = int(work.marks[i].x_place)
        for step in (-1, 1):
            other = place + step
            while 0 <= other < total:
                j = int(work.marks[other].x_order)
                if abs(bodies[j].x - body.x) > reach:
                    break
                if j > i and abs(bodies[j].y - body.y) <= reach:
                    found = _insert(work, found, j)
                other += step
        for place in range(found):
            _pair(slot, bodies, work, i, int(work.marks[place].near), y_right)


@hot_kernel
def _insert(work: Work, found: int, j: int) -> int:
    """Insert j into `near`, ascending."""
    place = found
    while place > 0 and work.marks[place - 1].near > j:
        work.marks[place].near = work.marks[place - 1].near
        place -= 1
    work.marks[place].near = j
    return found + 1


@hot_kernel
def _sort_by_x(slot: Row, bodies: Table, work: Work) -> float:
    """Renew `x_order` from last tick's; clears the contact fields; returns the widest diagonal."""
    total = slot.n + slot.obstacles_n
    if slot.x_order_n != total:
        for k in range(total):
            work.marks[k].x_order = k if k < slot.n else slot.obstacles_at + k - slot.n
        slot.x_order_n = total
    widest = 0.0
    for place in range(total):
        k = int(work.marks[place].x_order)
        bodies[k].contact = False
        widest = max(widest, _diagonal(bodies[k]))
        x = bodies[k].x
        slide = place
        while slide > 0 and bodies[work.marks[slide - 1].x_order].x > x:
            work.marks[slide].x_order = work.marks[slide - 1].x_order
            slide -= 1
        work.marks[slide].x_order = k
    for place in range(total):
        work.marks[work.marks[place].x_order].x_place = place
    return widest


@hot_kernel
def _diagonal(body: Row) -> float:
    return math.sqrt(body.length * body.length + body.width * body.width)


@hot_kernel
def _pair(slot: Row, bodies: Table, work: Work, i: int, j: int, y_right: bool) -> None:
    """One pair: the swept test (limited by the earlier one's signed speed), then exact contact.

    The swept test takes two that cross each other's path closely for crashed, which highway-env's
    lanes never show; with a scripted body only exact contact counts, and only the ego's.
    """
    a = bodies[i]
    b = bodies[j]
    if not b.present:
        return
    dx = b.x - a.x
    dy = b.y - a.y
    distance = math.sqrt(dx * dx + dy * dy)
    touching = (_diagonal(a) + _diagonal(b)) / 2
    checked = a.check_collisions or b.check_collisions
    scripted = a.driver == _SCRIPTED or b.driver == _SCRIPTED
    if checked and not scripted and not distance > touching + a.speed * slot.dt:
        _impact(slot, a, b, work.marks[i], work.marks[j], work.boxes)
    if boxes_overlap(
        a.x, a.y, a.heading, a.length, a.width, b.x, b.y, b.heading, b.length, b.width
    ):
        _touch(a, b, y_right)
        _touch(b, a, y_right)
        if scripted and (i == slot.ego or j == slot.ego):
            a.crashed = True
            b.crashed = True


@hot_kernel
def _touch(body: Row, other: Row, y_right: bool) -> None:
    """Note the first body that this one touches in this tick, and on which side."""
    if body.contact:
        return
    _, x, y = overlap_centroid(
        body.x, body.y, body.heading, body.length, body.width,
        other.x, other.y, other.heading, other.length, other.width,
    )  # fmt: skip
    body.contact = True
    body.contact_with = other.id
    body.contact_side = struck_side(
        body.x, body.y, body.heading, body.length, body.width, x, y, y_right
    )


@hot_kernel
def _impact(slot: Row, a: Row, b: Row, mark_a: Row, mark_b: Row, box: Table) -> None:
    """Push both apart if they will overlap; mark both as crashed if they do now."""
    _polygon(a, box[0], mark_a.cos_h, mark_a.sin_h)
    _polygon(b, box[1], mark_b.cos_h, mark_b.sin_h)
    sweep_x = (a.speed * mark_a.cos_h) * slot.dt - (b.speed * mark_b.cos_h) * slot.dt
    sweep_y = (a.speed * mark_a.sin_h) * slot.dt - (b.speed * mark_b.sin_h) * slot.dt
    now, soon, push_x, push_y = swept_overlap(box, sweep_x, sweep_y)
    if soon:
        if b.driver == _OBSTACLE:
            _push(a, push_x, push_y)
        else:
            _push(a, push_x / 2, push_y / 2)
            _push(b, -push_x / 2, -push_y / 2)
    if now:
        a.crashed = True
        b.crashed = True


@hot_kernel
def _push(body: Row, x: float, y: float) -> None:
    """Store an impact, over an earlier one of the same tick."""
    body.has_impact = True
    body.impact_x = x
    body.impact_y = y


@hot_kernel
def _polygon(body: Row, out: Table, c: float, s: float) -> None:
    """Corners, the first one repeated, in highway-env's order (`RoadObject.polygon`)."""
    half_l = body.length / 2
    half_w = body.width / 2
    for k in range(5):
        along = -half_l if k < 2 or k == 4 else half_l
        across = half_w if k == 1 or k == 2 else -half_w
        out[k, 0] = (c * along + -s * across) + body.x
        out[k, 1] = (s * along + c * across) + body.y


@hot_kernel
def _projected(polygon: Table, nx: float, ny: float) -> tuple[float, float]:
    """Extent of a polygon along an axis."""
    low = polygon[0, 0] * nx + polygon[0, 1] * ny
    high = low
    for k in range(1, 4):
        value = polygon[k, 0] * nx + polygon[k, 1] * ny
        low = min(low, value)
        high = max(high, value)
    return low, high


@hot_kernel
def _distance(low_a: float, high_a: float, low_b: float, high_b: float) -> float:
    """Distance of two intervals, negative if they overlap (`utils.interval_distance`)."""
    return low_b - high_a if low_a < low_b else low_a - high_b


@hot_kernel
def swept_overlap(box: Table, sweep_x: float, sweep_y: float) -> tuple[bool, bool, float, float]:
    """`utils.are_polygons_intersecting` of two closed polygons.

    Args:
        box: (2, 5, 2). sweep_x, sweep_y: displacement of the first relative to the second [m].

    Returns:
        Whether they overlap now, whether they will, and the translation that parts them; the axis
        of smallest absolute distance wins, the first on ties, also for containment.
    """
    now = True
    soon = True
    least = math.inf
    axis_x = 0.0
    axis_y = 0.0
    for polygon in range(2):
        for k in range(4):
            nx = -box[polygon, k + 1, 1] + box[polygon, k, 1]
            ny = box[polygon, k + 1, 0] - box[polygon, k, 0]
            size = math.sqrt(nx * nx + ny * ny)
            nx = nx / size
            ny = ny / size
            low_a, high_a = _projected(box[0], nx, ny)
            low_b, high_b = _projected(box[1], nx, ny)
            if _distance(low_a, high_a, low_b, high_b) > 0:
                now = False
            swept = nx * sweep_x + ny * sweep_y
            if swept < 0:
                low_a += swept
            else:
                high_a += swept
            distance = _distance(low_a, high_a, low_b, high_b)
            if distance > 0:
                soon = False
            if not now and not soon:
                return False, False, 0.0, 0.0
            if abs(distance) < least:
                least = abs(distance)
                away = _centre(box, 0) * nx + _centre(box, 1) * ny > 0
                axis_x = nx if away else -nx
                axis_y = ny if away else -ny
    return now, soon, least * axis_x, least * axis_y


@hot_kernel
def _centre(box: Table, axis: int) -> float:
    """Difference of the corner means along x or y, summed as numpy does."""
    a = ((box[0, 0, axis] + box[0, 1, axis]) + box[0, 2, axis]) + box[0, 3, axis]
    b = ((box[1, 0, axis] + box[1, 1, axis]) + box[1, 2, axis]) + box[1, 3, axis]
    return a / 4.0 - b / 4.0
