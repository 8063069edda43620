"""How much a plan differs from the one before it, where both look at the same time.

NAVSIM v2's two-frame comfort (`pdm_comfort_metrics.py`): the root mean squares of the differences
of acceleration and jerk (magnitudes), yaw rate and yaw acceleration, each filtered as for comfort
over the overlap of the two plans. Lateral acceleration is speed times yaw rate.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.comfort import ACCEL, JERK, YAW_ACCEL, YAW_RATE
from drivestack.core.compiled import kernel
from drivestack.core.episode import PLAN_CHANGE
from drivestack.core.frames import wrap_to_pi
from drivestack.core.smoothing import filtered_series, savitzky_golay
from drivestack.core.tables import Table
from drivestack.core.types import Bools, Floats, Plan

FARTHEST = 0.55
"""Plans this far apart in time [s], or less, are compared; NAVSIM."""

LEAST_OVERLAP = 3
"""Common states from which there is anything to compare: a yaw acceleration takes three."""


def plan_changes(before: Plan, after: Plan, dt: Floats, rows: Bools) -> tuple[NDArray, Bools]:
    """The changes (B,) `PLAN_CHANGE` between two plans, and where (B,) there is one.

    Args:
        before, after: plans of the same B scenarios. dt: (B,) [s] a tick of `Plan.tick`.
        rows: (B,) which to look at.
    """
    later = (after.tick - before.tick) * dt
    last = before.states.shape[1] * before.dt
    steps = np.floor((last - later) / after.dt + 1e-9).astype(np.int64)
    common = np.minimum(steps, after.states.shape[1])
    compared = rows & (later > 0.0) & (later <= FARTHEST + 1e-9) & (common >= LEAST_OVERLAP)
    found = np.zeros(len(dt), PLAN_CHANGE)
    found["tick"] = after.tick
    for count in np.unique(common[compared]).tolist():
        chosen = np.flatnonzero(compared & (common == count))
        changes = np.zeros((len(chosen), 4))
        _changes(chosen, before.states, before.controls, before.dt, after.states, after.controls,
                 after.dt, later, *savitzky_golay(count, *ACCEL), *savitzky_golay(count, *JERK),
                 *savitzky_golay(count, *YAW_RATE), *savitzky_golay(count, *YAW_ACCEL),
                 changes)  # fmt: skip
        for column, name in enumerate(("accel", "jerk", "yaw_rate", "yaw_accel")):
            found[name][chosen] = changes[:, column]
    return found, compared


@kernel
def _series(
    states: Table, controls: Table, spacing: float, begin: float, dt: float, out: Table
) -> None:
    """Acceleration, speed and heading (3, n) of a plan every `dt` from `begin` on, interpolated."""
    last = states.shape[0] - 1
    for i in range(out.shape[1]):
        place = min(max((begin + i * dt) / spacing - 1.0, 0.0), float(last))
        a = min(int(place + 1e-9), last)
        b = min(a + 1, last)
        part = max(place - a, 0.0)
        out[0, i] = controls[a, 0] + part * (controls[b, 0] - controls[a, 0])
        out[1, i] = states[a, 3] + part * (states[b, 3] - states[a, 3])
        yaw = states[a, 2] + part * wrap_to_pi(states[b, 2] - states[a, 2])
        out[2, i] = yaw if i == 0 else out[2, i - 1] + wrap_to_pi(yaw - out[2, i - 1])


@kernel
def _features(
    series: Table, dt: float, accel_by: Table, accel_at: Table, jerk_by: Table,
    jerk_at: Table, rate_by: Table, rate_at: Table, change_by: Table, change_at: Table,
    out: Table,
) -> None:  # fmt: skip
    """Acceleration, jerk, yaw rate and yaw acceleration (4, n) of a `_series`."""
    filtered_series(series[2], rate_by, rate_at, 1.0 / dt, out[2])
    filtered_series(series[2], change_by, change_at, 1.0 / (dt * dt), out[3])
    magnitude = np.empty(series.shape[1])
    for i in range(series.shape[1]):
        lateral = series[1, i] * out[2, i]
        magnitude[i] = math.sqrt(series[0, i] * series[0, i] + lateral * lateral)
    filtered_series(magnitude, accel_by, accel_at, 1.0, out[0])
    filtered_series(out[0], jerk_by, jerk_at, 1.0 / dt, out[1])


@kernel
def _changes(
    rows: Table, states: Table, controls: Table, spacing: Table, new_states: Table,
    new_controls: Table, dt: Table, later: Table, accel_by: Table, accel_at: Table,
    jerk_by: Table, jerk_at: Table, rate_by: Table, rate_at: Table, change_by: Table,
    change_at: Table, out: Table,
) -> None:  # fmt: skip
    """Root mean squares (R, 4) of the differences of each row's two plans."""
    count = accel_by.shape[0]
    series, old, new = np.empty((3, count)), np.empty((4, count)), np.empty((4, count))
    for r in range(rows.shape[0]):
        b = rows[r]
        begin = later[b] + dt[b]
        _series(states[b], controls[b], spacing[b], begin, dt[b], series)
        _features(series, dt[b], accel_by, accel_at, jerk_by, jerk_at, rate_by, rate_at, change_by,
                  change_at, old)  # fmt: skip
        _series(new_states[b], new_controls[b], dt[b], dt[b], dt[b], series)
        _features(series, dt[b], accel_by, accel_at, jerk_by, jerk_at, rate_by, rate_at, change_by,
                  change_at, new)  # fmt: skip
        for k in range(4):
            total = 0.0
            for i in range(count):
                total += (new[k, i] - old[k, i]) * (new[k, i] - old[k, i])
            out[r, k] = math.sqrt(total / count)
