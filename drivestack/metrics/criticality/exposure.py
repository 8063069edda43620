"""How long, and how deep, a time to collision stays below a threshold."""

from __future__ import annotations

import numpy as np

from drivestack.core.types import Floats

CRITICAL = 2.0
"""Threshold of the time to collision [s]; CriMe's tau, reference safety.md, section 2."""


def exposure(times: Floats, dt: float, threshold: float) -> tuple[Floats, Floats]:
    """Time exposed TET [s] and time integrated TIT [s2].

    Args:
        times: (..., T) time to collision of every tick [s], infinite where there is none.
        dt: [s] a tick. threshold: tau [s].

    Returns:
        TET = sum dt [TTC <= tau], TIT = sum (tau - TTC) dt [TTC <= tau], both (...).

    Source: Minderhoud and Bovy 2001; reference safety.md, section 2.
    """
    below = times <= threshold
    depth = np.where(below, threshold - np.where(below, times, threshold), 0.0)
    return dt * below.sum(axis=-1), dt * depth.sum(axis=-1)
