"""What networks are made of, in single precision and strict arithmetic, compiled.

Every number depends on its own row only, and on the order of terms that stands here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, inlined_kernel

from .panels import PANEL, ROWS, add_row, add_rows


class Weights(NamedTuple):
    """All numbers of a network one after the other, and where each part begins.

    A kernel is handed these two arrays and the numbers of parts: dozens of arrays would take
    longer to hand over than to multiply, and much longer to compile.

    Attributes:
        flat: (F,). parts: (N, 4) see `BEGIN` and the others.
    """

    flat: NDArray
    parts: NDArray


(BEGIN, COUNT, DEPTH, MORE) = range(4)
"""Columns of a part.

A layer: where its panels begin, how many they are, their rows, where its bias begins. A pair of
vectors: where the first begins, -, their length, where the second begins. Rows: where they begin,
how many they are, their length, a number that belongs to them.
"""


EVEN = np.float32(1e-5)
"""Added to a variance; torch's."""

_ONE, _HALF = np.float32(1.0), np.float32(0.5)
_PER_OCTAVE = np.float32(1.4426950408889634)
_OCTAVE, _REST = np.float32(0.693359375), np.float32(-2.12194440e-4)
_C0, _C1, _C2 = (
    np.float32(1.9875691500e-4),
    np.float32(1.3981999507e-3),
    np.float32(8.3334519073e-3),
)
_C3, _C4, _C5 = (
    np.float32(4.1665795894e-2),
    np.float32(1.6666665459e-1),
    np.float32(5.0000001201e-1),
)
_LEAST, _MOST = np.float32(-87.0), np.float32(87.0)
_BIAS, _BITS = np.int32(127), np.int32(23)


@inlined_kernel
def exponential(x: np.float32) -> np.float32:
    """e to the x, from -87 to 87, within 2 units of the last place.

    Cephes' polynomial (expf), which a compiler turns into vectors, unlike libm's.
    """
    x = min(max(x, _LEAST), _MOST)
    octaves = np.floor(x * _PER_OCTAVE + _HALF)
    r = (x - octaves * _OCTAVE) - octaves * _REST
    p = ((((_C0 * r + _C1) * r + _C2) * r + _C3) * r + _C4) * r + _C5
    p = p * (r * r) + r + _ONE
    return p * np.int32((np.int32(octaves) + _BIAS) << _BITS).view(np.float32)


@inlined_kernel
def silu(x: np.float32) -> np.float32:
    """x times its logistic function."""
    return x / (_ONE + exponential(-x))


@hot_kernel
def multiply(
    x: NDArray, first: int, flat: NDArray, at: int, panels: int, depth: int, y: NDArray, to: int
) -> None:
    """Add to y (M, ·) a product of x (M, ·) and a weight in panels (P, K, 32).

    Args:
        first: of the K columns of x. at: where the panels begin. to: of the 32 P columns of y.
    """
    rows = y.shape[0]
    whole = rows - rows % ROWS
    for panel in range(panels):
        begin, column = at + panel * depth * PANEL, to + panel * PANEL
        for i in range(0, whole, ROWS):
            add_rows(x, i, first, flat, begin, depth, y, column)
        for i in range(whole, rows):
            add_row(x, i, first, flat, begin, depth, y, column)


@hot_kernel
def dense(x: NDArray, weights: Weights, layer: int, y: NDArray) -> None:
    """Write a layer's rows y (M, 32 P or more) of rows x (M, in or more)."""
    part = weights.parts[layer]
    panels, bias = part[COUNT], weights.flat[part[MORE] :]
    for i in range(y.shape[0]):
        for j in range(panels * PANEL):
            y[i, j] = bias[j]
    multiply(x, 0, weights.flat, part[BEGIN], panels, part[DEPTH], y, 0)


@hot_kernel
def add_dense(x: NDArray, weights: Weights, layer: int, y: NDArray) -> None:
    """Add a layer's rows to what is there."""
    part = weights.parts[layer]
    panels, bias = part[COUNT], weights.flat[part[MORE] :]
    for i in range(y.shape[0]):
        for j in range(panels * PANEL):
            y[i, j] += bias[j]
    multiply(x, 0, weights.flat, part[BEGIN], panels, part[DEPTH], y, 0)


@hot_kernel
def scaled(rows: NDArray, weights: Weights, pair: int, out: NDArray) -> None:
    """Write rows (M, N) less a mean, times a scale."""
    part = weights.parts[pair]
    mean, scale = weights.flat[part[BEGIN] :], weights.flat[part[MORE] :]
    for i in range(rows.shape[0]):
        for j in range(rows.shape[1]):
            out[i, j] = (rows[i, j] - mean[j]) * scale[j]


@hot_kernel
def activate(x: NDArray) -> None:
    """SiLU of every number, in place."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            x[i, j] = silu(x[i, j])


@hot_kernel
def add(x: NDArray, y: NDArray) -> None:
    """Add x to y, both (M, N)."""
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] += x[i, j]


@hot_kernel
def _total(row: NDArray, less: np.float32, squared: bool) -> np.float32:
    """The sum of a row's numbers less one, or of their squares; eight at a time.

    The row is a multiple of 32 long.
    """
    total = np.float32(0.0)
    for i in range(0, row.shape[0], 8):
        a, b = row[i] - less, row[i + 1] - less
        c, d = row[i + 2] - less, row[i + 3] - less
        e, f = row[i + 4] - less, row[i + 5] - less
        g, h = row[i + 6] - less, row[i + 7] - less
        if squared:
            a, b, c, d = a * a, b * b, c * c, d * d
            e, f, g, h = e * e, f * f, g * g, h * h
        total += ((a + b) + (c + d)) + ((e + f) + (g + h))
    return total


@hot_kernel
def even(x: NDArray, weights: Weights, pair: int, y: NDArray) -> None:
    """Write rows x (M, W) normalised each by itself (Ba et al., 1607.06450)."""
    part, width = weights.parts[pair], np.float32(x.shape[1])
    scale, shift = weights.flat[part[BEGIN] :], weights.flat[part[MORE] :]
    for i in range(x.shape[0]):
        mean = _total(x[i], np.float32(0.0), False) / width
        spread = np.sqrt(_total(x[i], mean, True) / width + EVEN)
        for j in range(x.shape[1]):
            y[i, j] = (x[i, j] - mean) / spread * scale[j] + shift[j]
