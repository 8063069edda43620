"""One physics tick of all slots: decide, regulate, move, collide; slots never mix."""

from __future__ import annotations

import math

from drivestack.core.compiled import hot_kernel
from drivestack.core.tables import Driver, Row, Table

from .actors.play import play
from .actors.stage import Stage, stage_of
from .contact import collide
from .lights import heed
from .motion import move_all
from .projection import project_all, sort_lists
from .reactive import react
from .right_of_way import regulate
from .traffic import act
from .views import Pool, Road, Work, road_of, work_of

DONE, RENEWAL, REFUSED = 0, 1, 2
"""What `tick_all` answers."""

_PLAIN = int(Driver.PLAIN)
_STACK = int(Driver.STACK)


@hot_kernel
def tick_all(
    slots: Table,
    bodies: Table,
    routes: Table,
    pool: Pool,
    replay: Table,
    stages: Stage,
    scratch: Work,
    controls: Table,
    metas: Table,
    lines: Table,
) -> int:
    """Advance every active slot, or none.

    Args:
        slots: (B,) `SLOT`. bodies: (B, N) `BODY`. routes: (B, N, Q, 2). replay: (R,) `REPLAY`.
        stages: (B, ·) tables of `core.script`.
        scratch: (B, ·) tables of `views.scratch`.
        controls: (B, 2) ISO. metas: (B,) `Meta`. lines: (B, S, 3) see `lights.line_table`.

    Returns:
        `REFUSED` if a control is not finite; `RENEWAL` if some slot's traffic is now due; `DONE`.
    """
    for b in range(slots.shape[0]):
        if slots[b].active and not math.isfinite(controls[b, 0] + controls[b, 1]):
            return REFUSED
    outcome = DONE
    for b in range(slots.shape[0]):
        slot = slots[b]
        if slot.active:
            road = road_of(pool, slot.map)
            work = work_of(scratch, b)
            y_right = road.place[0].y_right
            _command(slot, bodies[b], controls[b], y_right)
            stage = stage_of(stages, slot, b)
            tick(
                slot, road, bodies[b], routes[b], replay, stage, work, metas[b], lines[b], y_right
            )  # fmt: skip
            if slot.renewal > 0 and slot.tick % slot.renewal == 0:
                outcome = RENEWAL
    return outcome


@hot_kernel
def _command(slot: Row, bodies: Table, control: Table, y_right: bool) -> None:
    """Hand the control to an ego that takes one; steering changes sign with the frame."""
    ego = bodies[slot.ego]
    if ego.driver == _PLAIN or ego.driver == _STACK:
        ego.accel = control[0]
        ego.steer = -control[1] if y_right else control[1]


@hot_kernel
def tick(
    slot: Row,
    road: Road,
    bodies: Table,
    routes: Table,
    replay: Table,
    stage: Stage,
    work: Work,
    meta: int,
    lines: Table,
    y_right: bool,
) -> None:
    """One tick of one slot, in the order of `Road.act` and `RegulatedRoad.step`."""
    if slot.fresh:
        slot.order_n = 0
        slot.x_order_n = 0
        project_all(slot, road, bodies, work, False)
        slot.fresh = False
    sort_lists(slot, road, bodies, work)
    act(slot, road, bodies, routes, work, meta)
    if slot.regulated:
        regulate(slot, road, bodies, routes, work)
    if lines.shape[0] > 0:
        heed(slot, road, bodies, work, lines)
    if slot.reactive:
        react(slot, bodies, replay)
    if slot.cues_n + slot.roles_n > 0:
        play(slot, road, bodies, routes, stage)
    move_all(slot, road, bodies, replay, work)
    collide(slot, bodies, work, y_right)
    slot.tick += 1
