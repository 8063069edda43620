"""Rows of the log for what was considered, and for the maps that it is drawn on."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike, NDArray

from drivestack.core.deliberation import Deliberation
from drivestack.roads.outline import Outline

Columns = dict[str, NDArray]
"""A table as columns of equal length; a column of two axes holds a list in every row."""


def considered(number: int, made: Deliberation) -> dict[str, Columns]:
    """Tables `candidates`, `plans`, `routes` and `timing` of one episode."""
    tables = {
        "candidates": made.candidates,
        "plans": made.plans,
        "routes": made.route,
        "timing": made.timing,
    }
    return {name: _columns(number, rows) for name, rows in tables.items()}


def _columns(number: int, rows: NDArray) -> Columns:
    """A packed table as columns, with the number of its episode."""
    names = rows.dtype.names or ()
    own = {name: np.ascontiguousarray(rows[name]) for name in names}
    return {"episode": np.full(len(rows), number, np.int32), **own}


def drawn(map: Outline) -> Columns:
    """The rows of the table `maps` of one map."""
    columns: Columns = {
        "map": np.full(len(map.lane), map.digest, dtype=object),
        "lane": map.lane,
        "left_beside": map.left_beside,
        "right_beside": map.right_beside,
    }
    for name, line in (("", map.middle), ("left_", map.left), ("right_", map.right)):
        columns[f"{name}x"], columns[f"{name}y"] = line[:, 0], line[:, 1]
    return columns


def optional(values: Sequence[float | None], dtype: DTypeLike) -> NDArray:
    """Numbers as a masked array; None and what is not finite are masked."""
    gone = [value is None or not math.isfinite(value) for value in values]
    known = [0 if out else value for value, out in zip(values, gone, strict=True)]
    return np.ma.MaskedArray(np.array(known, dtype), gone)
