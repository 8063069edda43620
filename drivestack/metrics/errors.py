"""Displacement and heading errors of a driven or planned path against an expert's.

Rules: nuplan-devkit `planning/metrics/utils/expert_comparisons.py` and
`planner_expert_average_l2_error_within_bound.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drivestack.core.frames import wrapped
from drivestack.core.types import Floats

YAW_WEIGHT = 2.5
"""Metres for a radian in the displacement error with yaw; nuPlan."""

HORIZONS = (3, 5, 8)
"""Seconds at which a plan is compared; nuPlan."""

MISS = (6.0, 8.0, 16.0)
"""Largest displacement [m] within each horizon that is no miss; nuPlan."""

MISS_RATE, FINAL_DISPLACEMENT, HEADING = 0.3, 8.0, 0.8
"""Bounds: share of missed plans, mean final (also average) displacement [m], heading [rad];
nuPlan."""


def displacement(pose: Floats, expert: Floats, yaw_weight: float = 0.0) -> Floats:
    """Distances (...) [m] between poses (..., 3), a heading difference weighted in [m/rad]."""
    apart = np.hypot(pose[..., 0] - expert[..., 0], pose[..., 1] - expert[..., 1])
    return apart + yaw_weight * heading_error(pose, expert)


def heading_error(pose: Floats, expert: Floats) -> Floats:
    """Absolute heading differences (...) [rad] of poses (..., 3), in [0, pi]."""
    return np.abs(wrapped(pose[..., 2] - expert[..., 2]))


def closest_observation(values: Floats, share: float) -> float:
    """The value of rank nearest to ``share * n``; of two equally near ranks the odd one.

    nuPlan's P90 is numpy 1's `percentile(..., method="closest_observation")`; numpy 2 takes the
    even rank, which its expected values contradict (5 values: the 5th, not the 4th).

    Raises:
        ValueError: there are no values.
    """
    if not len(values):
        raise ValueError("closest_observation: no values")
    rank = share * len(values)
    low = math.floor(rank)
    tie = abs(rank - low - 0.5) < 1e-9
    nearest = low + (low % 2 == 0) if tie else math.floor(rank + 0.5)
    return float(np.sort(values)[min(max(nearest, 1), len(values)) - 1])


@dataclass(frozen=True, slots=True, eq=False)
class PlanErrors:
    """Errors of P plans at S horizons; each (S, P).

    Attributes:
        average, final, largest: displacement [m] up to, or at, the horizon.
        average_heading, final_heading: [rad].
    """

    average: Floats
    final: Floats
    largest: Floats
    average_heading: Floats
    final_heading: Floats


def plan_errors(plans: Floats, expert: Floats, steps: tuple[int, ...] = HORIZONS) -> PlanErrors:
    """Errors of plans against where the expert was at the same times.

    Args:
        plans, expert: (P, T, 3) future poses, the present one left out.
        steps: numbers of future poses of each horizon; seconds at nuPlan's 1 s comparison.

    Raises:
        ValueError: a plan is shorter than the longest horizon.
    """
    if plans.shape[1] < max(steps):
        raise ValueError(f"plan_errors: {plans.shape[1]} poses, {max(steps)} wanted")
    apart, turned = displacement(plans, expert), heading_error(plans, expert)
    return PlanErrors(
        average=np.stack([apart[:, :n].mean(axis=1) for n in steps]),
        final=np.stack([apart[:, n - 1] for n in steps]),
        largest=np.stack([apart[:, :n].max(axis=1) for n in steps]),
        average_heading=np.stack([turned[:, :n].mean(axis=1) for n in steps]),
        final_heading=np.stack([turned[:, n - 1] for n in steps]),
    )


def miss_rates(errors: PlanErrors, bounds: tuple[float, ...] = MISS) -> Floats:
    """Share (S,) of plans whose largest displacement exceeds the bound [m] of its horizon."""
    return (errors.largest > np.asarray(bounds)[:, None]).mean(axis=1)
