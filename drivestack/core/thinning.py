"""Lines with fewer points: what a drawing or a log keeps of them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .compiled import kernel
from .types import Floats


@kernel
def _keep(lines: NDArray, tolerance: float, kept: NDArray, pieces: NDArray) -> None:
    """Mark points to keep; `pieces` (P, 2) is room for the stack of pieces that are still open."""
    last = lines.shape[0] - 1
    kept[0], kept[last] = True, True
    pieces[0, 0], pieces[0, 1], n = 0, last, 1
    while n > 0:
        n -= 1
        a, b = pieces[n, 0], pieces[n, 1]
        worst, at = tolerance, -1
        for i in range(a + 1, b):
            for g in range(lines.shape[1]):
                off = _off_chord(lines, a, b, i, g)
                if off > worst:
                    worst, at = off, i
        if at >= 0:
            kept[at] = True
            pieces[n, 0], pieces[n, 1] = a, at
            pieces[n + 1, 0], pieces[n + 1, 1] = at, b
            n += 2


@kernel
def _off_chord(lines: NDArray, a: int, b: int, i: int, g: int) -> float:
    """Distance [m] of point i of line g to the chord between points a and b."""
    cx, cy = lines[b, g, 0] - lines[a, g, 0], lines[b, g, 1] - lines[a, g, 1]
    px, py = lines[i, g, 0] - lines[a, g, 0], lines[i, g, 1] - lines[a, g, 1]
    length2 = cx * cx + cy * cy
    share = 0.0 if length2 == 0.0 else min(max((px * cx + py * cy) / length2, 0.0), 1.0)
    dx, dy = px - share * cx, py - share * cy
    return math.sqrt(dx * dx + dy * dy)


def thinned(lines: Floats, tolerance: float) -> NDArray[np.intp]:
    """Points to keep so that no line is off by more than a tolerance (Douglas and Peucker 1973).

    Args:
        lines: (P, G, 2) G lines [m] that share their points' numbers, as the edges of a lane do.
        tolerance: [m].

    Returns:
        Ascending numbers of points; both ends are among them.
    """
    kept = np.zeros(len(lines), np.bool_)
    _keep(np.ascontiguousarray(lines), tolerance, kept, np.zeros((len(lines) + 1, 2), np.int64))
    return np.flatnonzero(kept)
