"""Measures of finished episodes, one file each."""

from __future__ import annotations

from drivestack.core.protocols import Metric

from .checks_failed import ChecksFailed
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
from .extended_comfort import ExtendedComfort
from .freezing import Freezing
from .goal_reached import GoalReached
from .history_comfort import HistoryComfort
from .lane_keeping import LaneKeeping
from .log_displacement import LogDisplacement
from .making_progress import MakingProgress
from .mean_speed import MeanSpeed
from .no_at_fault_collision import NoAtFaultCollision
from .progress import Progress
from .projected_contact import ProjectedContact
from .speed_limit import SpeedLimit
from .time_to_collision import TimeToCollision
from .traffic_lights import TrafficLights

METRICS: dict[str, Metric] = {
    "contact": Contact(),
    "no_at_fault_collision": NoAtFaultCollision(),
    "progress": Progress(),
    "mean_speed": MeanSpeed(),
    "goal_reached": GoalReached(),
    "freezing": Freezing(),
    "drivable_area": DrivableArea(),
    "driving_direction": DrivingDirection(),
    "traffic_lights": TrafficLights(),
    "making_progress": MakingProgress(),
    "ttc_within_bound": TimeToCollision(),
    "ttc_projected": ProjectedContact(),
    "speed_limit": SpeedLimit(),
    "comfort": Comfort(),
    "history_comfort": HistoryComfort(),
    "extended_comfort": ExtendedComfort(),
    "lane_keeping": LaneKeeping(),
    "ttc": LeadTimeToCollision(),
    "headway": Headway(),
    "required_deceleration": RequiredDeceleration(),
    "required_steering": RequiredSteering(),
    "wttc": WorstTimeToCollision(),
    "closest_encounter": ClosestEncounter(),
    "log_displacement": LogDisplacement(),
    "checks_failed": ChecksFailed(),
}
