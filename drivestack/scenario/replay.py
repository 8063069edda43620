"""Recorded states at the physics rate: what a replayed body shows at every tick."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.tables import REPLAY

_ROUNDING = 1e-6
"""Ticks by which a recorded time may miss a tick that it means."""


def replay_rows(
    times: NDArray[np.float64], states: NDArray[np.float64], physics: int, ticks: int
) -> tuple[int, NDArray]:
    """States at the ticks from the first to the last recorded time, within [0, ticks].

    Positions and speeds are interpolated linearly, headings by the shortest angle.

    Args:
        times: (R,) growing [s], 0 at tick 0. states: (R, 4) x, y [m], heading [rad], speed [m/s].
        physics: ticks per second. ticks: the last tick that is needed.

    Returns:
        The tick of the first row, and (T,) `REPLAY`; no rows if nothing falls into the episode.
    """
    first = max(math.ceil(times[0] * physics - _ROUNDING), 0)
    last = min(math.floor(times[-1] * physics + _ROUNDING), ticks)
    at = np.arange(first, last + 1) / physics
    rows = np.zeros(len(at), REPLAY)
    columns = (states[:, 0], states[:, 1], np.unwrap(states[:, 2]), states[:, 3])
    for field, values in zip(("x", "y", "heading", "speed"), columns, strict=True):
        rows[field] = np.interp(at, times, values)
    rows["s"][1:] = np.cumsum(np.hypot(np.diff(rows["x"]), np.diff(rows["y"])))
    return first, rows
