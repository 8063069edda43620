"""Array checking for records: shape by axis letters, dtype, finiteness, and the read-only mark."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

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
    # searching bytes takes half as long as `all` on small arrays, and records are many and small
    if wanted.kind == "f" and b"\0" in np.isfinite(array).tobytes():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name}: not finite at {place}; absence is a mask, never NaN")
    array.setflags(write=False)


@cache
def _parsed(axes: str, dtype: DTypeLike) -> tuple[list[tuple[str, int | None]], np.dtype]:
    """Letter and literal size of every axis, and the dtype; each layout is read once."""
    letters = axes.split()
    return [(one, int(one) if one.isdigit() else None) for one in letters], np.dtype(dtype)


def check_fields(record: object, layout: Mapping[str, tuple[str, DTypeLike]]) -> dict[str, int]:
    """Check and freeze every array of a record against its layout; returns the axis sizes."""
    sizes: dict[str, int] = {}
    owner = type(record).__name__
    for field, (axes, dtype) in layout.items():
        checked(f"{owner}.{field}", getattr(record, field), axes, sizes, dtype)
    return sizes


def frozen(array: NDArray) -> NDArray:
    """A read-only, contiguous copy."""
    out = np.array(array, order="C", copy=True)
    out.setflags(write=False)
    return out
