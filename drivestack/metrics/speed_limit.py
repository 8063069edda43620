"""Speed limit compliance SL: mean overspeed against nuPlan's largest tolerable one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.episode import Reason
from drivestack.core.map import Map
from drivestack.core.types import Floats

from .evidence import Evidence

MOST_OVERSPEED = 2.23
"""Mean overspeed [m/s] at which the score is 0; nuPlan."""


def overspeed(speed: Floats, limit: Floats, limited: NDArray[np.bool_]) -> Floats:
    """Speed (T,) [m/s] above a limit (T,) where one is in force (T,), else 0."""
    return np.where(limited, np.maximum(np.abs(speed) - limit, 0.0), 0.0)


def mean_overspeed(over: Floats) -> float:
    """Mean of `overspeed` (T,) [m/s], evenly spaced in time; 0 for a drive of no duration.

    Like upstream every frame counts for a step, the last one too: one step more than the duration.
    """
    return float(over.sum()) / (len(over) - 1) if len(over) > 1 else 0.0


def speed_limit_compliance(mean: float) -> float:
    """SL in [0, 1] of a mean overspeed [m/s]."""
    return max(0.0, 1.0 - mean / MOST_OVERSPEED)


def limits(map: Map, lane: NDArray[np.int32]) -> tuple[Floats, NDArray[np.bool_]]:
    """Limits (T,) [m/s] of lanes (T,), and where one is in force: not off lanes (-1)."""
    known = np.maximum(lane, 0)
    return map.lanes["speed_limit"][known], (lane >= 0) & map.lanes["limited"][known]


@dataclass(frozen=True, slots=True)
class SpeedLimit:
    """`speed_limit`: in [0, 1]; 1 without limits, 0 without ticks."""

    names: tuple[str, ...] = ("speed_limit",)

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """The score of one episode."""
        name, speed = self.names[0], evidence.drive.ego[:, 3]
        if not evidence.driven:
            return (Reason(name, 0.0, "did not drive", bound=MOST_OVERSPEED),)
        limit, limited = limits(evidence.episode.map, evidence.facts.lane)
        over = overspeed(speed, limit, limited)
        mean, row = mean_overspeed(over), int(over.argmax())
        if over[row] == 0.0:
            sentence = "never above a limit"
            return (Reason(name, 1.0, sentence, None, None, 0.0, MOST_OVERSPEED),)
        sentence = (
            f"{mean:.2f} m/s too fast on average, bound {MOST_OVERSPEED:g}; "
            f"most {evidence.at(row)}: {abs(speed[row]):.1f} where {limit[row]:.1f} m/s are allowed"
        )
        score = speed_limit_compliance(mean)
        return (Reason(name, score, sentence, evidence.tick(row), None, mean, MOST_OVERSPEED),)
