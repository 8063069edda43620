"""What a stack and its planner's process say to each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.map import Map
from drivestack.core.types import Bools, Floats, Goal, Observation, Plan, Route

from .memory import Planned

MAP, QUESTION = b"M", b"Q"
"""First byte of what the stack sends."""

READY, ANSWER, FAILED = b"R", b"A", b"F"
"""First byte of what the planner's process sends."""


@dataclass(frozen=True, slots=True, eq=False)
class NewMap:
    """A map that the observations of later questions name by its place in the order of sending."""

    map: Map


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is to be planned.

    Attributes:
        number: of the question. maps: those of the observation, by number; it has none itself.
    """

    number: int
    maps: tuple[int, ...]
    observation: Observation
    goal: Goal
    route: Route
    plan: Plan


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What came of it.

    Attributes:
        number: of the question. planned: for the rows `good` (G,) of B; none if there are none.
        faults: (B, F) of the others. stages, seconds: names (S) and wall times (S,) of the stages.
    """

    number: int
    planned: tuple[Planned, ...]
    good: NDArray[np.int64]
    faults: Bools
    stages: tuple[str, ...]
    seconds: Floats

    def __post_init__(self) -> None:
        check_fields(self, _ANSWER)
        if len(self.planned) != (len(self.good) > 0):
            raise ValueError(f"Answer.planned: {len(self.planned)} for {len(self.good)} rows")
        if len(self.stages) != len(self.seconds):
            raise ValueError(f"Answer.stages: {len(self.stages)} for {len(self.seconds)} times")


_ANSWER = {
    "good": ("G", np.int64),
    "faults": ("B F", np.bool_),
    "seconds": ("S", np.float64),
}


@dataclass(frozen=True, slots=True, eq=False)
class Failed:
    """The planner raised all the same; number: of the question."""

    number: int
    sentence: str
