"""Jerk of a recorded drive: differences of differences of speed."""

from __future__ import annotations

import numpy as np

from drivestack.core.types import Floats


def longitudinal_jerk(speed: Floats, dt: float) -> Floats:
    """Second derivative of speed by central differences (..., T) [m/s3].

    Args:
        speed: (..., T) [m/s], T >= 2. dt: [s] a tick.

    Source: CriMe `long_j.py`, which takes both derivatives by `numpy.gradient`.
    """
    return np.gradient(np.gradient(speed, dt, axis=-1), dt, axis=-1)
