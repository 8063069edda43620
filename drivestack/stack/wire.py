"""Records as bytes and back, between a stack and its planner's process; nothing in it can run.

Four bytes of length, a JSON text that says what the record holds, and the bytes of its arrays. The
reader names the record that it expects, whose own checks see to shapes, types and finiteness.
Arrays are read into memory of their own, contiguous, so that kernels see one layout only.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from drivestack.core.map import MAP_TABLES, Map

_Record = TypeVar("_Record")

_LENGTH = 4
"""Bytes that say how long the text is."""


class WireError(ValueError):
    """Bytes that are no record of the expected kind."""


def packed(record: Any) -> bytes:
    """A dataclass of arrays, records, tuples, numbers and strings as bytes."""
    arrays: list[NDArray] = []
    text = json.dumps(_described(record, arrays)).encode()
    parts = [len(text).to_bytes(_LENGTH, "little"), text, *(array.tobytes() for array in arrays)]
    return b"".join(parts)


def unpacked(kind: type[_Record], data: bytes) -> _Record:
    """The record of a kind that `packed` has made these bytes of.

    Raises:
        WireError: they are something else, or their arrays are none that the record takes.
    """
    try:
        start = _LENGTH + int.from_bytes(data[:_LENGTH], "little")
        reader = _Reader(data, start)
        record = reader.value(kind, json.loads(data[_LENGTH:start]))
        reader.check_end()
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, OverflowError) as error:
        raise WireError(f"no {kind.__name__}: {error}") from None
    return record


def _described(value: Any, arrays: list[NDArray]) -> Any:
    """What JSON says of a value; its arrays are collected in order."""
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return [value.dtype.str, *value.shape]
    if is_dataclass(value):
        return [_described(getattr(value, field.name), arrays) for field in fields(value)]
    if isinstance(value, tuple):
        return [_described(part, arrays) for part in value]
    return value


class _Reader:
    """Goes through the bytes of the arrays."""

    def __init__(self, data: bytes, start: int) -> None:
        self._data, self._at = data, start

    def check_end(self) -> None:
        """All bytes have been read."""
        if self._at != len(self._data):
            raise ValueError(f"{len(self._data) - self._at} bytes too many")

    def value(self, kind: Any, told: Any) -> Any:
        """A value of a kind as its type hint says."""
        if is_dataclass(kind):
            return self._record(kind, told)
        if get_origin(kind) is np.ndarray:
            return self._array(*told)
        if get_origin(kind) is tuple:
            return tuple(self.value(get_args(kind)[0], part) for part in _of(list, told))
        return _of(kind, told)

    def _record(self, kind: Any, told: Any) -> Any:
        hints = _hints(kind)
        values = {
            name: self.value(hint, part)
            for (name, hint), part in zip(hints.items(), _of(list, told), strict=True)
        }
        if kind is Map:  # the fields of its tables are known on both sides
            tables = {name: values[name].view(dtype) for name, (_, dtype) in MAP_TABLES.items()}
            values |= tables
        return kind(**values)

    def _array(self, name: str, *shape: int) -> NDArray:
        dtype = np.dtype(_of(str, name))
        if dtype.hasobject or any(_of(int, size) < 0 for size in shape):
            raise ValueError(f"no array of {name} {shape}")
        size = int(np.prod(shape, dtype=object)) * dtype.itemsize
        array = np.empty(shape, dtype) if self._at + size <= len(self._data) else None
        if array is None:
            raise ValueError(f"bytes of an array {shape} are missing")
        part = np.frombuffer(self._data, np.uint8, size, self._at)
        if dtype == np.bool_ and (part > 1).any():
            raise ValueError("a truth value that is neither 0 nor 1")
        array.reshape(-1).view(np.uint8)[:] = part
        self._at += size
        return array


def _of(kind: type, value: Any) -> Any:
    """The value, if it is of a kind; raises TypeError."""
    if not isinstance(value, kind):
        raise TypeError(f"expected {kind.__name__}, got {type(value).__name__}")
    return value


@cache
def _hints(kind: Any) -> dict[str, Any]:
    """Names and types of a record's fields, in order."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}
