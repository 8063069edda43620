"""Faults of what the layer is given: each has a name, is counted, and says what it leads to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from drivestack.core.arrays import check_fields
from drivestack.core.map import Map
from drivestack.core.tables import Table
from drivestack.core.types import Bools, EgoState, Ints


class Fault(IntEnum):
    """What can be wrong; the lower-case names are those of the verdict's checks."""

    CONTROL_MISSING = 0
    """None, or of another shape or type."""
    CONTROL_NOT_FINITE = 1
    CONTROL_OUT_OF_RANGE = 2
    PLAN_MISSING = 3
    PLAN_NOT_FINITE = 4
    PLAN_OUT_OF_RANGE = 5
    PLAN_OF_THE_FUTURE = 6
    OBSERVATION_MISSING = 7
    EGO_NOT_FINITE = 8
    EGO_OUT_OF_RANGE = 9
    TRACKS_NOT_FINITE = 10
    """Of tracks, echoes or stop lines; so for the next one."""
    TRACKS_OUT_OF_RANGE = 11
    FRAME_OF_THE_FUTURE = 12
    FRAME_FROZEN = 13
    """Its age says that it is fresh, but nothing in it has moved for too long."""
    CLOCK_RUNS_BACKWARDS = 14
    ROUTER_FAILED = 15
    """It raised, or answered with something else than a route; so for the other stages."""
    PROPOSER_FAILED = 16
    SCORER_FAILED = 17
    SELECTION_FAILED = 18
    CONTROLLER_FAILED = 19
    PLANNER_RAISED = 20
    """In a process of its own, outside its stages; so for the rest."""
    PLANNER_GARBAGE = 21
    """What came from there is no answer to the question."""
    PLANNER_LATE = 22
    """No answer within the deadline."""
    PLANNER_HUNG = 23
    """None for so long that the process was ended."""
    PLANNER_DIED = 24
    PLANNER_STARTING = 25
    """A new process is not ready yet."""


NAMES = tuple(fault.name.lower() for fault in Fault)
"""By number."""

ASKING_TO_STOP = (
    Fault.CONTROL_MISSING,
    Fault.OBSERVATION_MISSING,
    Fault.EGO_NOT_FINITE,
    Fault.EGO_OUT_OF_RANGE,
    Fault.TRACKS_NOT_FINITE,
    Fault.TRACKS_OUT_OF_RANGE,
    Fault.FRAME_OF_THE_FUTURE,
    Fault.FRAME_FROZEN,
    Fault.CLOCK_RUNS_BACKWARDS,
    Fault.CONTROLLER_FAILED,
)
"""Faults that are answered with the minimal-risk condition at once. Of the others a control that is
not finite or too large is the business of `finite` and `envelope`; a plan that cannot be used, or
that a planner failed to make, is that of `plan_age`: the last one is driven until it is too old."""


LAST = np.dtype(
    [
        ("seen", np.bool_),  # there was a good observation
        ("tick", np.int32),  # of the last one
        ("dt", np.float64),  # [s]
        ("total", np.float64),  # over its moving tracks; records of numpy have a method `trace`
        ("still", np.float64),  # since when the total is the same [s]
    ],
    align=True,
)
"""Numbers of the last good observation."""


@dataclass(frozen=True, slots=True, eq=False)
class Faults:
    """What is remembered of faults, and of the last good observation; one row a scenario.

    Attributes:
        counts: (B, F) ticks at which each fault was there. now: (B, F) found before the checks.
        last: (B,) rows of `LAST`. maps, map_index, ego: of the last good observation; the ego is
        reckoned on where there is none any more.
    """

    counts: Ints
    now: Bools
    last: Table
    maps: tuple[Map, ...]
    map_index: Ints
    ego: EgoState

    def __post_init__(self) -> None:
        check_fields(self, _FAULTS)

    def by_name(self, row: int) -> dict[str, int]:
        """The faults of one scenario that were there at all, and at how many ticks."""
        own = zip(NAMES, self.counts[row].tolist(), strict=True)
        return {name: count for name, count in own if count}


_FAULTS = {
    "counts": ("B F", np.int32),
    "now": ("B F", np.bool_),
    "last": ("B", LAST),
    "map_index": ("B", np.int32),
}


def no_faults(batch: int, dt: float, speed: float, size: tuple[float, float]) -> Faults:
    """Nothing was seen and nothing is wrong.

    Args:
        dt: [s]. speed: that an ego is believed to have which was never seen [m/s]. size: [m].
    """
    shape = (batch, len(Fault))
    state, last, zero = np.zeros((batch, 4)), np.zeros(batch, LAST), np.zeros(batch)
    state[:, 3], last["dt"] = speed, dt
    return Faults(
        counts=np.zeros(shape, np.int32),
        now=np.zeros(shape, np.bool_),
        last=last,
        maps=(),
        map_index=np.zeros(batch, np.int32),
        ego=EgoState(state, zero, zero.copy(), np.tile(size, (batch, 1)).astype(np.float64)),
    )
