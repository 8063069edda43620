"""Where checks write what they find: one table for all of them, made a record at the end.

A column belongs to a check, a row to a scenario. The columns come first, so that what one check
owns lies together, whatever the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.protocols import SafetyCheck
from drivestack.core.tables import Table
from drivestack.core.types import Verdict

FREE = 1e9
"""Binds nothing, in m/s2, rad or s; records hold no infinities."""

FINDING = np.dtype(
    [
        ("low", np.float64, (2,)),  # bounds on the control [m/s2], [rad]
        ("high", np.float64, (2,)),
        ("value", np.float64),  # what was measured, and where it turns bad
        ("limit", np.float64),
        ("object", np.int32),  # id of the road user that it is about, where `has_object`
        ("response", np.int32),  # `Filtering` that a failure asks for
        ("failed", np.bool_),
        ("has_object", np.bool_),
    ],
    align=True,
)
"""What one column says of one scenario."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """The memory of a check that remembers nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The columns of several checks beside each other.

    Attributes:
        names: of the C columns. places: those of each check. blank: (C, 1) all pass, nothing bound.
    """

    names: tuple[str, ...]
    places: tuple[slice, ...]
    blank: Table

    @classmethod
    def of(cls, checks: Sequence[SafetyCheck]) -> Self:
        """Those of some checks, in order; at least one."""
        owned = [check.columns for check in checks]
        ends = np.cumsum([len(columns) for columns in owned]).tolist()
        begins = [0, *ends[:-1]]
        blank = np.zeros((ends[-1], 1), FINDING)
        blank["low"], blank["high"] = -FREE, FREE
        blank["response"][:, 0] = [answer for columns in owned for answer in columns.values()]
        return cls(
            names=tuple(name for columns in owned for name in columns),
            places=tuple(map(slice, begins, ends)),
            blank=blank,
        )

    def opened(self, batch: int) -> Table:
        """(C, B) rows of `FINDING` to write into."""
        return self.blank.repeat(batch, axis=1)

    def verdict(self, found: Table) -> Verdict:
        """The record of it."""
        shape = found.shape[::-1]
        low, high = np.empty((*shape, 2)), np.empty((*shape, 2))
        value, limit = np.empty(shape), np.empty(shape)
        failed, has_object = np.empty(shape, np.bool_), np.empty(shape, np.bool_)
        response, object = np.empty(shape, np.int32), np.empty(shape, np.int32)
        _spread(found, low, high, value, limit, failed, response, object, has_object)
        return Verdict(self.names, low, high, value, limit, failed, response, object, has_object)


@kernel
def _spread(
    found: Table, low: NDArray, high: NDArray, value: NDArray, limit: NDArray, failed: NDArray,
    response: NDArray, object: NDArray, has_object: NDArray,
) -> None:  # fmt: skip
    """Copy each field of (C, B) rows to an array of its own."""
    for c in range(found.shape[0]):
        for b in range(found.shape[1]):
            one = found[c, b]
            for i in range(2):
                low[b, c, i], high[b, c, i] = one.low[i], one.high[i]
            value[b, c], limit[b, c], failed[b, c] = one.value, one.limit, one.failed
            response[b, c] = one.response
            object[b, c], has_object[b, c] = one.object, one.has_object
