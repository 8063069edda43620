"""Measures of finished episodes, one file each."""

from __future__ import annotations

from drivestack.core.episode import Episode
from drivestack.core.protocols import Metric

from .collision import NoAtFaultCollision
from .comfort import Comfort
from .contact import Contact
from .criticality.closest import ClosestEncounter
from .criticality.drac import RequiredDeceleration
from .criticality.headway import Headway
from .criticality.steering import RequiredSteering
from .criticality.ttc import LeadTimeToCollision
from .criticality.wttc import WorstTimeToCollision
from .drivable_area import DrivableArea
from .driving_direction import DrivingDirection
from .goal_reached import GoalReached
from .log_displacement import LogDisplacement
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
    "ttc": LeadTimeToCollision(),
    "headway": Headway(),
    "required_deceleration": RequiredDeceleration(),
    "required_steering": RequiredSteering(),
    "wttc": WorstTimeToCollision(),
    "closest_encounter": ClosestEncounter(),
    "log_displacement": LogDisplacement(),
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
    "log_ade_m",
    "log_fde_m",
)
"""Names that are absent from an episode in which what they measure never arose."""


def measured(episode: Episode) -> dict[str, float]:
    """All measures of one episode by name; of `OPTIONAL`, only those that arose."""
    values: dict[str, float] = {}
    for metric in METRICS.values():
        values |= metric.measure(episode)
    return values
