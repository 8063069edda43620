"""Savitzky-Golay filters as banded weights, for kernels that look at short series."""

from __future__ import annotations

import math
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel


@lru_cache(maxsize=256)
def savitzky_golay(
    length: int, window: int, order: int, derivative: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Weights (length, w) of a filter for unit spacing, and the first sample (length,) of each row.

    Equal to `scipy.signal.savgol_filter` with ``mode="interp"``: ends are read off the polynomials
    of the first and last window, an even window evaluates between its two middle samples. Window
    and order shrink with the series, as nuPlan's do (`metrics/utils/state_extractors.py`).

    Args:
        length: of the series, at least 1. window: samples. order: of the polynomial.
        derivative: 0 smooths, 1 and 2 differentiate.
    """
    window = min(window, length)
    order = min(order, window - 1)
    first = np.clip(np.arange(length) - (window - 1) // 2, 0, length - window)
    index = np.arange(length)
    inner = (window // 2 <= index) & (index < length - window // 2)
    places = np.where(inner, 0.5 * (window - 1), index - first)
    weights = np.stack([_weights(window, order, derivative, place) for place in places.tolist()])
    weights.flags.writeable = False
    return weights, first.astype(np.int64)


@cache
def _weights(window: int, order: int, derivative: int, place: float) -> NDArray[np.float64]:
    """Weights (window,) of the derivative at a place of the fitted polynomial."""
    if derivative > order:
        return np.zeros(window)
    powers = np.vander(np.arange(window) - place, order + 1, increasing=True)
    fit = np.linalg.lstsq(powers, np.eye(window), rcond=None)[0]
    return math.factorial(derivative) * fit[derivative]


@hot_kernel
def filtered_series(
    series: NDArray, weights: NDArray, first: NDArray, scale: float, out: NDArray
) -> None:
    """Apply a filter to a series (length,), times a scale, into `out` (length,).

    All rows but those at the ends have the same weights, and each begins one sample after the one
    before: their sums go side by side, each in its own order.

    Args:
        weights, first: from `savitzky_golay`.
    """
    rows, window = weights.shape
    half = window // 2
    for i in range(rows):
        out[i] = 0.0
    begin, end = min(half, rows), max(rows - half, half)
    if end > begin:
        at, middle = first[begin], weights[begin]
        for j in range(window):
            weight, samples, sums = middle[j], series[at + j :], out[begin:]
            for i in range(end - begin):
                sums[i] += weight * samples[i]
        for i in range(begin, end):
            out[i] *= scale
    for i in range(rows):
        if begin <= i < end:
            continue
        total = 0.0
        for j in range(window):
            total += weights[i, j] * series[first[i] + j]
        out[i] = scale * total
