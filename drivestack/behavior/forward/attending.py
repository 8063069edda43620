"""Latents that look at tokens or at each other: `encoder.Attention`, compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, kernel

from .dense import Weights, activate, add, dense, even, exponential, multiply
from .panels import PANEL

BLOCK = 7
"""Parts of a block: the layers of an `encoder.Attention`; what latents ask is scaled already."""

(BEFORE, BETWEEN, ASKS, SHOWS, SAYS, WIDE, NARROW) = range(BLOCK)


class Desk(NamedTuple):
    """Room for some scenarios' latents, and for one head of one scenario, a panel wide.

    normal, asked, heard: (S L, W). shown: (S T, 2 W). wide: (S L, 2 W). keys: (P 32 32,), in
    panels of tokens. values: (T 32,), one panel. likeness: (L, 32 P).
    """

    normal: NDArray
    asked: NDArray
    heard: NDArray
    shown: NDArray
    wide: NDArray
    keys: NDArray
    values: NDArray
    likeness: NDArray


@kernel
def desk(scenarios: int, latents: int, width: int, tokens: int) -> Desk:
    """Room for at most so many tokens of each scenario."""
    kind, rows, panels = np.float32, scenarios * latents, (tokens + PANEL - 1) // PANEL
    return Desk(
        np.zeros((rows, width), kind), np.zeros((rows, width), kind), np.zeros((rows, width), kind),
        np.zeros((scenarios * tokens, 2 * width), kind), np.zeros((rows, 2 * width), kind),
        np.zeros(panels * PANEL * PANEL, kind), np.zeros(tokens * PANEL, kind),
        np.zeros((latents, panels * PANEL), kind),
    )  # fmt: skip


@hot_kernel
def _share_out(likeness: NDArray, tokens: int) -> None:
    """Likeness (L, T or more) to shares of one, in place."""
    none, nothing = np.float32(-np.inf), np.float32(0.0)
    for i in range(likeness.shape[0]):
        row, most, total = likeness[i], none, nothing
        for t in range(tokens):
            most = max(most, row[t])
        for t in range(tokens):
            row[t] = exponential(row[t] - most)
        for t in range(tokens):
            total += row[t]
        for t in range(tokens):
            row[t] /= total


@hot_kernel
def _split(shown: NDArray, first: int, width: int, on: Desk) -> None:
    """Lay out one head's keys, whose columns begin at `first`, and values."""
    tokens = shown.shape[0]
    for begin in range(0, tokens, PANEL):
        for j in range(PANEL):
            line = on.keys[begin * PANEL + j * PANEL :]
            for t in range(min(PANEL, tokens - begin)):
                line[t] = shown[begin + t, first + j]
    for t in range(tokens):
        line = on.values[t * PANEL :]
        for j in range(PANEL):
            line[j] = shown[t, width + first + j]


@hot_kernel
def _hear(asked: NDArray, shown: NDArray, on: Desk, heard: NDArray) -> None:
    """Write what one scenario's latents hear (L, W), head by head.

    Args:
        asked: (L, W). shown: (T, 2 W): keys, then values.
    """
    width, tokens = asked.shape[1], shown.shape[0]
    panels = (tokens + PANEL - 1) // PANEL
    heard[:] = np.float32(0.0)
    for first in range(0, width, PANEL):
        _split(shown, first, width, on)
        on.likeness[:] = np.float32(0.0)
        multiply(asked, first, on.keys, 0, panels, PANEL, on.likeness, 0)
        _share_out(on.likeness, tokens)
        multiply(on.likeness, 0, on.values, 0, 1, tokens, heard, first)


@hot_kernel
def attend(
    latents: NDArray, weights: Weights, block: int, tokens: NDArray, begin: NDArray, on: Desk
) -> None:
    """Change the latents (S L, W) of S scenarios by what they see in tokens (N, ·).

    Args:
        block: its first part. tokens: those of `on.normal` are the latents' own, normalised.
        begin: (S + 1,) where each scenario's tokens begin, and where the last one's end.
    """
    rows, scenarios = latents.shape[0], begin.shape[0] - 1
    normal, asked, heard, wide = on.normal[:rows], on.asked[:rows], on.heard[:rows], on.wide[:rows]
    shown = on.shown[: tokens.shape[0]]
    even(latents, weights, block + BEFORE, normal)
    dense(normal, weights, block + ASKS, asked)
    dense(tokens, weights, block + SHOWS, shown)
    few = rows // scenarios
    for b in range(scenarios):
        own, seen = slice(b * few, (b + 1) * few), slice(begin[b], begin[b + 1])
        _hear(asked[own], shown[seen], on, heard[own])
    dense(heard, weights, block + SAYS, asked)
    add(asked, latents)
    even(latents, weights, block + BETWEEN, normal)
    dense(normal, weights, block + WIDE, wide)
    activate(wide)
    dense(wide, weights, block + NARROW, asked)
    add(asked, latents)
