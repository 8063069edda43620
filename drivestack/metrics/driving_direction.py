"""Driving direction compliance DDC: no metres against a lane's direction within a second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.episode import Reason
from drivestack.core.types import Floats

from .evidence import Evidence

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


def backward(progress: Floats, dt: float, window: float = WINDOW) -> Floats:
    """Distance (T,) [m] backwards in the trailing window of progress (T,) [m] a frame, at least 0.

    Like upstream the window holds the frames of both its ends, one step more than it is long.
    """
    span = round(window / dt)
    total = np.concatenate([np.zeros(span + 1), np.cumsum(progress)])
    return np.maximum(total[: -span - 1] - total[span + 1 :], 0.0)


def direction_score(distance: float) -> float:
    """DDC in {0, 0.5, 1} for the largest distance [m] backwards."""
    if distance < COMPLIANT - ROUNDING:
        return 1.0
    return 0.5 if distance < VIOLATED - ROUNDING else 0.0


def backward_of(evidence: Evidence) -> Floats:
    """Distance (F,) [m] backwards in the second before every frame of an episode."""
    frames, facts = evidence.frames, evidence.facts
    step = float(np.diff(frames).mean()) * evidence.episode.dt if len(frames) > 1 else WINDOW
    return backward(lane_progress(facts.s[frames], facts.lane[frames]), step)


@dataclass(frozen=True, slots=True)
class DrivingDirection:
    """`driving_direction`: 1, 0.5 or 0; 0 without ticks.

    Where lanes overlap the one most along the ego's heading counts: an intersection is no
    wrong-way road.
    """

    names: tuple[str, ...] = ("driving_direction",)

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """The score of one episode."""
        name = self.names[0]
        if not evidence.driven:
            return (Reason(name, 0.0, "did not drive", bound=COMPLIANT),)
        metres = backward_of(evidence)
        worst = float(metres.max())
        if worst == 0.0:
            sentence = "never went against its lane"
            return (Reason(name, 1.0, sentence, None, None, 0.0, COMPLIANT),)
        score = direction_score(worst)
        bound = VIOLATED if score == 0.0 else COMPLIANT
        frame = int(np.argmax(metres >= min(bound - ROUNDING, worst)))
        here, row = float(metres[frame]), evidence.frames[frame]
        most = f", {worst:.2f} m at most" if worst > here else ""
        sentence = (
            f"{here:.2f} m against its lane in the second that ended {evidence.at(row)}{most}; "
            f"half a score from {COMPLIANT:g} m, none from {VIOLATED:g} m"
        )
        return (Reason(name, score, sentence, evidence.tick(row), None, here, bound),)
