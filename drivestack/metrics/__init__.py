"""Measures of finished episodes, one file each."""

from __future__ import annotations

from drivestack.core.episode import Episode
from drivestack.core.protocols import Metric

from .at_fault import AtFault
from .contact import Contact
from .goal_reached import GoalReached
from .mean_speed import MeanSpeed
from .progress import Progress

METRICS: dict[str, Metric] = {
    "contact": Contact(),
    "at_fault": AtFault(),
    "progress": Progress(),
    "mean_speed": MeanSpeed(),
    "goal_reached": GoalReached(),
}


def measured(episode: Episode) -> dict[str, float]:
    """All measures of one episode by name."""
    values: dict[str, float] = {}
    for metric in METRICS.values():
        values |= metric.measure(episode)
    return values
