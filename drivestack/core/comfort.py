"""nuPlan's comfort: its bounds, and the filters of the signals that they bound."""

from __future__ import annotations

from dataclasses import dataclass

ACCEL = (8, 2, 0)
"""Window [frames of 0.1 s], order and derivative of the Savitzky-Golay filter of an acceleration.

This and the three below: nuplan-devkit `planning/metrics/utils/state_extractors.py`.
"""

JERK = (15, 2, 1)
"""Of the jerk, from a smoothed acceleration."""

YAW_RATE = (5, 2, 1)
"""Of the yaw rate, from the heading."""

YAW_ACCEL = (5, 3, 2)
"""Of the yaw acceleration, from the heading."""


@dataclass(frozen=True, slots=True)
class ComfortBounds:
    """Strict bounds; defaults: nuPlan's `simulation_metric/low_level/*.yaml`.

    Attributes:
        least_accel, most_accel: longitudinal [m/s2]. most_lateral: [m/s2].
        most_jerk: of the acceleration's magnitude [m/s3]. most_lon_jerk: [m/s3].
        most_yaw_rate: [rad/s]. most_yaw_accel: [rad/s2]. All but the first two bound a magnitude.
    """

    least_accel: float = -4.05
    most_accel: float = 2.40
    most_lateral: float = 4.89
    most_jerk: float = 8.37
    most_lon_jerk: float = 4.13
    most_yaw_rate: float = 0.95
    most_yaw_accel: float = 1.93


NUPLAN = ComfortBounds()
