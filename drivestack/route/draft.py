"""A batch of routes while they are being filled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from drivestack.core.types import Corridor, Route


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """The arrays of `Route` and `Corridor` by their names, writable; all rows are empty at first.

    Attributes:
        legs: (B,) how many lanes hold.
    """

    lanes: NDArray[np.int32]
    change: NDArray[np.bool_]
    legs: NDArray[np.int64]
    line: NDArray[np.float64]
    speed_limit: NDArray[np.float64]
    valid: NDArray[np.bool_]
    aim: NDArray[np.int32]
    lane: NDArray[np.int32]
    lane_valid: NDArray[np.bool_]
    start: NDArray[np.float64]
    leave_by: NDArray[np.float64]
    leave_for: NDArray[np.int32]
    through: NDArray[np.bool_]

    @classmethod
    def blank(cls, batch: int, lanes: int, points: int, stretches: int) -> Self:
        """Empty rows: L lanes, P points, W stretches."""
        route, line, corridor = (batch, lanes), (batch, points), (batch, stretches)
        return cls(
            lanes=np.zeros(route, np.int32),
            change=np.zeros(route, np.bool_),
            legs=np.zeros(batch, np.int64),
            line=np.zeros((*line, 3)),
            speed_limit=np.zeros(line),
            valid=np.zeros(line, np.bool_),
            aim=np.zeros(batch, np.int32),
            lane=np.zeros(corridor, np.int32),
            lane_valid=np.zeros(corridor, np.bool_),
            start=np.zeros(corridor),
            leave_by=np.zeros(corridor),
            leave_for=np.zeros(corridor, np.int32),
            through=np.zeros(corridor, np.bool_),
        )

    def route(self, spacing: float, closures: NDArray[np.int64]) -> Route:
        """The finished record.

        Args:
            spacing: of the line [m]. closures: (B,) fingerprint of those in force.
        """
        batch = len(self.legs)
        return Route(
            lanes=self.lanes,
            lane_valid=np.arange(self.lanes.shape[1]) < self.legs[:, None],
            change=self.change,
            line=self.line,
            speed_limit=self.speed_limit,
            spacing=np.full(batch, spacing),
            valid=self.valid,
            aim=self.aim,
            corridor=Corridor(
                lane=self.lane,
                valid=self.lane_valid,
                start=self.start,
                leave_by=self.leave_by,
                leave_for=self.leave_for,
                through=self.through,
            ),
            closures=closures,
        )
