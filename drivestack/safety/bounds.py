"""Where checks write what they find: one table for all of them, made a record at the end.

A column belongs to a check, a row to a scenario. The columns come first, so that what one check
owns lies together, whatever the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

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
        """The record; it takes the table over."""
        rows = found.T
        return Verdict(
            names=self.names,
            low=rows["low"],
            high=rows["high"],
            value=rows["value"],
            limit=rows["limit"],
            failed=rows["failed"],
            response=rows["response"],
            object=rows["object"],
            has_object=rows["has_object"],
        )
