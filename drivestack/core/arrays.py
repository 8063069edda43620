"""Array checking for records: shape by axis letters, dtype, finiteness, and the read-only mark."""

from __future__ import annotations

from collections.abc import Mapping

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
    if not isinstance(array, np.ndarray) or array.dtype != dtype:
        found = getattr(array, "dtype", type(array).__name__)
        raise TypeError(f"{name}: expected an array of {np.dtype(dtype)}, got {found}")
    if array.dtype.isalignedstruct != np.dtype(dtype).isalignedstruct:
        # files forget the mark, numpy ignores it, numba compiles every kernel again for it
        raise TypeError(f"{name}: its dtype has lost the mark `align=True`; use .view(dtype)")
    letters = axes.split()
    if array.ndim != len(letters):
        raise ValueError(f"{name}: expected axes ({axes}), got shape {array.shape}")
    for letter, size in zip(letters, array.shape, strict=True):
        expected = int(letter) if letter.isdigit() else sizes.setdefault(letter, size)
        if size != expected:
            raise ValueError(f"{name}: axis {letter} should be {expected}, got shape {array.shape}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name}: not finite at {place}; absence is a mask, never NaN")
    array.setflags(write=False)


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
