"""Measures of finished episodes, one file each."""

from __future__ import annotations

from drivestack.core.episode import Episode
from drivestack.core.protocols import Metric

from .collision import NoAtFaultCollision
from .comfort import Comfort
from .contact import Contact
from .drivable_area import DrivableArea
from .driving_direction import DrivingDirection
from .goal_reached import GoalReached
from .mean_speed import MeanSpeed
from .progress import Progress
from .projected_contact import ProjectedContact
from .speed_limit import SpeedLimit
from .time_to_collision import TimeToCollision

METRICS: dict[str, Metric] = {
    "contact": Contact(),
    "at_fault": NoAtFaultCollision(),
    "progress": Progress(),
    "mean_speed": MeanSpeed(),
    "goal_reached": GoalReached(),
    "drivable_area": DrivableArea(),
    "driving_direction": DrivingDirection(),
    "ttc_within_bound": TimeToCollision(),
    "ttc_projected": ProjectedContact(),
    "speed_limit": SpeedLimit(),
    "comfort": Comfort(),
}


def measured(episode: Episode) -> dict[str, float]:
    """All measures of one episode by name."""
    values: dict[str, float] = {}
    for metric in METRICS.values():
        values |= metric.measure(episode)
    return values
