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


@hot_kernel
def piece_at_time(stage: Stage, action: Row, time: float) -> tuple[int, float]:
    """The knot of an action before a time [s], the first or last but one beyond the ends; and the
    part of the way to the next one, from 0 to 1."""
    last = action.knots_at + action.knots_n - 1
    row = action.knots_at
    while row < last - 1 and stage.knots[row + 1].time <= time:
        row += 1
    began = stage.knots[row].time
    part = (time - began) / (stage.knots[row + 1].time - began)
    return row, min(max(part, 0.0), 1.0)
