"""From tokens and candidates to the chances of what will come of them: `Appraiser`, compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.described import chance
from drivestack.core.compiled import hot_kernel, kernel

from .dense import BEGIN, COUNT, MORE, Weights, activate, add, dense, scaled
from .panels import PANEL

(SCALE, SCENE, CHUNK, FIRST, SECOND, LAST, PLATT) = range(7)
"""Parts of a scoring model's weights but its encoder's, see `appraiser.Appraiser`: `SCALE` mean and
scale of what is told of a candidate, `PLATT` slope and shift of log-odds."""


class Desk(NamedTuple):
    """Room for N candidates: normal: (N, ·) what is told, hidden, inner: (N, H), odds: (N, ·);
    scene: (1, H)."""

    normal: NDArray
    hidden: NDArray
    inner: NDArray
    odds: NDArray
    scene: NDArray


@hot_kernel
def _deepen(hidden: NDArray, weights: Weights, layer: int, inner: NDArray) -> None:
    """Add what a layer says of hidden rows (M, H) to them."""
    dense(hidden, weights, layer, inner)
    activate(inner)
    add(inner, hidden)


@hot_kernel
def _weigh(weights: Weights, condition: NDArray, chunks: NDArray, valid: NDArray, on: Desk) -> None:
    """Write the log-odds of one scenario's valid chunks, one after the other."""
    n = 0
    for k in range(valid.shape[0]):
        if valid[k]:
            scaled(chunks[k : k + 1], weights, SCALE, on.normal[n : n + 1])
            n += 1
    hidden, inner = on.hidden[:n], on.inner[:n]
    dense(condition, weights, SCENE, on.scene)
    dense(on.normal[:n], weights, CHUNK, hidden)
    for i in range(n):
        for j in range(hidden.shape[1]):
            hidden[i, j] += on.scene[0, j]
    activate(hidden)
    _deepen(hidden, weights, FIRST, inner)
    _deepen(hidden, weights, SECOND, inner)
    dense(hidden, weights, LAST, on.odds[:n])


@kernel
def appraise(
    weights: Weights, condition: NDArray, chunks: NDArray, valid: NDArray, out: NDArray
) -> None:
    """Chances (B, K, M) of valid chunks (B, K, ·), each by itself; others are left as they are."""
    parts, kind, most = weights.parts, np.float32, valid.shape[1]
    width, wide = parts[FIRST, COUNT] * PANEL, parts[LAST, COUNT] * PANEL
    slope, shift = weights.flat[parts[PLATT, BEGIN] :], weights.flat[parts[PLATT, MORE] :]
    on = Desk(
        np.zeros((most, chunks.shape[2]), kind), np.zeros((most, width), kind),
        np.zeros((most, width), kind), np.zeros((most, wide), kind), np.zeros((1, width), kind),
    )  # fmt: skip
    for b in range(out.shape[0]):
        _weigh(weights, condition[b : b + 1], chunks[b], valid[b], on)
        n = 0
        for k in range(most):
            if valid[b, k]:
                for m in range(out.shape[2]):
                    out[b, k, m] = chance(on.odds[n, m], slope[m], shift[m])
                n += 1
