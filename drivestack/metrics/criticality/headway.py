"""Headway: how far, and how long, behind the lead; needs no closing speed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drivestack.core.episode import Reason
from drivestack.core.types import Floats
from drivestack.metrics.evidence import Evidence

from .extremes import least

MOVING = 2.0
"""Speed [m/s] above which a time headway means anything; reference data.md, section 4."""


def time_headway(gap: Floats, speed: Floats) -> Floats:
    """Time until the own front is where the lead's rear is now [s], infinite unless it moves.

    Args:
        gap: front to rear [m], any shape; an overlap counts as 0. speed: own [m/s].

    Source: THW, reference safety.md, section 2; UN R157 calls 2 s critical.
    """
    gap, speed = np.broadcast_arrays(np.maximum(gap, 0.0), speed)
    time = np.full(gap.shape, math.inf)
    np.divide(gap, speed, out=time, where=speed > 0.0)
    return time


def driven_headway(front: Floats, rear: Floats, dt: float) -> Floats:
    """Time headway along what was really driven [s]: until the own front has passed a place.

    Args:
        front: (..., T) position of the own front along the way [m], the present first.
        rear: (...) where the lead's rear is now [m]. dt: [s] a tick.

    Returns:
        (...), infinite if the front is beyond it already, or never gets there. Whole ticks.

    Source: CriMe `thw.py`.
    """
    beyond = front > np.asarray(rear)[..., None]
    time = dt * np.argmax(beyond, axis=-1)
    return np.where(beyond.any(axis=-1) & ~beyond[..., 0], time, math.inf)


@dataclass(frozen=True, slots=True)
class Headway:
    """`min_headway_m` [m] and `min_thw_s` [s] to whoever leads, see `Pairs.leading`."""

    names: tuple[str, ...] = ("min_headway_m", "min_thw_s")

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """The least of both; absent where nobody ever leads, the time also where the ego creeps."""
        pairs = evidence.pairs
        gap = np.where(pairs.leading(), np.maximum(pairs.gap(), 0.0), math.inf)
        time = np.where(pairs.ego_speed > MOVING, time_headway(gap, pairs.ego_speed), math.inf)
        return (
            least(evidence, "min_headway_m", gap, "least distance to the lead", "m"),
            least(evidence, "min_thw_s", time, "least time behind the lead", "s"),
        )
