"""Rows of batched records: take some, put some back, without knowing the record.

A batched record is a frozen dataclass whose arrays (and whose records, and theirs) have the batch
as their leading axis; so have those in a `Batched` tuple. Other fields are the same for all rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Record = TypeVar("_Record", bound="DataclassInstance")


class Batched(tuple[Any, ...]):
    """Records of one batch beside each other; a plain tuple is the same for all rows."""

    __slots__ = ()


def take_rows(record: _Record, rows: NDArray[np.intp]) -> _Record:
    """The record of some rows, in their order; rows may repeat (a fork)."""
    return _changed(record, lambda array: array[rows])


def put_rows(record: _Record, rows: NDArray[np.intp], part: _Record) -> _Record:
    """The record with some rows replaced by those of `part`, one each, in order."""

    def put(old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
        array = old.copy()
        array[rows] = new
        return array

    return _changed(record, put, part)


def arrays_of(value: Any) -> Iterator[NDArray[Any]]:
    """Every array in a batched record, and in the records in it, in the order of the fields."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, Batched):
        for part in value:
            yield from arrays_of(part)
    elif is_dataclass(value):
        for field in fields(value):
            yield from arrays_of(getattr(value, field.name))


def join_rows(records: Sequence[_Record]) -> _Record:
    """Records of equal `layout` one after the other as one; at least one."""
    first, *others = records
    return _changed(first, lambda *arrays: np.concatenate(arrays), *others)


def layout(record: Any) -> tuple[tuple[int, ...], ...]:
    """The shapes of a record's arrays without the batch; equal ones can be joined."""
    shapes: list[tuple[int, ...]] = []

    def note(array: NDArray[Any]) -> NDArray[Any]:
        shapes.append(array.shape[1:])
        return array

    _changed(record, note)
    return tuple(shapes)


def _changed(value: Any, change: Any, *others: Any) -> Any:
    """A field or record with `change` made to every array in it, and to those of `others`."""
    if isinstance(value, np.ndarray):
        return change(value, *others)
    if isinstance(value, Batched):
        parts = zip(value, *others, strict=True)
        return Batched(_changed(first, change, *rest) for first, *rest in parts)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes = {
        field.name: _changed(
            getattr(value, field.name), change, *(getattr(other, field.name) for other in others)
        )
        for field in fields(value)
    }
    return replace(value, **changes)
