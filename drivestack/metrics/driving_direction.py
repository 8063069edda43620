"""Driving direction compliance DDC: no metres against a lane's direction within a second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.episode import Episode
from drivestack.core.types import Floats

from .drive import drive_of, frame_ticks
from .lane_facts import lane_facts

WINDOW = 1.0
"""Trailing time [s] over which progress is summed; nuPlan."""

COMPLIANT, VIOLATED = 2.0, 6.0
"""Metres backwards from which the score is 0.5, and 0; nuPlan and NAVSIM."""

ROUNDING = 1e-9
"""Metres by which a sum of steps may miss a bound."""


def lane_progress(s: Floats, lane: NDArray[np.int32]) -> Floats:
    """Progress (T,) [m] since the frame before along the lane that both are in, else 0.

    Args:
        s: (T,) [m] along the lane. lane: (T,) its number, -1 for none.
    """
    found = np.zeros(len(s))
    same = (lane[1:] == lane[:-1]) & (lane[1:] >= 0)
    found[1:] = np.where(same, np.diff(s), 0.0)
    return found


def backward(progress: Floats, dt: float, window: float = WINDOW) -> float:
    """The largest distance [m] backwards in any trailing window of progress (T,) [m] a frame.

    Like upstream the window holds the frames of both its ends, one step more than it is long.
    """
    if not len(progress):
        return 0.0
    span = round(window / dt)
    total = np.concatenate([np.zeros(span + 1), np.cumsum(progress)])
    return max(0.0, float((total[: -span - 1] - total[span + 1 :]).max()))


def direction_score(distance: float) -> float:
    """DDC in {0, 0.5, 1} for the largest distance [m] backwards."""
    if distance < COMPLIANT - ROUNDING:
        return 1.0
    return 0.5 if distance < VIOLATED - ROUNDING else 0.0


@dataclass(frozen=True, slots=True)
class DrivingDirection:
    """`driving_direction`: 1, 0.5 or 0; 0 without ticks.

    Where lanes overlap the one most along the ego's heading counts: an intersection is no
    wrong-way road.
    """

    def measure(self, episode: Episode) -> dict[str, float]:
        """The score of one episode."""
        drive = drive_of(episode)
        if not len(drive.ego):
            return {"driving_direction": 0.0}
        ticks = frame_ticks(len(drive.ego), episode.dt)
        facts = lane_facts(episode.map, drive.ego[ticks, :3], drive.size)
        step = float(np.diff(ticks).mean()) * episode.dt if len(ticks) > 1 else WINDOW
        return {
            "driving_direction": direction_score(backward(lane_progress(facts.s, facts.lane), step))
        }
