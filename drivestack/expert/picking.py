"""Which candidates are worth trying out: the best by a score, no two of them alike; compiled."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel

CHECKPOINTS = 4
"""Places of a chunk at which two are compared, evenly spaced, the last at its end. Our choice."""


@kernel
def _apart(one: NDArray, other: NDArray) -> float:
    """The largest distance [m] between two chunks (T, 4) at the checkpoints."""
    steps, most = one.shape[0], 0.0
    for part in range(1, CHECKPOINTS + 1):
        t = part * steps // CHECKPOINTS - 1
        dx, dy = one[t, 0] - other[t, 0], one[t, 1] - other[t, 1]
        most = max(most, math.sqrt(dx * dx + dy * dy))
    return most


@kernel
def picked(states: NDArray, valid: NDArray, total: NDArray, alike: float, out: NDArray) -> None:
    """Write (B, M) the numbers of the candidates to try, best first; -1 where there are no more.

    First those that differ by more than `alike` [m] from all that are picked already; if they are
    too few, none of the others would tell anything new.

    Args:
        states: (B, K, T, 4). valid: (B, K). total: (B, K), larger is better, ties to the lower
        number.
    """
    batch, count = valid.shape
    for b in range(batch):
        left = valid[b].copy()
        n = 0
        while n < out.shape[1]:
            best, chosen = -math.inf, -1
            for k in range(count):
                if left[k] and total[b, k] > best:
                    best, chosen = total[b, k], k
            if chosen < 0:
                break
            left[chosen] = False
            differs = True
            for place in range(n):
                other = states[b, out[b, place]]
                differs = differs and _apart(states[b, chosen], other) > alike
            if differs:
                out[b, n] = chosen
                n += 1
        out[b, n:] = -1


def best_different(
    states: NDArray, valid: NDArray, total: NDArray, most: int, alike: float
) -> NDArray[np.int64]:
    """(B, M) see `picked`, M = `most`."""
    out = np.full((len(states), most), -1, np.int64)
    picked(states, valid, total, alike, out)
    return out
