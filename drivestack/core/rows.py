"""Rows of batched records: take some, put some back, without knowing the record.

A batched record is a frozen dataclass whose arrays (and whose records, and theirs) have the batch
as their leading axis; other fields are the same for all rows.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Record = TypeVar("_Record", bound="DataclassInstance")


def take_rows(record: _Record, rows: NDArray[np.intp]) -> _Record:
    """The record of some rows, in their order; rows may repeat (a fork)."""
    return _mapped(record, lambda array: array[rows])


def put_rows(record: _Record, rows: NDArray[np.intp], part: _Record) -> _Record:
    """The record with some rows replaced by those of `part`, one each, in order."""
    changes: dict[str, Any] = {}
    for field in fields(record):
        old, new = getattr(record, field.name), getattr(part, field.name)
        if isinstance(old, np.ndarray):
            changes[field.name] = old.copy()
            changes[field.name][rows] = new
        elif is_dataclass(old) and not isinstance(old, type):
            changes[field.name] = put_rows(old, rows, new)
    return replace(record, **changes)


def _mapped(record: _Record, change: Any) -> _Record:
    changes: dict[str, Any] = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, np.ndarray):
            changes[field.name] = change(value)
        elif is_dataclass(value) and not isinstance(value, type):
            changes[field.name] = _mapped(value, change)
    return replace(record, **changes)
