"""The motion phase: every vehicle moves by its action and finds its nearest lane."""

from __future__ import annotations

from drivestack.core.compiled import hot_kernel, inlined_kernel
from drivestack.core.tables import Driver, Plant, Row, Table
from drivestack.vehicle.bicycle import step_dynamic, step_kinematic
from drivestack.vehicle.lagged import step_lagged

from .projection import project
from .reactive import take_late
from .views import Road, Work

_IDM = int(Driver.IDM)
_LINEAR = int(Driver.LINEAR)
_REPLAY = int(Driver.REPLAY)
_SCRIPTED = int(Driver.SCRIPTED)
_DYNAMIC = int(Plant.DYNAMIC)
_LAGGED = int(Plant.LAGGED)


@hot_kernel
def move_all(slot: Row, road: Road, bodies: Table, replay: Table, work: Work) -> None:
    """Move and project everybody; each reads only itself."""
    slot.entries_n = 0
    for k in range(slot.n):
        body = bodies[k]
        if body.lag > 0.0:
            take_late(slot, body, replay)
        elif body.driver == _REPLAY:
            _replay(slot, body, replay)
        elif body.present and body.driver != _SCRIPTED:  # those were moved by their script
            _step(slot, body, k)
        project(slot, road, bodies, work, k, True)
    for k in range(int(slot.obstacles_at), slot.obstacles_at + slot.obstacles_n):
        project(slot, road, bodies, work, k, False)


@inlined_kernel
def _step(slot: Row, body: Row, k: int) -> None:
    """One tick of one vehicle; only an ego under given control has another plant than Euler."""
    if body.driver == _IDM or body.driver == _LINEAR:
        body.timer += slot.dt
    elif k == slot.ego and slot.plant == _DYNAMIC:
        step_dynamic(body, slot)
        return
    elif k == slot.ego and slot.plant == _LAGGED:
        step_lagged(body, slot)
        return
    step_kinematic(body, slot)


@hot_kernel
def _replay(slot: Row, body: Row, replay: Table) -> None:
    """Take the recorded state of the tick that is about to end; absent outside the recording."""
    row = slot.tick + 1 - body.replay_from
    body.present = 0 <= row < body.replay_n
    if body.present:
        state = replay[slot.replay_at + body.replay_at + row]
        body.accel = (state.speed - body.speed) / slot.dt if row > 0 else 0.0
        body.x = state.x
        body.y = state.y
        body.heading = state.heading
        body.speed = state.speed
