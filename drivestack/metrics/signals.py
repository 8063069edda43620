"""Smoothed accelerations, jerks and yaw rates of a drive, by nuPlan's Savitzky-Golay filters.

Windows and orders stand in `core.comfort`. They count frames, and nuPlan's frames are 0.1 s apart:
resample first (`metrics.drive.at_frames`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivestack.core.comfort import ACCEL, JERK, YAW_ACCEL, YAW_RATE
from drivestack.core.smoothing import filtered_series, savitzky_golay
from drivestack.core.types import Floats

DECIMALS = 8
"""nuPlan rounds every filtered series."""


def smoothed(values: Floats) -> Floats:
    """Values (T,) of an acceleration, smoothed."""
    return _filtered(values, ACCEL, 1.0)


def jerk(acceleration: Floats, dt: float) -> Floats:
    """Jerk (T,) [m/s3] of a smoothed acceleration (T,) [m/s2]."""
    return _filtered(acceleration, JERK, dt)


def yaw_rate(yaw: Floats, dt: float) -> Floats:
    """Yaw rate (T,) [rad/s] of a heading (T,) [rad], wrapped or not."""
    return _filtered(np.unwrap(yaw), YAW_RATE, dt)


def yaw_acceleration(yaw: Floats, dt: float) -> Floats:
    """Yaw acceleration (T,) [rad/s2] of a heading (T,) [rad]."""
    return _filtered(np.unwrap(yaw), YAW_ACCEL, dt)


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


def _filtered(values: Floats, by: tuple[int, int, int], dt: float) -> Floats:
    """One filter; window and order shrink with a short series, derivatives it cannot have are 0."""
    found = np.zeros(len(values))
    if len(values):
        series = np.ascontiguousarray(values, np.float64)
        filtered_series(series, *savitzky_golay(len(series), *by), dt ** -by[2], found)
    return np.round(found, DECIMALS)
