"""Closures as keys: what a map looks like under them, and whether they have changed. Compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.types import Closures

from .cells import Closed

_PRIME = np.uint64(0x100000001B3)
"""FNV-1a, 64 bit: <http://www.isthe.com/chongo/tech/comp/fnv/>."""

_OFFSET = np.uint64(0xCBF29CE484222325)


def closed_parts(closures: Closures, b: int) -> Closed:
    """The closures of one scenario in a fixed order."""
    rows = np.flatnonzero(closures.valid[b])
    columns = (closures.lane[b, rows], closures.start[b, rows], closures.end[b, rows])
    return tuple(sorted(zip(*(column.tolist() for column in columns), strict=True)))


def fingerprints(closures: Closures) -> NDArray[np.int64]:
    """(B,) a number that differs where closures differ; 0 where there are none."""
    out = np.zeros(len(closures.valid), np.uint64)
    start = np.ascontiguousarray(closures.start).view(np.uint64)
    end = np.ascontiguousarray(closures.end).view(np.uint64)
    _fingerprint(closures.lane, start, end, closures.valid, _OFFSET, _PRIME, out)
    return out.view(np.int64)


@kernel
def _fingerprint(
    lane: NDArray,
    start: NDArray,
    end: NDArray,
    valid: NDArray,
    offset: np.uint64,
    prime: np.uint64,
    out: NDArray,
) -> None:
    """FNV-1a over the 64-bit words of the valid closures of each row."""
    for b in range(valid.shape[0]):
        for r in range(valid.shape[1]):
            if not valid[b, r]:
                continue
            if out[b] == 0:
                out[b] = offset
            for word in (np.uint64(lane[b, r]), start[b, r], end[b, r]):
                out[b] = (out[b] ^ word) * prime
