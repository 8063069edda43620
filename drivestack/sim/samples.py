"""Values of many episodes for means with intervals, in memory that does not grow with them."""

from __future__ import annotations

import math
from array import array

import numpy as np

from drivestack.core.types import Floats

from .intervals import Z_95, Mean, means

MOST_RESAMPLED = 10_000
"""Episodes up to which intervals are bootstrapped. Of more, the normal interval of a ratio of means
differs from the bootstrap's percentiles by no more than the bootstrap's own noise."""


class Samples:
    """Weighted values of several columns: all of them while they are few, then their moments."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._kept = array("d")
        self._count = 0
        self._known = np.zeros(columns, np.int64)
        self._moments = np.zeros((5, columns))

    def add(self, values: Floats, weights: Floats) -> None:
        """Take in one episode: (m,) values, (m,) weights, 0 where there is no value."""
        self._count += 1
        if self._count <= MOST_RESAMPLED:
            self._kept.extend(values)
            self._kept.extend(weights)
        elif self._kept:
            self._kept = array("d")
        parts, squares = weights * values, weights * weights
        self._known += weights != 0.0
        self._moments += [weights, parts, squares, squares * values, parts * parts]

    def means(self, name: str) -> list[Mean]:
        """Each column's mean; `name` is of the random stream of the bootstrap."""
        if self._count <= MOST_RESAMPLED:
            kept = np.array(self._kept).reshape(self._count, 2, self._columns)
            return means(name, kept[:, 0], kept[:, 1])
        return [self._normal(column) for column in range(self._columns)]

    def _normal(self, column: int) -> Mean:
        """The mean of a column with its normal interval (Cochran, Sampling Techniques, 6.3)."""
        weight, part, square, lever, spread = self._moments[:, column].tolist()
        count = int(self._known[column])
        if weight == 0.0:
            return Mean(0, None, None, None)
        value = part / weight
        if count < 2:
            return Mean(count, value, None, None)
        residual = max(spread - 2.0 * value * lever + value * value * square, 0.0)
        half = Z_95 * math.sqrt(residual) / weight
        return Mean(count, value, value - half, value + half)
