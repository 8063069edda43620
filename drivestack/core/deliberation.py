"""What a stack considered while it drove one episode: candidates, plans, predictions, routes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .arrays import checked

TIMING = np.dtype(
    [
        ("tick", np.int32),
        ("seconds", np.float32),  # wall time of the decision, of all slots together
        ("slots", np.int32),  # scenarios that it was made for
    ]
)
"""How long one control tick took; packed."""

ROUTE_POINT = np.dtype(
    [("tick", np.int32), ("point", np.int32), ("x", np.float32), ("y", np.float32)]
)
"""A point of the line of the route that came into force at this tick [m]; packed."""


@cache
def candidate_row(points: int, terms: int) -> np.dtype:
    """One candidate: S points of its chunk, from one step on, and its M score terms; packed."""
    return np.dtype(
        [
            ("tick", np.int32),
            ("candidate", np.int32),  # which of K
            ("source", np.int32),  # by which proposer
            ("valid", np.bool_),
            ("chosen", np.bool_),
            ("total", np.float32),
            ("terms", np.float32, (terms,)),
            ("x", np.float32, (points,)),
            ("y", np.float32, (points,)),
        ]
    )


@cache
def plan_row(points: int, predicted: int) -> np.dtype:
    """One plan: S points of the chunk in force, Q of what the controller expects; packed."""
    return np.dtype(
        [
            ("tick", np.int32),  # at which it was made
            ("step", np.float32),  # [s] between the points of chunks; the first is one step ahead
            ("x", np.float32, (points,)),
            ("y", np.float32, (points,)),
            ("v", np.float32, (points,)),  # [m/s]
            ("predicted_step", np.float32),  # [s]; the first point is the present one
            ("predicted_x", np.float32, (predicted,)),
            ("predicted_y", np.float32, (predicted,)),
        ]
    )


@dataclass(frozen=True, slots=True, eq=False)
class Deliberation:
    """For the log and the report; no measure reads it, and it is not part of an episode's digest.

    Attributes:
        terms: names of the M score terms.
        candidates: (R,) `candidate_row`, of all plans. plans: (P,) `plan_row`.
        route: (E,) `ROUTE_POINT`, all routes after each other. timing: (C,) `TIMING`.
    """

    terms: tuple[str, ...]
    candidates: NDArray
    plans: NDArray
    route: NDArray
    timing: NDArray

    def __post_init__(self) -> None:
        sizes: dict[str, int] = {}
        row, terms = self.candidates.dtype, len(self.terms)
        points = row["x"].shape[0]
        predicted = self.plans.dtype["predicted_x"].shape[0]
        checked("Deliberation.candidates", self.candidates, "R", sizes,
                candidate_row(points, terms))  # fmt: skip
        checked("Deliberation.plans", self.plans, "P", sizes, plan_row(points, predicted))
        checked("Deliberation.route", self.route, "E", sizes, ROUTE_POINT)
        checked("Deliberation.timing", self.timing, "C", sizes, TIMING)

    @classmethod
    def none(cls) -> Self:
        """Of an ego that drives itself."""
        return cls(
            (),
            np.zeros(0, candidate_row(0, 0)),
            np.zeros(0, plan_row(0, 0)),
            np.zeros(0, ROUTE_POINT),
            np.zeros(0, TIMING),
        )
