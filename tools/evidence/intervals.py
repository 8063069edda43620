"""Intervals and tests: proportions, means, and how two drivers differ on the same seeds.

All at 95 %. Bootstraps are seeded by names (`core.rng.stream`), so a page can be made again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from drivestack.core.rng import stream
from drivestack.sim.intervals import RESAMPLES, wilson

_CHUNK = 500
"""Resamples drawn at once, which bounds the memory of a page of thousands of episodes."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A value and its 95 % interval."""

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
        discordant = self.first_only + self.second_only
        return float(binomtest(self.first_only, discordant).pvalue) if discordant else 1.0

    @property
    def difference(self) -> Interval:
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
        return square_and_add(a + b, a + c, total, total, cross / spread if spread else 0.0)


def square_and_add(
    first: int, second: int, of_first: int, of_second: int, correlation: float
) -> Interval:
    """Difference of two rates with an interval made of their Wilson intervals."""
    p, q = first / of_first, second / of_second
    (p_low, p_high), (q_low, q_high) = wilson(first, of_first), wilson(second, of_second)

    def joined(one: float, other: float) -> float:
        return math.sqrt(max(one * one + other * other - 2.0 * correlation * one * other, 0.0))

    gap = p - q
    return Interval(gap, gap - joined(p - p_low, q_high - q), gap + joined(p_high - p, q - q_low))


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
