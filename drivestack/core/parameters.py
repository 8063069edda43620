"""A stage's parameters as one row of a table, which is how kernels take constants."""

from __future__ import annotations

from dataclasses import fields
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@cache
def _layout(kind: type[DataclassInstance]) -> np.dtype:
    """A float64 column for each field that is declared as a float."""
    names = [field.name for field in fields(kind) if field.type in (float, "float")]
    return np.dtype([(name, np.float64) for name in names], align=True)


@lru_cache(maxsize=256)
def parameter_table(
    parameters: DataclassInstance, kind: type[DataclassInstance] | None = None
) -> NDArray:
    """A (1,) table with the float fields of a frozen dataclass, by name; others are left out.

    Stages ask for theirs at every tick, so equal parameters share one table, which is read-only.

    Args:
        parameters: where the values are. kind: a base class of theirs, whose fields are taken:
        stages that share kernels then share one compiled version; None: all fields.
    """
    table = np.zeros(1, _layout(kind or type(parameters)))
    for name in table.dtype.names or ():
        table[name] = getattr(parameters, name)
    table.setflags(write=False)
    return table
