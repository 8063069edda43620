"""Comfort C: nuPlan's bounds on filtered acceleration, jerk and yaw motion, in every frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivestack.core.episode import Episode

from .drive import FRAME, at_frames, scored_rows
from .signals import Signals, signals, yaw_rate


@dataclass(frozen=True, slots=True)
class ComfortBounds:
    """Strict bounds; defaults: nuPlan's `simulation_metric/low_level/*.yaml`.

    Attributes:
        lon_accel_low, lon_accel_high, lat_accel: [m/s2]. jerk, lon_jerk: [m/s3].
        yaw_rate: [rad/s]. yaw_accel: [rad/s2]. All but the first two bound a magnitude.
    """

    lon_accel_low: float = -4.05
    lon_accel_high: float = 2.40
    lat_accel: float = 4.89
    jerk: float = 8.37
    lon_jerk: float = 4.13
    yaw_rate: float = 0.95
    yaw_accel: float = 1.93


NUPLAN = ComfortBounds()


def is_comfortable(found: Signals, bounds: ComfortBounds = NUPLAN) -> bool:
    """Whether every signal is strictly within its bounds in every frame."""
    return bool(
        np.all(found.lon_accel > bounds.lon_accel_low)
        and np.all(found.lon_accel < bounds.lon_accel_high)
        and np.all(np.abs(found.lat_accel) < bounds.lat_accel)
        and np.all(np.abs(found.jerk) < bounds.jerk)
        and np.all(np.abs(found.lon_jerk) < bounds.lon_jerk)
        and np.all(np.abs(found.yaw_rate) < bounds.yaw_rate)
        and np.all(np.abs(found.yaw_accel) < bounds.yaw_accel)
    )


def signals_of(episode: Episode) -> Signals:
    """The signals of an episode's scored part every 0.1 s, at the footprint centre.

    Lateral acceleration is speed times yaw rate; nuPlan's own is always 0 (scores.md, trap 2).
    """
    rows = scored_rows(episode)
    yaw = at_frames(np.unwrap(rows["yaw"]), episode.dt)
    speed = at_frames(np.ascontiguousarray(rows["v"]), episode.dt)
    accel = at_frames(np.ascontiguousarray(rows["accel"]), episode.dt)
    return signals(accel, speed * yaw_rate(yaw, FRAME), yaw, FRAME)


@dataclass(frozen=True, slots=True)
class Comfort:
    """`comfort`: 1 if the whole drive is within nuPlan's bounds; 0 for one without ticks."""

    def measure(self, episode: Episode) -> dict[str, float]:
        """The flag of one episode."""
        comfortable = len(episode.ego) > 0 and is_comfortable(signals_of(episode))
        return {"comfort": float(comfortable)}
