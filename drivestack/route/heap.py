"""A binary heap in two arrays, compiled: least key first, on ties the least value."""

from __future__ import annotations

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel


@hot_kernel
def _before(keys: NDArray, values: NDArray, i: int, j: int) -> bool:
    """Whether entry i comes out before entry j."""
    return keys[i] < keys[j] or (keys[i] == keys[j] and values[i] < values[j])


@hot_kernel
def _swap(keys: NDArray, values: NDArray, i: int, j: int) -> None:
    keys[i], keys[j] = keys[j], keys[i]
    values[i], values[j] = values[j], values[i]


@hot_kernel
def push(keys: NDArray, values: NDArray, n: int, key: float, value: int) -> int:
    """Put in one entry behind n others; returns the new number. The arrays must have room."""
    keys[n], values[n] = key, value
    i = n
    while i > 0 and _before(keys, values, i, (i - 1) // 2):
        _swap(keys, values, i, (i - 1) // 2)
        i = (i - 1) // 2
    return n + 1


@hot_kernel
def pop(keys: NDArray, values: NDArray, n: int) -> int:
    """Take out the first of n >= 1 entries; returns the new number."""
    n -= 1
    keys[0], values[0] = keys[n], values[n]
    i = 0
    while 2 * i + 1 < n:
        child = 2 * i + 1
        if child + 1 < n and _before(keys, values, child + 1, child):
            child += 1
        if not _before(keys, values, child, i):
            break
        _swap(keys, values, i, child)
        i = child
    return n
