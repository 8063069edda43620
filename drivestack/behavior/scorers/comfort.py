"""Comfort of a chunk: nuPlan's six bounds on smoothed accelerations, jerks and yaw rates."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.core.comfort import ACCEL, JERK, YAW_ACCEL, YAW_RATE
from drivestack.core.compiled import kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.smoothing import filtered_series, savitzky_golay
from drivestack.core.tables import Row


class Filters(NamedTuple):
    """nuPlan's filters for a series of some length: weights and first samples of each."""

    accel: NDArray
    accel_first: NDArray
    jerk: NDArray
    jerk_first: NDArray
    rate: NDArray
    rate_first: NDArray
    rate_change: NDArray
    rate_change_first: NDArray


def filters(length: int) -> Filters:
    """The four of `core.comfort`."""
    return Filters(
        *savitzky_golay(length, *ACCEL),
        *savitzky_golay(length, *JERK),
        *savitzky_golay(length, *YAW_RATE),
        *savitzky_golay(length, *YAW_ACCEL),
    )


@kernel
def _within(series: NDArray, low: float, high: float) -> bool:
    """Every value lies strictly between two bounds."""
    for value in series:
        if not low < value < high:
            return False
    return True


@kernel
def comfortable(path: NDArray, accel: NDArray, dt: float, by: Filters, bounds: Row) -> bool:
    """Whether a chunk keeps all bounds at every step.

    Lateral acceleration is speed times yaw rate; nuPlan's own is always zero in simulation.

    Args:
        path: (T + 1, 4), the present first. accel: (T + 1,) longitudinal [m/s2]. dt: [s].
    """
    length = path.shape[0]
    yaw, rate, change = np.empty(length), np.empty(length), np.empty(length)
    yaw[0] = path[0, 2]
    for i in range(1, length):
        yaw[i] = yaw[i - 1] + wrap_to_pi(path[i, 2] - path[i - 1, 2])
    filtered_series(yaw, by.rate, by.rate_first, 1.0 / dt, rate)
    filtered_series(yaw, by.rate_change, by.rate_change_first, 1.0 / (dt * dt), change)
    if not _within(rate, -bounds.most_yaw_rate, bounds.most_yaw_rate):
        return False
    if not _within(change, -bounds.most_yaw_accel, bounds.most_yaw_accel):
        return False
    raw, smooth, jerk = np.empty(length), np.empty(length), np.empty(length)
    for i in range(length):
        raw[i] = path[i, 3] * rate[i]
    filtered_series(raw, by.accel, by.accel_first, 1.0, smooth)
    if not _within(smooth, -bounds.most_lateral, bounds.most_lateral):
        return False
    for i in range(length):
        raw[i] = math.sqrt(raw[i] * raw[i] + accel[i] * accel[i])
    filtered_series(raw, by.accel, by.accel_first, 1.0, smooth)
    filtered_series(smooth, by.jerk, by.jerk_first, 1.0 / dt, jerk)
    if not _within(jerk, -bounds.most_jerk, bounds.most_jerk):
        return False
    filtered_series(accel, by.accel, by.accel_first, 1.0, smooth)
    filtered_series(smooth, by.jerk, by.jerk_first, 1.0 / dt, jerk)
    return _within(smooth, bounds.least_accel, bounds.most_accel) and _within(
        jerk, -bounds.most_lon_jerk, bounds.most_lon_jerk
    )
