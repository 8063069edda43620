"""The closest encounter: how near two road users came, and when."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.episode import Reason
from drivestack.core.geometry import boxes_overlap
from drivestack.core.types import Floats
from drivestack.metrics.evidence import Evidence

from .extremes import least


def distance_apart(pose: Floats, size: Floats, ego_size: Floats) -> Floats:
    """Distance between two boxes [m], 0 where they touch.

    Args:
        pose: (..., 3) the other's x, y [m], yaw [rad] in the ego's frame.
        size: (..., 2) its length and width [m]. ego_size: (2,).
    """
    rows = [np.ascontiguousarray(a.reshape(-1, a.shape[-1])) for a in (pose, size)]
    return _distances(rows[0], rows[1], ego_size).reshape(pose.shape[:-1])


def closest_encounter(distance: Floats, dt: float) -> tuple[Floats, Floats]:
    """Distance DCE [m] and time TTCE [s] of the closest encounter; the first of several.

    Args:
        distance: (..., T) of every tick [m], T >= 1, infinite where the other is not there.
        dt: [s] a tick.

    Source: Eggert 2014; CriMe `dce.py`, `ttce.py`.
    """
    return distance.min(axis=-1), dt * distance.argmin(axis=-1)


@kernel
def _distances(pose: NDArray, size: NDArray, ego_size: NDArray) -> NDArray:
    """Distances (R,) of rows of `distance_apart`: some corner of one is nearest to the other."""
    found = np.empty(pose.shape[0])
    length, width = ego_size[0], ego_size[1]
    for i in range(pose.shape[0]):
        x, y, yaw = pose[i, 0], pose[i, 1], pose[i, 2]
        c, s = math.cos(yaw), math.sin(yaw)
        if boxes_overlap(0.0, 0.0, 0.0, length, width, x, y, yaw, size[i, 0], size[i, 1]):
            found[i] = 0.0
            continue
        one = _corner_distance(x, y, c, s, size[i, 0], size[i, 1], length, width)
        # the ego's centre in the other's frame, turned the other way
        back_x, back_y = -(x * c + y * s), x * s - y * c
        other = _corner_distance(back_x, back_y, c, -s, length, width, size[i, 0], size[i, 1])
        found[i] = min(one, other)
    return found


@kernel
def _corner_distance(
    x: float, y: float, c: float, s: float, length: float, width: float, l1: float, w1: float
) -> float:
    """Least distance [m] of a turned box's corners to an axis-parallel box at the origin."""
    best = math.inf
    for i in range(4):
        along = 0.5 * length if i < 2 else -0.5 * length
        across = 0.5 * width if i % 2 == 0 else -0.5 * width
        dx = max(abs(x + (c * along - s * across)) - 0.5 * l1, 0.0)
        dy = max(abs(y + (s * along + c * across)) - 0.5 * w1, 0.0)
        best = min(best, math.sqrt(dx * dx + dy * dy))
    return best


@dataclass(frozen=True, slots=True)
class ClosestEncounter:
    """`min_distance_m` [m] to every other road user, 0 in contact."""

    names: tuple[str, ...] = ("min_distance_m",)

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """The least of an episode; absent where the ego is always alone."""
        pairs = evidence.pairs
        distance = distance_apart(pairs.pose, pairs.size, pairs.ego_size)
        return (least(evidence, "min_distance_m", distance, "least distance", "m"),)
