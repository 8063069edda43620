"""From a condition and noise to chunks along a flow: `heads.Flow.sample`, compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, kernel

from .dense import BEGIN, COUNT, DEPTH, MORE, Weights, activate, add, dense, silu
from .panels import PANEL

TILE = 4
"""Scenarios whose candidates go side by side: weights are read once for all of them. Our choice."""


(OF_CONDITION, WAVES, MODULATING, OF_CHUNK, CALLS, FIRST, LAST, HIDDEN) = range(8)
"""Parts of a flow's weights, see `heads.modulated.Modulated`: `WAVES` what the layer of times says
at each call, `OF_CHUNK` mean and spread of a chunk; from `HIDDEN` on hidden layers, of which
`CALLS` has the number; its rows are a solver's calls (`sampling.Call`): what the velocity found and
the one before are multiplied by."""


class Desk(NamedTuple):
    """Room for M candidates of S scenarios and N calls.

    x, found, before: (M, ·) chunks and velocities. h, inner: (M, H). embedded: (S N, ·).
    both: (S N, 2 L H) scales less one of all layers, then shifts.
    """

    x: NDArray
    found: NDArray
    before: NDArray
    h: NDArray
    inner: NDArray
    embedded: NDArray
    both: NDArray


@kernel
def _desk(weights: Weights, scenarios: int, each: int) -> Desk:
    """Room for so many candidates of each scenario."""
    parts, kind = weights.parts, np.float32
    rows, calls = scenarios * each, scenarios * parts[CALLS, COUNT]
    width, wide = parts[FIRST, COUNT] * PANEL, parts[LAST, COUNT] * PANEL
    return Desk(
        np.zeros((rows, wide), kind), np.zeros((rows, wide), kind), np.zeros((rows, wide), kind),
        np.zeros((rows, width), kind), np.zeros((rows, width), kind),
        np.zeros((calls, parts[WAVES, DEPTH]), kind),
        np.zeros((calls, parts[MODULATING, COUNT] * PANEL), kind),
    )  # fmt: skip


@hot_kernel
def _modulate(weights: Weights, condition: NDArray, embedded: NDArray, both: NDArray) -> None:
    """Write the modulation of all calls under conditions (S, C)."""
    calls, width = weights.parts[CALLS, COUNT], embedded.shape[1]
    waves = weights.flat[weights.parts[WAVES, BEGIN] :]
    for i in range(condition.shape[0]):
        own = embedded[i * calls : (i + 1) * calls]
        dense(condition[i : i + 1], weights, OF_CONDITION, own[:1])
        for n in range(calls - 1, -1, -1):
            for j in range(width):
                own[n, j] = own[0, j] + waves[n * width + j]
    activate(embedded)
    dense(embedded, weights, MODULATING, both)


@hot_kernel
def _modulated(
    inner: NDArray, both: NDArray, call: int, calls: int, layer: int, layers: int
) -> None:
    """SiLU of rows (M, H) scaled and shifted by their scenario's modulation at a call, in place."""
    width, each = inner.shape[1], inner.shape[0] // (both.shape[0] // calls)
    for i in range(inner.shape[0]):
        row = both[i // each * calls + call]
        scale = row[layer * width : (layer + 1) * width]
        shift = row[(layers + layer) * width : (layers + layer + 1) * width]
        for j in range(width):
            inner[i, j] = silu(shift[j] + inner[i, j] * (np.float32(1.0) + scale[j]))


@hot_kernel
def _velocity(weights: Weights, call: int, x: NDArray, both: NDArray, on: Desk) -> None:
    """Write the velocity at chunks x (M, ·) into `on.found`; both: (S N, ·) of their scenarios."""
    shape, rows = weights.parts[CALLS], x.shape[0]
    layers, h, inner = 1 + shape[MORE], on.h[:rows], on.inner[:rows]
    dense(x, weights, FIRST, h)
    _modulated(h, both, call, shape[COUNT], 0, layers)
    for n in range(1, layers):
        dense(h, weights, HIDDEN + n - 1, inner)
        _modulated(inner, both, call, shape[COUNT], n, layers)
        add(inner, h)
    dense(h, weights, LAST, on.found[:rows])


@hot_kernel
def _flow(weights: Weights, condition: NDArray, noise: NDArray, on: Desk, out: NDArray) -> None:
    """Chunks (S, K, D) of some scenarios' conditions (S, C) and one noise (K, D)."""
    each, chunk = noise.shape
    rows = condition.shape[0] * each
    x, parts = on.x[:rows], weights.parts
    calls, solver = parts[CALLS, COUNT], weights.flat[parts[CALLS, BEGIN] :]
    mean, spread = weights.flat[parts[OF_CHUNK, BEGIN] :], weights.flat[parts[OF_CHUNK, MORE] :]
    for i in range(rows):
        for j in range(chunk):
            x[i, j], on.before[i, j] = noise[i % each, j], np.float32(0.0)
    told = condition.shape[0] * calls
    both = on.both[:told]
    _modulate(weights, condition, on.embedded[:told], both)
    for n in range(calls):
        _velocity(weights, n, x, both, on)
        now, old = solver[2 * n], solver[2 * n + 1]
        for i in range(rows):
            for j in range(chunk):
                x[i, j] = x[i, j] + now * on.found[i, j] + old * on.before[i, j]
                on.before[i, j] = on.found[i, j]
    for i in range(rows):
        for j in range(chunk):
            out[i // each, i % each, j] = mean[j] + x[i, j] * spread[j]


@kernel
def sample(weights: Weights, condition: NDArray, noise: NDArray, out: NDArray) -> None:
    """Chunks (B, K, D) under conditions (B, C), `TILE` scenarios at a time, each by itself."""
    on = _desk(weights, TILE, noise.shape[0])
    for first in range(0, out.shape[0], TILE):
        n = min(TILE, out.shape[0] - first)
        _flow(weights, condition[first : first + n], noise, on, out[first : first + n])
