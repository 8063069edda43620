"""Both ranges of the grid with one way of moving aside: drivers are judged against these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from drivestack.core.errors import InputError, nearest
from drivestack.core.rng import stream
from drivestack.core.types import Bools

from .cases import CutIns, Sideways, high, low, ramps, sinusoids
from .driven import Outcomes
from .judged import Judged, avoidable, judged, needed
from .what_if import Reaction

PROFILES: dict[str, Callable[[], Sideways]] = {
    "ramp": ramps,
    "slow-ramp": lambda: ramps(0.75),
    "fast-ramp": lambda: ramps(3.0),
    "sinusoid": sinusoids,
}
"""How the other one moves aside; the first is the grid's own."""


@dataclass(frozen=True, slots=True, eq=False)
class Range:
    """One range of the grid. Attributes: needed: (N,) contact if nobody acts."""

    cases: CutIns
    needed: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """What drivers drive: both ranges, low first, with one profile."""

    sideways: Sideways
    ranges: tuple[Range, Range]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A driver in both ranges. Attributes: outcomes: of every case, low first."""

    driver: str
    low: Judged
    high: Judged
    outcomes: tuple[Outcomes, Outcomes]


@dataclass(frozen=True, slots=True)
class Bound:
    """Cases of both ranges that no braking avoids after the latency."""

    low: int
    high: int


def grid_of(profile: str, every: int = 1) -> Grid:
    """The grid with a profile by name, or a sample of it; raises InputError."""
    if profile not in PROFILES:
        raise InputError(f"--profile: {nearest(profile, PROFILES)}")
    return grid_with(PROFILES[profile](), every)


def grid_with(sideways: Sideways, every: int = 1) -> Grid:
    """The grid, or one of `every` cases drawn at random, always the same; with a profile."""
    ranges = []
    for make in (low, high):
        cases = make()
        # at regular steps only some gaps would be there
        drawn = stream("r157 sample", cases.name).permutation(len(cases))
        cases = cases.chosen(np.sort(drawn[: -(-len(cases) // every)]))
        ranges.append(Range(cases, needed(cases, sideways)))
    return Grid(sideways, (ranges[0], ranges[1]))


def row_of(driver: str, grid: Grid, drives: Callable[[int], Outcomes]) -> Row:
    """Judge a driver, who drives a range by its place."""
    outcomes = drives(0), drives(1)
    first, second = (
        judged(found, part.needed) for found, part in zip(outcomes, grid.ranges, strict=True)
    )
    return Row(driver, first, second, outcomes)


def bound_of(grid: Grid, reaction: Reaction) -> Bound:
    """What no braking avoids after the latency."""
    delay = max(reaction.delay, reaction.timer)
    left = [int((~avoidable(part.cases, grid.sideways, delay)).sum()) for part in grid.ranges]
    return Bound(*left)


def named(part: Range, which: Bools) -> Sequence[str]:
    """Cases by name: speeds [km/h], gap [m], lateral speed [m/s], as in 110-100-97-0.8."""
    cases = part.cases
    return [
        f"{cases.ego[n] * 3.6:.0f}-{cases.other[n] * 3.6:.0f}-{cases.gap[n]:.0f}"
        f"-{0.1 * cases.aside[n]:.1f}"
        for n in np.flatnonzero(which)
    ]
