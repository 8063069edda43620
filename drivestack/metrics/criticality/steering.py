"""The lateral acceleration that is needed to pass beside the lead; left and right, the easier."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drivestack.core.episode import Reason
from drivestack.core.types import Floats
from drivestack.metrics.evidence import Evidence

from .extremes import greatest
from .ttc import time_to_collision

STEERING_LIMIT = 8.0
"""Largest lateral acceleration [m/s2] a steering threat is counted against; CriMe's vehicle."""


def lateral_to_avoid(
    time: Floats, offset: Floats, drift: Floats, lead_acceleration: Floats, clearance: Floats
) -> Floats:
    """Least constant lateral acceleration that is beside the lead at the time to collision [m/s2].

    Args:
        time: time to collision [s], positive, any shape; infinite: 0 is needed.
        offset: of the lead's centre, to the left [m]. drift: its lateral speed less the own [m/s].
        lead_acceleration: its lateral one [m/s2]. clearance: half of both widths [m].

    Returns:
        abs(a2 + 2 drift / time + 2 / time^2 (offset +- clearance)) of the easier side. It is what
        leads to just touching, also where the way would be clear without it: ask only in conflict.

    Source: Jansson 2005, 5.3.8; reference safety.md, section 2.
    """
    straight = lead_acceleration + 2.0 * drift / time + 2.0 * offset / (time * time)
    aside = 2.0 * clearance / (time * time)
    needed = np.minimum(np.abs(straight + aside), np.abs(straight - aside))
    return np.where(np.isinf(time), 0.0, needed)


def steering_threat(acceleration: Floats, limit: float) -> Floats:
    """STN, the share of the lateral grip that is needed; above 1 steering does not avoid it.

    Args:
        acceleration: needed, lateral [m/s2], any shape. limit: [m/s2].

    Source: Hosseini et al. 2016, (1); reference safety.md, section 2.
    """
    return acceleration / limit


@dataclass(frozen=True, slots=True)
class RequiredSteering:
    """`max_a_lat_req` [m/s2] and `max_stn` against whoever leads, see `Pairs.leading`."""

    names: tuple[str, ...] = ("max_a_lat_req", "max_stn")

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """The greatest of an episode; absent where no gap ever shrinks."""
        pairs = evidence.pairs
        velocity = pairs.velocity()
        time = time_to_collision(pairs.gap(), -velocity[:, 0])
        # nothing is left to steer around once they touch
        ahead = pairs.leading() & np.isfinite(time) & (time > 0.0)
        time, offset, drift = time[ahead], pairs.pose[ahead, 1], velocity[ahead, 1]
        clearance = 0.5 * (pairs.ego_size[1] + pairs.size[ahead, 1])
        conflict = np.abs(offset + drift * time) < clearance
        steady = np.zeros(len(time))
        needed = lateral_to_avoid(time, offset, drift, steady, clearance)
        greatest_needed = np.full(len(ahead), -math.inf)
        greatest_needed[ahead] = np.where(conflict, needed, -math.inf)
        threat = steering_threat(greatest_needed, STEERING_LIMIT)
        what = "most lateral acceleration needed to pass beside the lead"
        return (
            greatest(evidence, "max_a_lat_req", greatest_needed, what, "m/s2"),
            greatest(evidence, "max_stn", threat, "largest share of the lateral grip needed", ""),
        )
