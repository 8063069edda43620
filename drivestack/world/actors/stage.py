"""The script tables of a batch, one slot's view of them, and where a named body stands."""

from __future__ import annotations

from typing import NamedTuple

from drivestack.core.compiled import hot_kernel, inlined_kernel
from drivestack.core.tables import Row, Table


class Stage(NamedTuple):
    """Tables of `core.script`: (B, ·) for a batch and knots of all slots, (·) for one slot."""

    roles: Table
    cues: Table
    conditions: Table
    actions: Table
    knots: Table


@hot_kernel
def stage_of(stages: Stage, slot: Row, b: int) -> Stage:
    """One slot's tables."""
    return Stage(
        stages.roles[b],
        stages.cues[b],
        stages.conditions[b],
        stages.actions[b],
        stages.knots[slot.knots_at :],
    )


@inlined_kernel
def standing_at(slot: Row, place: int) -> int:
    """The row of the body at a place of `Start.bodies`: obstacles stand apart."""
    return place if place < slot.n else slot.obstacles_at + place - slot.n
