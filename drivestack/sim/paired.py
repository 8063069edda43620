"""Two drivers on the same scenarios: exact tests and intervals of how they differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from drivestack.core.rng import stream
from drivestack.core.types import Floats

from .intervals import LEVEL, RESAMPLES, Mean, wilson

_CHUNK = 500
"""Resamples drawn at once, which bounds the memory of a page of thousands of episodes."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A value and its interval, of 95 % where nothing else is said."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Discordant:
    """Two drivers on the same seeds.

    Attributes:
        first_only, second_only: seeds on which only one has a hit. both, neither: the others.
    """

    first_only: int
    second_only: int
    both: int
    neither: int

    @classmethod
    def of(cls, first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Discordant:
        """Counted over pairs in the same order."""
        return cls(
            int((first & ~second).sum()),
            int((~first & second).sum()),
            int((first & second).sum()),
            int((~first & ~second).sum()),
        )

    @property
    def p(self) -> float:
        """Exact two-sided McNemar test: are discordant pairs as often of the one kind?"""
        return sign_test(self.first_only, self.second_only)

    @property
    def difference(self) -> Interval:
        """First rate minus second, with its 95 % interval."""
        return self.difference_at(LEVEL)

    def difference_at(self, level: float) -> Interval:
        """First rate minus second, by Newcombe's square-and-add interval for pairs.

        Method 10 of Newcombe (1998), "Improved confidence intervals for the difference between
        binomial proportions based on paired data".
        """
        a, b, c, d = self.both, self.first_only, self.second_only, self.neither
        total = a + b + c + d
        spread = math.sqrt((a + b) * (c + d) * (a + c) * (b + d))
        cross = a * d - b * c
        if cross > 0:
            cross = max(cross - total / 2, 0)
        correlation = cross / spread if spread else 0.0
        return square_and_add(a + b, a + c, total, total, correlation, level)


def sign_test(one: int, other: int) -> float:
    """Exact two-sided p that of `one + other` signs, as likely of either kind, so many agree."""
    n, fewer = one + other, min(one, other)
    if n == 0:
        return 1.0
    whole = math.lgamma(n + 1) - n * math.log(2.0)
    tail = sum(
        math.exp(whole - math.lgamma(k + 1) - math.lgamma(n - k + 1)) for k in range(fewer + 1)
    )
    return min(2.0 * tail, 1.0)


def fewest_signs(level: float) -> int:
    """How many signs must agree before an exact test may call them no chance."""
    return math.ceil(1.0 - math.log2(level))


def square_and_add(
    first: int, second: int, of_first: int, of_second: int, correlation: float,
    level: float = LEVEL,
) -> Interval:  # fmt: skip
    """Difference of two rates with an interval made of their Wilson intervals."""
    z = quantile(level)
    p, q = first / of_first, second / of_second
    (p_low, p_high), (q_low, q_high) = wilson(first, of_first, z), wilson(second, of_second, z)

    def joined(one: float, other: float) -> float:
        return math.sqrt(max(one * one + other * other - 2.0 * correlation * one * other, 0.0))

    gap = p - q
    return Interval(gap, gap - joined(p - p_low, q_high - q), gap + joined(p_high - p, q - q_low))


def quantile(level: float) -> float:
    """Of the normal distribution, two-sided."""
    return NormalDist().inv_cdf(1.0 - level / 2.0)


def mean_of(groups: Sequence[NDArray[np.float64]], *names: str | int) -> Interval:
    """Mean over all values with its percentile bootstrap interval.

    Args:
        groups: values by stratum (a scene); each is resampled by itself, so that no scene weighs
        more in one resample than in another. names: of the random stream.
    """
    total = sum(len(group) for group in groups)
    draws = stream("results", *names)
    means = np.zeros(RESAMPLES)
    for group in groups:
        for at in range(0, RESAMPLES, _CHUNK):
            picked = draws.integers(0, len(group), (_CHUNK, len(group)))
            means[at : at + _CHUNK] += group[picked].sum(axis=1) / total
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(sum(group.sum() for group in groups) / total), float(low), float(high))


def normal_means(values: Floats, known: NDArray[np.bool_], level: float = LEVEL) -> list[Mean]:
    """Mean of every column over the rows that have it, with its normal interval.

    Args:
        values: (n, m). known: (n, m). level: two-sided error of an interval.
    """
    found = []
    for column, has in zip(values.T, known.T, strict=True):
        own = column[has]
        if len(own) < 2:
            found.append(Mean(len(own), float(own[0]) if len(own) else None, None, None))
            continue
        value = float(own.mean())
        half = quantile(level) * float(own.std(ddof=1)) / math.sqrt(len(own))
        found.append(Mean(len(own), value, value - half, value + half))
    return found
