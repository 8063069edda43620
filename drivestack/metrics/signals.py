"""Smoothed accelerations, jerks and yaw rates of a drive, by nuPlan's Savitzky-Golay filters.

Windows and orders: nuplan-devkit `planning/metrics/utils/state_extractors.py`. They count frames,
and nuPlan's frames are 0.1 s apart: resample first (`metrics.drive.at_frames`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import savgol_filter

from drivestack.core.types import Floats

DECIMALS = 8
"""nuPlan rounds every filtered series."""


def smoothed(values: Floats) -> Floats:
    """Values (T,) of an acceleration, smoothed: window 8, order 2."""
    return _filtered(values, 8, 2, 0, 1.0)


def jerk(acceleration: Floats, dt: float) -> Floats:
    """Jerk (T,) [m/s3] of a smoothed acceleration (T,) [m/s2]: window 15, order 2."""
    return _filtered(acceleration, 15, 2, 1, dt)


def yaw_rate(yaw: Floats, dt: float) -> Floats:
    """Yaw rate (T,) [rad/s] of a heading (T,) [rad], wrapped or not: window 5, order 2."""
    return _filtered(np.unwrap(yaw), 5, 2, 1, dt)


def yaw_acceleration(yaw: Floats, dt: float) -> Floats:
    """Yaw acceleration (T,) [rad/s2] of a heading (T,) [rad]: window 5, order 3."""
    return _filtered(np.unwrap(yaw), 5, 3, 2, dt)


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """What comfort is judged by; each (T,).

    Attributes:
        lon_accel, lat_accel: [m/s2], forward and left. jerk: [m/s3], of the magnitude of the
        acceleration. lon_jerk: [m/s3]. yaw_rate: [rad/s]. yaw_accel: [rad/s2].
    """

    lon_accel: Floats
    lat_accel: Floats
    jerk: Floats
    lon_jerk: Floats
    yaw_rate: Floats
    yaw_accel: Floats


def signals(lon_accel: Floats, lat_accel: Floats, yaw: Floats, dt: float) -> Signals:
    """The filtered signals of a drive.

    Args:
        lon_accel, lat_accel: (T,) forward and left [m/s2]. yaw: (T,) [rad]. dt: [s] a frame.
    """
    forward, left = smoothed(lon_accel), smoothed(lat_accel)
    return Signals(
        lon_accel=forward,
        lat_accel=left,
        jerk=jerk(smoothed(np.hypot(lon_accel, lat_accel)), dt),
        lon_jerk=jerk(forward, dt),
        yaw_rate=yaw_rate(yaw, dt),
        yaw_accel=yaw_acceleration(yaw, dt),
    )


def _filtered(values: Floats, window: int, order: int, derivative: int, dt: float) -> Floats:
    """One filter; window and order shrink with a short series, derivatives it cannot have are 0."""
    window = min(window, len(values))
    order = min(order, window - 1)
    if order < derivative or window == 0:
        return np.zeros(len(values))
    found = savgol_filter(values, window, order, deriv=derivative, delta=dt)
    return np.round(np.asarray(found, np.float64), DECIMALS)
