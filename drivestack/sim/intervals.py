"""95 % intervals: Wilson's for rates, the percentile bootstrap for means."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drivestack.core.rng import stream
from drivestack.core.types import Floats

LEVEL = 0.05
"""Two-sided error of an interval, unless several are to hold at once."""

Z_95 = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""

RESAMPLES = 10_000
"""Of the bootstrap: the ends of an interval are then good to about a fiftieth of its length."""

_CHUNK = 2_000_000
"""Draws made at a time, so that memory does not grow with the suite."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of some trials were hits, with the 95 % Wilson interval of the rate."""

    hits: int
    trials: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over episodes with its 95 % bootstrap interval.

    Attributes:
        count: episodes that have a value. value: None where none has. low, high: None also where
        there is only one episode, from which nothing can be said of others.
    """

    count: int
    value: float | None
    low: float | None
    high: float | None


def rate(hits: int, trials: int) -> Rate:
    """A rate with its interval; everything is possible without trials."""
    return Rate(hits, trials, *wilson(hits, trials))


def wilson(hits: int, trials: int, z: float = Z_95) -> tuple[float, float]:
    """Interval of a rate (Wilson 1927); everything is possible without trials.

    Args:
        z: two-sided quantile of the normal distribution; 95 % by default.
    """
    if trials == 0:
        return 0.0, 1.0
    share, z2 = hits / trials, z * z
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    spread = math.sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials))
    half = z * spread / (1 + z2 / trials)
    low = 0.0 if hits == 0 else max(middle - half, 0.0)
    return low, 1.0 if hits == trials else min(middle + half, 1.0)


def means(name: str, values: Floats, weights: Floats, level: float = LEVEL) -> list[Mean]:
    """Weighted means of several values over the same episodes, resampled together.

    Args:
        name: of the random stream. values: (n, m). weights: (n, m), 0 where there is no value.
        level: two-sided error of the intervals.
    """
    ends = [50.0 * level, 100.0 - 50.0 * level]
    parts = np.concatenate([values * weights, weights], axis=1)
    count, m = np.count_nonzero(weights, axis=0), values.shape[1]
    drawn = _resampled(name, parts) if len(values) > 1 else np.zeros((0, 2 * m))
    found = []
    for k in range(m):
        total = float(weights[:, k].sum())
        if total == 0.0:
            found.append(Mean(0, None, None, None))
            continue
        value = float(parts[:, k].sum()) / total
        sums, divisors = drawn[:, k], drawn[:, m + k]
        some = divisors > 0.0
        if count[k] < 2 or not some.any():
            found.append(Mean(int(count[k]), value, None, None))
            continue
        low, high = np.percentile(sums[some] / divisors[some], ends).tolist()
        # rounding must not put a mean of equal values outside
        found.append(Mean(int(count[k]), value, min(low, value), max(high, value)))
    return found


def _resampled(name: str, parts: Floats) -> Floats:
    """Sums (`RESAMPLES`, c) of the rows of (n, c), n of them drawn each time with replacement."""
    n = len(parts)
    draws, rows = stream("bootstrap", name, n), max(_CHUNK // n, 1)
    sums = np.empty((RESAMPLES, parts.shape[1]))
    for at in range(0, RESAMPLES, rows):
        here = min(rows, RESAMPLES - at)
        chosen = draws.integers(0, n, (here, n)) + n * np.arange(here)[:, None]
        times = np.bincount(chosen.ravel(), minlength=here * n).reshape(here, n)
        sums[at : at + here] = times @ parts
    return sums
