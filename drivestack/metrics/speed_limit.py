"""Speed limit compliance SL: mean overspeed against nuPlan's largest tolerable one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.episode import Episode
from drivestack.core.map import Map
from drivestack.core.types import Floats

from .drive import drive_of
from .lane_facts import lane_facts

MOST_OVERSPEED = 2.23
"""Mean overspeed [m/s] at which the score is 0; nuPlan."""


def speed_limit_compliance(speed: Floats, limit: Floats, limited: NDArray[np.bool_]) -> float:
    """SL in [0, 1]; no violation where nothing limits, nor in a drive of no duration.

    Like upstream every frame counts for a step, the last one too: one step more than the duration.

    Args:
        speed: (T,) [m/s], evenly spaced in time. limit: (T,) [m/s]. limited: (T,) it is in force.
    """
    if len(speed) < 2:
        return 1.0
    over = np.where(limited, np.maximum(np.abs(speed) - limit, 0.0), 0.0)
    return max(0.0, 1.0 - float(over.sum()) / (MOST_OVERSPEED * (len(speed) - 1)))


def limits(map: Map, lane: NDArray[np.int32]) -> tuple[Floats, NDArray[np.bool_]]:
    """Limits (T,) [m/s] of lanes (T,), and where one is in force: not off lanes (-1)."""
    known = np.maximum(lane, 0)
    return map.lanes["speed_limit"][known], (lane >= 0) & map.lanes["limited"][known]


@dataclass(frozen=True, slots=True)
class SpeedLimit:
    """`speed_limit`: in [0, 1]; 1 without limits, 0 without ticks."""

    def measure(self, episode: Episode) -> dict[str, float]:
        """The score of one episode."""
        drive = drive_of(episode)
        if not len(drive.ego):
            return {"speed_limit": 0.0}
        facts = lane_facts(episode.map, drive.ego[:, :3], drive.size)
        limit, limited = limits(episode.map, facts.lane)
        return {"speed_limit": speed_limit_compliance(drive.ego[:, 3], limit, limited)}
