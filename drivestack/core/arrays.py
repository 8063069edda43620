"""Array checking for records: shape by axis letters, dtype, finiteness, and the read-only mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


def checked(
    name: str,
    array: NDArray,
    axes: str,
    sizes: dict[str, int],
    dtype: DTypeLike = np.float64,
) -> None:
    """Check one array of a record and freeze it in place.

    Args:
        name: the attribute, for the message.
        array: the array; marked read-only on success.
        axes: space-separated axis letters or literal sizes, such as ``"B K T 4"``.
        sizes: letter sizes seen so far in this record; new letters are added.
        dtype: the required dtype, never converted.

    Raises:
        TypeError: not an array of `dtype`. ValueError: wrong shape, or a value that is not finite.
    """
    letters, wanted = _parsed(axes, dtype)  # pyright: ignore[reportArgumentType]  # layouts name types
    if not isinstance(array, np.ndarray) or array.dtype != wanted:
        found = getattr(array, "dtype", type(array).__name__)
        raise TypeError(f"{name}: expected an array of {wanted}, got {found}")
    if wanted.names and array.dtype.isalignedstruct != wanted.isalignedstruct:
        # files forget the mark, numpy ignores it, numba compiles every kernel again for it
        raise TypeError(f"{name}: its dtype has lost the mark `align=True`; use .view(dtype)")
    shape = array.shape
    if len(shape) != len(letters):
        raise ValueError(f"{name}: expected axes ({axes}), got shape {shape}")
    for axis, size in enumerate(shape):
        letter, literal = letters[axis]
        expected = literal or sizes.setdefault(letter, size)
        if size != expected:
            raise ValueError(f"{name}: axis {letter} should be {expected}, got shape {shape}")
    if wanted.kind == "f" and not np.isfinite(array).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name}: not finite at {place}; absence is a mask, never NaN")
    array.setflags(write=False)


@cache
def _parsed(axes: str, dtype: DTypeLike) -> tuple[list[tuple[str, int | None]], np.dtype]:
    """Letter and literal size of every axis, and the dtype; each layout is read once."""
    letters = axes.split()
    return [(one, int(one) if one.isdigit() else None) for one in letters], np.dtype(dtype)


def check_fields(record: object, layout: Mapping[str, tuple[str, DTypeLike]]) -> dict[str, int]:
    """Check and freeze every array of a record against its layout; returns the axis sizes.

    Records are many, and mostly as those before: what has fitted once is not looked at axis by
    axis again.
    """
    arrays = [getattr(record, field) for field in layout]
    sizes = _sizes_at_once(arrays, tuple(layout.values()))
    if sizes is None:
        sizes, owner = {}, type(record).__name__
        for (field, (axes, dtype)), array in zip(layout.items(), arrays, strict=True):
            checked(f"{owner}.{field}", array, axes, sizes, dtype)
    return sizes


_Layout = tuple[tuple[str, DTypeLike], ...]


def _sizes_at_once(arrays: Sequence[Any], layout: _Layout) -> dict[str, int] | None:
    """Freezes the arrays and returns the axis sizes; None where each has to be looked at."""
    axes, dtypes = _columns(layout)
    for array, wanted in zip(arrays, dtypes, strict=True):
        if type(array) is not np.ndarray or array.dtype is not wanted:
            return None
        # searching bytes takes half as long as `all` on small arrays
        if wanted.kind == "f" and b"\0" in np.isfinite(array).tobytes():
            return None
    sizes = axis_sizes(axes, tuple([array.shape for array in arrays]))
    if sizes is not None:
        for array in arrays:
            array.setflags(write=False)
    return sizes


@cache
def _columns(layout: _Layout) -> tuple[tuple[str, ...], tuple[np.dtype, ...]]:
    return tuple(axes for axes, _ in layout), tuple(np.dtype(dtype) for _, dtype in layout)


@lru_cache(maxsize=4096)
def axis_sizes(axes: tuple[str, ...], shapes: tuple[tuple[int, ...], ...]) -> dict[str, int] | None:
    """The size of every axis of some arrays, by its letter; None where shapes do not fit.

    Args:
        axes: of each array, as of `checked`. shapes: of each; mostly those of the tick before.
    """
    sizes: dict[str, int] = {}
    for wanted, shape in zip(axes, shapes, strict=True):
        letters = wanted.split()
        if len(letters) != len(shape):
            return None
        for letter, size in zip(letters, shape, strict=True):
            if size != (int(letter) if letter.isdigit() else sizes.setdefault(letter, size)):
                return None
    return sizes


def frozen(array: NDArray) -> NDArray:
    """A read-only, contiguous copy."""
    out = np.array(array, order="C", copy=True)
    out.setflags(write=False)
    return out
