"""What a tracker gives of the other one: his true motion, or white noise on it.

The noise belongs to a case and is the same for every driver of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.rng import stream
from drivestack.core.types import Floats

from .cases import WIDEST_GAP, CutIns, Sideways


@dataclass(frozen=True, slots=True)
class Noise:
    """Standard deviations of every sample: of the lateral distance [m] and speed [m/s]."""

    y: float
    speed: float
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What drivers know of the other's lateral motion.

    Attributes:
        y: (R, T) distance of the centres [m]. speed: (R, T) towards the ego's lane [m/s].
        row: (N,) which of them belongs to a case.
    """

    y: Floats
    speed: Floats
    row: NDArray[np.int64]


def truth(cases: CutIns, sideways: Sideways) -> Seen:
    """Nothing is hidden."""
    return Seen(sideways.y, sideways.speed, cases.aside)


def measured(cases: CutIns, sideways: Sideways, noise: Noise) -> Seen:
    """Each sample with white noise, from a random stream of the case's speeds, by its gap."""
    y, speed = sideways.y[cases.aside], sideways.speed[cases.aside]
    of = np.rint(np.stack([cases.ego * 3.6, cases.other * 3.6, cases.aside], axis=1))
    gaps = np.rint(cases.gap).astype(np.int64)
    for ego, other, k in np.unique(of, axis=0).astype(np.int64).tolist():
        rows = np.flatnonzero((of == (ego, other, k)).all(axis=1))
        draws = stream(noise.seed, "r157 noise", ego, other, k)
        drawn = draws.standard_normal((WIDEST_GAP + 1, 2, y.shape[1]))[gaps[rows]]
        y[rows] += noise.y * drawn[:, 0]
        speed[rows] += noise.speed * drawn[:, 1]
    return Seen(y, speed, np.arange(len(cases)))


def smoothed(seen: Seen, weight: float) -> Seen:
    """A filter of first order, as reference drivers need one: `weight` of the newest sample."""
    y, speed = seen.y.copy(), seen.speed.copy()
    for t in range(1, y.shape[1]):
        for values in (y, speed):
            values[:, t] = weight * values[:, t] + (1.0 - weight) * values[:, t - 1]
    return Seen(y, speed, seen.row)
