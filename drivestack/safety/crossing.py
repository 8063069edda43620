"""Where two straight paths cross, and how far both are from it."""

from __future__ import annotations

import math
from typing import NamedTuple

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel


class Crossing(NamedTuple):
    """Ways [m] along both paths until a front reaches the part that both bodies sweep, and until a
    rear has left it; negative: that lies behind."""

    mine_in: float
    mine_out: float
    theirs_in: float
    theirs_out: float


@hot_kernel
def crossing_of(ego: NDArray, size: NDArray, other: NDArray, box: NDArray) -> Crossing:
    """The crossing of the straight paths of two bodies, whose headings must differ."""
    c, s = math.cos(ego[2]), math.sin(ego[2])
    dx, dy = other[0] - ego[0], other[1] - ego[1]
    x, y, turn = dx * c + dy * s, dy * c - dx * s, other[2] - ego[2]
    sine, cosine = math.sin(turn), math.cos(turn)
    theirs = -y / sine
    mine = x + theirs * cosine
    mine_over = 0.5 * (box[1] + size[1] * abs(cosine)) / abs(sine) + 0.5 * size[0]
    theirs_over = 0.5 * (size[1] + box[1] * abs(cosine)) / abs(sine) + 0.5 * box[0]
    return Crossing(mine - mine_over, mine + mine_over, theirs - theirs_over, theirs + theirs_over)
