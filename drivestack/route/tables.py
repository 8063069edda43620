"""Layouts of the tables that the search runs on: stretches of lanes, and their cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.tables import Table

MOST = 5
"""Most cells that one lane change takes: with 3 s and 20 m cells enough for 33 m/s."""

NONE = -1
"""No cell."""

_BORDER = 1e-6
"""A border between cells belongs to the second one, though rounding may err by this much [m]."""

STRETCH = np.dtype(
    [
        ("lane", np.int64),
        ("cell_at", np.int64),  # its first cell
        ("cell_n", np.int64),
        ("closed", np.bool_),
        ("start", np.float64),  # s [m]
        ("end", np.float64),
    ],
    align=True,
)
"""A part of a lane that is all open or all closed."""

CELL = np.dtype(
    [
        ("lane", np.int64),
        ("stretch", np.int64),
        ("start", np.float64),  # s [m]
        ("length", np.float64),  # [m]
        ("seconds", np.float64),  # to drive through at the limit
        ("limit", np.float64),  # [m/s]
        ("comfort", np.int64),  # cells that a comfortable lane change takes, 1 ... MOST
        ("next_at", np.int64),  # rows of the successors
        ("next_n", np.int64),
        ("adjacent", np.int64, (2,)),  # open cell on lane - 1 and on lane + 1, or NONE
        ("beside", np.int64, (2,)),  # the same, where one may change into it
        ("across", np.float64, (2,)),  # s [m] on that lane beside the middle of the cell
        ("clear", np.int64, (2,)),  # cells for which that side stays adjacent, at most MOST
    ],
    align=True,
)
"""One cell."""

NEXT = np.dtype([("cell", np.int64), ("turn", np.float64)], align=True)
"""A cell that follows another; the turn [rad] is 0 within a lane."""


@kernel
def cell_at(stretch: Table, lane_at: NDArray, lane: int, s: float) -> int:
    """The cell of a lane at s [m], the first or last one beyond the ends."""
    s += _BORDER
    k = lane_at[lane]
    while k + 1 < lane_at[lane + 1] and s >= stretch[k].end:
        k += 1
    row = stretch[k]
    part = (s - row.start) / (row.end - row.start)
    return row.cell_at + min(max(int(part * row.cell_n), 0), row.cell_n - 1)
