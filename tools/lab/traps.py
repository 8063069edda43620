"""Problems with a known answer: two ways round an obstacle, and the exact flow to them.

60 of 100 drivers steer -20 degrees, 40 steer +20, each with a spread of 1 degree (reference notes
on learning, section 2). Numbers are standardised: the mean is 0, the standard deviation 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from scipy.special import expit, ndtr, ndtri

from drivestack.core.rng import stream

Floats = NDArray[np.float64]

LEFT, RIGHT, SPREAD, SHARE = -20.0, 20.0, 1.0, 0.6
"""Modes and their spread [degrees], the chance of the left one."""

MEAN = SHARE * LEFT + (1.0 - SHARE) * RIGHT
SCALE = float(np.sqrt(SPREAD**2 + SHARE * (1.0 - SHARE) * (RIGHT - LEFT) ** 2))
"""Of all drivers [degrees]: -4 and 19.62."""

VALLEY = 0.25
"""Half-width of the valley, as a share of the gap between modes: abs(a) <= 10 degrees."""


@dataclass(frozen=True, slots=True, eq=False)
class Trap:
    """Gaussians of one spread in `width` numbers, two modes on the diagonal.

    Attributes:
        width: numbers of a chunk (D); each is the same standardised angle.
    """

    width: int

    @property
    def axis(self) -> Floats:
        """Unit vector from the left mode to the right one."""
        return np.full(self.width, self.width**-0.5)

    @property
    def modes(self) -> tuple[float, float]:
        """Left and right, along the axis."""
        left, right = ((angle - MEAN) / SCALE * self.width**0.5 for angle in (LEFT, RIGHT))
        return left, right

    @property
    def spread(self) -> float:
        """Of each mode, in every direction."""
        return SPREAD / SCALE

    def chunks(self, count: int, *names: str | int) -> Floats:
        """Independent drivers (n, D), exactly `SHARE` of them left."""
        draw = stream("trap", self.width, count, *names)
        mode = np.where(np.arange(count) < round(SHARE * count), *self.modes)
        return mode[:, None] * self.axis + self.spread * draw.standard_normal((count, self.width))

    def velocity(self, x: Floats, t: float | Floats) -> Floats:
        """The exact field at x (..., D): what a perfect network would learn.

        Both modes have one spread, so only the place along the axis tells them apart.
        """
        along = x @ self.axis
        across = x - along[..., None] * self.axis
        beside = np.asarray(self._slope(t))[..., None] * across
        return self.along(along, t)[..., None] * self.axis + beside

    def along(self, place: Floats, t: float | Floats) -> Floats:
        """The part of the field along the axis, at places there (...): it depends on no other."""
        left, right = (place - t * mode for mode in self.modes)
        odds = np.log(SHARE / (1.0 - SHARE)) - (left**2 - right**2) / (2.0 * self._variance(t))
        chance, slope = expit(odds), self._slope(t)
        from_left, from_right = self.modes[0] + slope * left, self.modes[1] + slope * right
        return chance * from_left + (1.0 - chance) * from_right

    def _variance(self, t: float | Floats) -> float | Floats:
        """Of a mode at time t."""
        return t**2 * self.spread**2 + (1.0 - t) ** 2

    def _slope(self, t: float | Floats) -> float | Floats:
        """How fast what is away from a mode's middle goes further."""
        return (t * self.spread**2 - (1.0 - t)) / self._variance(t)

    def angle(self, place: Floats) -> Floats:
        """Of places along the axis, in degrees as a driver would say them."""
        return place * self.width**-0.5 * SCALE + MEAN

    def off(self, place: Floats) -> float:
        """Root of the mean squared distance to the nearer mode, along the axis."""
        return float(np.sqrt((abs(place[:, None] - self.modes).min(-1) ** 2).mean()))


@dataclass(frozen=True, slots=True)
class Shares:
    """Where samples went: left of the valley, right of it, into it."""

    left: float
    right: float
    valley: float


def shares(angle: Floats) -> Shares:
    """Of angles [degrees]."""
    edge = VALLEY * (RIGHT - LEFT)
    left, right = float((angle < -edge).mean()), float((angle > edge).mean())
    return Shares(left, right, float((abs(angle) <= edge).mean()))


def quantiles(count: int) -> Floats:
    """A standard normal, stratified: the middles of `count` strata."""
    return ndtri((np.arange(count) + 0.5) / count)


def drivers(count: int) -> Floats:
    """Angles of all drivers, stratified [degrees], ascending."""
    edges = np.linspace(LEFT - 8.0 * SPREAD, RIGHT + 8.0 * SPREAD, 20_001)
    chance = SHARE * ndtr((edges - LEFT) / SPREAD) + (1.0 - SHARE) * ndtr((edges - RIGHT) / SPREAD)
    return np.interp((np.arange(count) + 0.5) / count, chance, edges)


def apart(angle: Floats) -> float:
    """Wasserstein distance to all drivers [degrees]."""
    return float(abs(np.sort(angle) - drivers(len(angle))).mean())


def energy_distance(one: Floats, other: Floats) -> float:
    """2 E|X - Y| - E|X - X'| - E|Y - Y'| of samples (n, D)."""

    def within(x: Floats) -> float:
        return float(cdist(x, x).sum() / (len(x) * (len(x) - 1)))

    return 2.0 * float(cdist(one, other).mean()) - within(one) - within(other)
