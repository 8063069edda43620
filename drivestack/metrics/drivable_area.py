"""Drivable area compliance DAC: no corner of the footprint leaves the lanes, in any frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivestack.core.episode import Episode
from drivestack.core.types import Floats

from .drive import drive_of
from .lane_facts import INSIDE, lane_facts

NUPLAN_SLACK = 0.3
"""Distance [m] outside at which a corner has left the drivable area; nuPlan."""

ROUNDING = 1e-9
"""A corner is on the slack [m] where rounding says it is just below."""


def within_drivable_area(outside: Floats, slack: float = NUPLAN_SLACK) -> bool:
    """Whether the farthest corners (T,) [m] outside stay below nuPlan's slack."""
    return bool(np.all(outside < slack - ROUNDING))


def strictly_within_drivable_area(outside: Floats) -> bool:
    """NAVSIM's form: no corner outside (T,) [m] at all."""
    return bool(np.all(outside <= INSIDE))


@dataclass(frozen=True, slots=True)
class DrivableArea:
    """`drivable_area` (nuPlan, 0.3 m slack) and `drivable_area_strict` (NAVSIM, none): 0/1.

    The drivable area is the union of the lanes; without ticks both are 0.
    """

    def measure(self, episode: Episode) -> dict[str, float]:
        """Both flags of one episode."""
        drive = drive_of(episode)
        outside = lane_facts(episode.map, drive.ego[:, :3], drive.size).outside
        driven = len(outside) > 0
        return {
            "drivable_area": float(driven and within_drivable_area(outside)),
            "drivable_area_strict": float(driven and strictly_within_drivable_area(outside)),
        }
