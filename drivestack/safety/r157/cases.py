"""The cut-in grid of the JRC's study of UN R157: 29,970 cases and how the other one moves aside.

Re-stated from its definition (ec-jrc/JRC-FSM at 01b05c29; `r157_what_if.md`, 1). Two cars of equal
size on a straight road. The other starts one lane beside and closes in at a constant lateral speed,
which it reaches with a constant lateral acceleration. The gap holds where it has reached it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from drivestack.core.types import Floats

LENGTH, WIDTH = 4.3, 1.9
"""Of both cars [m]."""

LANE = 3.5
"""Between their centres at the start [m]."""

STEP = 0.1
"""[s]."""

SAMPLES = 350
"""Of a run, after the lead-in."""

WIDEST_GAP = 119
"""Of the grid [m]; all gaps are whole metres."""

RAMP = 1.5
"""Lateral acceleration of the grid [m/s2]."""


@dataclass(frozen=True, slots=True, eq=False)
class CutIns:
    """N cases.

    Attributes:
        name: of the range. ego, other: (N,) speeds [m/s]. gap: (N,) clear [m]. aside: (N,) lateral
        speed in tenths of a metre a second: the grid's values are exact multiples.
    """

    name: str
    ego: Floats
    other: Floats
    gap: Floats
    aside: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.gap)

    def chosen(self, rows: NDArray[np.int64]) -> CutIns:
        """Some of the cases."""
        return CutIns(self.name, self.ego[rows], self.other[rows], self.gap[rows], self.aside[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Sideways:
    """How the other one moves aside, for each lateral speed of the grid (K, T).

    Attributes:
        y: distance of the centres [m]. speed: towards the ego's lane [m/s]. lead: (K,) samples
        until the gap holds.
    """

    y: Floats
    speed: Floats
    lead: NDArray[np.int64]


def low() -> CutIns:
    """15,930 cases up to 60 km/h."""
    speeds = [(ego, other) for ego in range(20, 61, 10) for other in range(10, ego, 10)]
    return _cases("low", speeds, range(1, 60))


def high() -> CutIns:
    """14,040 cases from 70 to 130 km/h."""
    speeds = [(ego, other) for ego in (70, 90, 110, 130) for other in range(10, ego, 30)]
    return _cases("high", speeds, range(1, WIDEST_GAP + 1, 2))


def _cases(name: str, speeds: list[tuple[int, int]], gaps: range) -> CutIns:
    rows = [(*pair, gap, k) for k, pair, gap in product(range(18), speeds, gaps)]
    ego, other, gap, aside = np.array(rows).T
    return CutIns(name, ego / 3.6, other / 3.6, gap.astype(np.float64), aside.astype(np.int64))


def ramps(accel: float = RAMP) -> Sideways:
    """The grid's own profile: a ramp [m/s2] up to the lateral speed, which then stays."""
    paths = [_ramp(0.1 * k, accel / 10.0) for k in range(18)]
    rows = max(len(y) for y, _, _ in paths)
    y, speed = np.zeros((18, rows)), np.zeros((18, rows))
    for k, (path, aside, _) in enumerate(paths):
        y[k], speed[k] = path[-1], 0.0
        y[k, : len(path)], speed[k, : len(path)] = path, aside
    return Sideways(y, speed, np.array([lead for _, _, lead in paths]))


def _ramp(speed: float, growth: float) -> tuple[Floats, Floats, int]:
    """Distance, lateral speed and length of the lead-in; to the last bit as the study has them."""
    if speed == 0.0:
        return np.full(SAMPLES + 1, LANE), np.zeros(SAMPLES + 1), 0
    lead = len(np.arange(0.0, speed, growth))
    moving = math.floor(SAMPLES * STEP / speed) + 1
    rows = SAMPLES + lead + 1
    y, aside = np.empty(rows), np.zeros(rows)
    aside[:lead] = growth * np.arange(lead)
    aside[lead : lead + moving + 1] = speed
    y[lead] = LANE
    for i in range(lead - 1, -1, -1):
        y[i] = y[i + 1] + STEP * aside[i]
    steps = np.where(np.arange(rows - lead - 1) < moving, speed, 0.0)
    y[lead + 1 :] = LANE - STEP * np.cumsum(steps)
    return y, aside, lead


def sinusoids() -> Sideways:
    """A lane change as in the ALKS suite, whose peak rate is the lateral speed.

    The lateral speed is that of the grid's step: it leads from one place to the next.
    """
    rows = SAMPLES + 1
    time = STEP * np.arange(rows)
    y = np.full((18, rows), LANE)
    for k in range(1, 18):
        duration = math.pi * LANE / (2.0 * 0.1 * k)
        phase = math.pi * np.minimum(time / duration, 1.0)
        y[k] = LANE / 2.0 * (1.0 + np.cos(phase))
    speed = np.zeros((18, rows))
    speed[:, :-1] = (y[:, :-1] - y[:, 1:]) / STEP
    return Sideways(y, speed, np.zeros(18, np.int64))
