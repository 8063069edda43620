"""Crash potential: how likely a needed deceleration is more than a car has."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.types import Floats

MEAN, DEVIATION = 8.45, 1.40
"""Largest available deceleration [m/s2], normal; Cunto and Saccomanno 2007 (dry, cars)."""

LOWEST, HIGHEST = 4.23, 12.68
"""Where that distribution is cut off [m/s2]; the same source."""


def crash_probability(deceleration: Floats) -> Floats:
    """Probability that the largest available deceleration is below a needed one.

    Args:
        deceleration: needed [m/s2], any shape.

    The mean over the ticks of a drive is the crash potential index CPI (reference safety.md,
    section 2).
    """
    rows = np.ascontiguousarray(np.asarray(deceleration, np.float64).ravel())
    found = _below(rows, MEAN, DEVIATION, LOWEST, HIGHEST)
    return found.reshape(np.shape(deceleration))


@kernel
def _below(
    values: NDArray, mean: float, deviation: float, lowest: float, highest: float
) -> NDArray:
    """Distribution function (R,) of a normal distribution cut off at both ends."""
    scale = 1.0 / (deviation * math.sqrt(2.0))
    bottom, top = math.erf((lowest - mean) * scale), math.erf((highest - mean) * scale)
    shares = np.empty(values.shape[0])
    for i in range(values.shape[0]):
        value = min(max(values[i], lowest), highest)
        shares[i] = (math.erf((value - mean) * scale) - bottom) / (top - bottom)
    return shares
