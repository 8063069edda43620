"""What cues of one maneuver do to each other, and when a cue has ended."""

from __future__ import annotations

from drivestack.core.compiled import hot_kernel
from drivestack.core.script import NOWHERE, Phase
from drivestack.core.tables import Row

from ..views import Road
from .ground import stand_free
from .stage import Stage

_RUNNING = int(Phase.RUNNING)
_ENDED = int(Phase.ENDED)
_STOPPED = int(Phase.STOPPED)
_NOWHERE = NOWHERE


@hot_kernel
def settle(tick: int, stage: Stage, c: int) -> None:
    """End a cue at this tick if all of its actions are over; it is stopped if one of them was."""
    cue = stage.cues[c]
    if cue.phase != _RUNNING:
        return
    stopped = False
    for k in range(cue.actions_at, cue.actions_at + cue.actions_n):
        if stage.actions[k].phase < _ENDED:
            return
        stopped = stopped or stage.actions[k].phase == _STOPPED
    cue.phase = _STOPPED if stopped else _ENDED
    cue.ended = tick


@hot_kernel
def _runs_beside(stage: Stage, c: int, other: int) -> bool:
    """Whether another cue of the same maneuver, but not of the same event, is running."""
    one, two = stage.cues[c], stage.cues[other]
    known = one.maneuver != _NOWHERE and one.maneuver == two.maneuver
    return known and one.event != two.event and two.phase == _RUNNING


@hot_kernel
def is_beside_another(slot: Row, stage: Stage, c: int) -> bool:
    """Whether anything of a cue's maneuver runs."""
    for other in range(slot.cues_n):
        if _runs_beside(stage, c, other):
            return True
    return False


@hot_kernel
def stop_others(slot: Row, road: Road, stage: Stage, c: int) -> None:
    """Stop all that runs of a cue's maneuver; what was reached of it is kept."""
    for other in range(slot.cues_n):
        if not _runs_beside(stage, c, other):
            continue
        cue = stage.cues[other]
        for k in range(cue.actions_at, cue.actions_at + cue.actions_n):
            if stage.actions[k].phase == _RUNNING:
                _drop(road, stage, k)
        settle(int(slot.tick), stage, other)


@hot_kernel
def _drop(road: Road, stage: Stage, k: int) -> None:
    """End an action where it is, with nothing in its place; beside a trajectory straight on."""
    stage.actions[k].phase = _STOPPED
    role = stage.roles[stage.actions[k].role]
    if role.drive == k:
        role.drive = _NOWHERE
    if role.steer == k:
        role.steer = _NOWHERE
    if role.path == k:
        role.path = _NOWHERE
        stand_free(road, role, stage.knots)
