"""Closures as keys: what a map looks like under them, and whether they have changed. Compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.types import Closures

from .cells import Closed

_PRIME = 0x100000001B3
"""FNV-1a, 64 bit: <http://www.isthe.com/chongo/tech/comp/fnv/>."""

_OFFSET = 0xCBF29CE484222325


def closed_parts(closures: Closures, b: int) -> Closed:
    """The closures of one scenario in a fixed order."""
    rows = np.flatnonzero(closures.valid[b])
    if len(rows) == 0:
        return ()
    columns = (closures.lane[b, rows], closures.start[b, rows], closures.end[b, rows])
    return tuple(sorted(zip(*(column.tolist() for column in columns), strict=True)))


def fingerprints(closures: Closures) -> NDArray[np.int64]:
    """(B,) a number that differs where closures differ; 0 where there are none."""
    out = np.zeros(len(closures.valid), np.int64)
    _fingerprints(closures.lane, closures.start, closures.end, closures.valid, out)
    return out


@kernel
def _fingerprints(
    lane: NDArray, start: NDArray, end: NDArray, valid: NDArray, out: NDArray
) -> None:
    for b in range(valid.shape[0]):
        out[b] = fingerprint(lane[b], start[b], end[b], valid[b])


@kernel
def fingerprint(lane: NDArray, start: NDArray, end: NDArray, valid: NDArray) -> int:
    """FNV-1a over the 64-bit words of the valid closures (R,) of one scenario."""
    mix = np.uint64(0)
    for r in range(valid.shape[0]):
        if not valid[r]:
            continue
        if mix == np.uint64(0):
            mix = np.uint64(_OFFSET)
        first, last = np.float64(start[r]).view(np.uint64), np.float64(end[r]).view(np.uint64)
        for word in (np.uint64(lane[r]), first, last):
            mix = (mix ^ word) * np.uint64(_PRIME)
    signed: int = np.int64(mix)  # pyright: ignore[reportAssignmentType]
    return signed
