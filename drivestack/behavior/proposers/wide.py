"""Manoeuvres to be tried out: more than a planner could foresee, for who can fork the world."""

from __future__ import annotations

from dataclasses import replace

from .evasive import Evasive
from .pdm_lane import PdmLane
from .together import Together

WITH_EASE = PdmLane(
    brisk=2.1, accel=1.9, brakings=(1.5, 3.3), stopping=2.8, max_decel=3.3, jerk=2.5, swerve=4.0
)
"""Below nuPlan's bounds of comfort: 2.40 and 4.05 m/s2 along, 4.13 m/s3 along and 8.37 in all."""


EASY = replace(WITH_EASE, brakings=(3.0, 6.0), abrupt=6.0)
"""What stands beside learned candidates: all with ease, but for one that brakes for dear life."""


def wide() -> Together:
    """128 manoeuvres: `pdm_lane`'s and the evasive ones, and both with ease."""
    aside = replace(WITH_EASE, aside_speed=2.0, aside_slope=0.3)
    return Together((PdmLane(), WITH_EASE, Evasive(), Evasive(lane=aside)))
