"""Errors against an expert: nuPlan's scenes, and what can be said without them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.core.types import Floats
from drivestack.metrics.errors import (
    FINAL_DISPLACEMENT,
    HEADING,
    HORIZONS,
    MISS_RATE,
    YAW_WEIGHT,
    PlanErrors,
    closest_observation,
    displacement,
    heading_error,
    miss_rates,
    plan_errors,
)
from tests.metrics.nuplan_cases import Case, case, centres

MOST_SPEED = 5.0
"""The scenes' planner drives straight, without acceleration, and pulls higher speeds [m/s] here."""


def expert_poses(found: Case) -> Floats:
    return centres(np.array([state["pose"] for state in found.raw["expert_ego_states"]]))


def driven(velocity: Floats) -> list[float]:
    """Distance [m] of nuPlan's straight planner after every second of a plan.

    Its brake from a speed above 5 m/s outlives its purpose: the plan ends up backwards, and the
    scenes' values hold that.
    """
    forward, speed = float(velocity[0]), float(np.hypot(*velocity))
    accel = distance = 0.0
    found = []
    for _ in range(max(HORIZONS)):
        accel = MOST_SPEED - speed if speed > MOST_SPEED else accel
        distance += forward
        forward += accel
        speed = abs(forward)
        found.append(distance)
    return found


def errors_of(found: Case) -> PlanErrors:
    """The straight planner's plans from every frame, against the expert, second by second."""
    pose, expert = centres(found.pose), expert_poses(found)
    along = np.array([driven(velocity) for velocity in found.velocity])
    ahead = np.stack([np.cos(pose[:, 2]), np.sin(pose[:, 2])], axis=-1)
    plans = np.empty((*along.shape, 3))
    plans[..., :2] = pose[:, None, :2] + along[..., None] * ahead[:, None]
    plans[..., 2] = pose[:, None, 2]
    return plan_errors(plans, np.stack([expert[t + 1 : t + 9] for t in range(len(pose))]))


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "yaw_weight"),
    [
        ("ego_expert_l2_error__ego_expert_l2_error", 0.0),
        ("ego_expert_l2_error_with_yaw__ego_expert_l2_error_with_yaw_zero", YAW_WEIGHT),
    ],
)
def test_nuplan_displacement(shared: Path, name: str, yaw_weight: float) -> None:
    found = case(shared, name)
    errors = displacement(centres(found.pose), expert_poses(found), yaw_weight)
    assert errors.max() == pytest.approx(found.values("MAX")[0], abs=0.01)
    assert errors.mean() == pytest.approx(found.values("MEAN")[0], abs=0.01)
    assert closest_observation(errors, 0.9) == pytest.approx(found.values("P90")[0], abs=0.01)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "part", "bound"),
    [
        ("planner_expert_average_heading_error_within_bound__low_average_heading_error",
         "average_heading", HEADING),
        ("planner_expert_final_heading_error_within_bound__low_final_heading_error",
         "final_heading", HEADING),
        ("planner_expert_final_l2_error_within_bound__high_final_l2_error",
         "final", FINAL_DISPLACEMENT),
    ],
)  # fmt: skip
def test_nuplan_plans(shared: Path, name: str, part: str, bound: float) -> None:
    found = case(shared, name)
    means = getattr(errors_of(found), part).mean(axis=1)
    np.testing.assert_allclose([*means, means.mean()], found.values("MEAN"), atol=0.01)
    assert bool(np.all(means <= bound)) is found.values("BOOLEAN")[0]


@pytest.mark.shared
def test_nuplan_miss_rate(shared: Path) -> None:
    found = case(shared, "planner_miss_rate_within_bound__high_miss_rate")
    rates = miss_rates(errors_of(found))
    np.testing.assert_allclose(rates, found.values("RATIO"), atol=0.01)
    assert bool(np.all(rates <= MISS_RATE)) is found.values("BOOLEAN")[0]


def test_heading_errors_are_wrapped() -> None:
    a, b = np.array([[0.0, 0.0, 3.1]]), np.array([[3.0, 4.0, -3.1]])
    assert heading_error(a, b) == pytest.approx(2 * np.pi - 6.2)
    assert displacement(a, b, 2.0) == pytest.approx(5.0 + 2 * (2 * np.pi - 6.2))


@pytest.mark.parametrize(
    ("count", "rank"), [(1, 1), (4, 4), (5, 5), (10, 9), (12, 11), (15, 13), (100, 90)]
)
def test_ninetieth_rank(count: int, rank: int) -> None:
    assert closest_observation(np.arange(count, 0, -1.0), 0.9) == rank


def test_nothing_has_no_rank() -> None:
    with pytest.raises(ValueError, match="no values"):
        closest_observation(np.zeros(0), 0.9)


def test_a_short_plan_is_refused() -> None:
    with pytest.raises(ValueError, match="7 poses, 8 wanted"):
        plan_errors(np.zeros((1, 7, 3)), np.zeros((1, 7, 3)))
