"""Measures of finished episodes, one file each."""

from __future__ import annotations

from drivestack.core.episode import Episode
from drivestack.core.protocols import Metric

from .at_fault import AtFault
from .contact import Contact
from .criticality.closest import ClosestEncounter
from .criticality.drac import RequiredDeceleration
from .criticality.headway import Headway
from .criticality.steering import RequiredSteering
from .criticality.ttc import TimeToCollision
from .criticality.wttc import WorstTimeToCollision
from .goal_reached import GoalReached
from .mean_speed import MeanSpeed
from .progress import Progress

METRICS: dict[str, Metric] = {
    "contact": Contact(),
    "at_fault": AtFault(),
    "progress": Progress(),
    "mean_speed": MeanSpeed(),
    "goal_reached": GoalReached(),
    "ttc": TimeToCollision(),
    "headway": Headway(),
    "required_deceleration": RequiredDeceleration(),
    "required_steering": RequiredSteering(),
    "wttc": WorstTimeToCollision(),
    "closest_encounter": ClosestEncounter(),
}

OPTIONAL = (
    "min_ttc_s",
    "min_headway_m",
    "min_thw_s",
    "max_drac",
    "max_btn",
    "max_a_lat_req",
    "max_stn",
    "min_wttc_s",
    "min_distance_m",
)
"""Names that are absent from an episode in which what they measure never arose."""


def measured(episode: Episode) -> dict[str, float]:
    """All measures of one episode by name; of `OPTIONAL`, only those that arose."""
    values: dict[str, float] = {}
    for metric in METRICS.values():
        values |= metric.measure(episode)
    return values
