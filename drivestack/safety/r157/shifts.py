"""A shift inside the own lane, away from who cuts in: as fast as its limits of comfort allow."""

from __future__ import annotations

import math

import numpy as np

from drivestack.core.types import Floats

from .cases import STEP

ACCEL, JERK = 3.0, 10.0
"""Lateral limits [m/s2, m/s3] (`r157_what_if.md`, 8)."""

_FINE = 1000
"""Steps of integration in a sample."""


def offsets_of(distance: float) -> Floats:
    """(T,) how far it has moved by each sample [m], the whole distance at the last.

    Jerk, acceleration, jerk, and the same backwards; the limits are those that `distance` needs.
    """
    if distance <= 0.0:
        return np.zeros(1)
    ramp = ACCEL / JERK
    # distance = accel * (ramp + held) * (2 ramp + held)
    held = 0.5 * (-3.0 * ramp + math.sqrt(ramp * ramp + 4.0 * distance / ACCEL))
    if held < 0.0:
        held, ramp = 0.0, (distance / (2.0 * JERK)) ** (1.0 / 3.0)
    ends = np.cumsum([ramp, held, ramp, ramp, held, ramp])
    samples = math.ceil(ends[-1] / STEP - 1e-9)
    time = (np.arange(samples * _FINE) + 0.5) * STEP / _FINE
    jerk = np.array([1.0, 0.0, -1.0, -1.0, 0.0, 1.0, 0.0])[np.searchsorted(ends, time)] * JERK
    fine = STEP / _FINE
    accel = np.cumsum(jerk) * fine
    speed = np.cumsum(accel - 0.5 * jerk * fine) * fine
    moved = np.cumsum(speed - 0.5 * accel * fine) * fine
    moved *= distance / moved[-1]  # what the steps of integration leave
    offsets = np.concatenate([[0.0], moved[_FINE - 1 :: _FINE]])
    offsets[-1] = distance
    return offsets
