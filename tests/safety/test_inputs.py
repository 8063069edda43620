"""Freshness: what is older than its limit brings the car to a stop in its lane."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.types import Filtering, Observation, PlanSource
from drivestack.safety.inputs import Inputs
from tests.safety.alone import alone
from tests.safety.plans import plan_at
from tests.scenes import observation, two_lanes

CHECK = Inputs(0.05)


def seen(tick: int = 0, age: int = 0) -> Observation:
    found = observation([two_lanes()], [(100, 0, 0, 10)], tick=tick)
    return replace(found, age=np.array([age], np.int32))


@pytest.mark.parametrize(("age", "failed"), [(0, False), (10, False), (11, True), (200, True)])
def test_frames_are_stale_after_half_a_second(age: int, failed: bool) -> None:
    found = alone(CHECK, seen(age=age), plan_at(seen()), np.zeros((1, 2)))[0]
    assert found.failed[0].tolist() == [False, failed, False]
    assert (found.response == Filtering.MINIMAL_RISK).all()


@pytest.mark.parametrize(("tick", "failed"), [(0, False), (20, False), (21, True)])
def test_plans_are_stale_after_a_second(tick: int, failed: bool) -> None:
    found = alone(CHECK, seen(tick=tick), plan_at(seen(), tick=0), np.zeros((1, 2)))[0]
    assert found.failed[0].tolist() == [False, False, failed]


def test_a_held_plan_counts_by_its_age_and_a_fallback_not_at_all() -> None:
    held = alone(CHECK, seen(10), plan_at(seen(), 0, PlanSource.HELD), np.zeros((1, 2)))[0]
    none = alone(CHECK, seen(), plan_at(seen(), 0, PlanSource.FALLBACK), np.zeros((1, 2)))[0]
    assert not held.failed.any()
    assert none.failed[0].tolist() == [False, False, True]


@pytest.mark.parametrize("control", [(np.nan, 0.0), (0.0, np.inf), (-np.inf, np.nan)])
def test_numbers_that_are_not(control: tuple[float, float]) -> None:
    found = alone(CHECK, seen(), plan_at(seen()), np.array([control]))[0]
    assert found.failed[0].tolist() == [True, False, False]
    assert found.value[0, 0] == np.sum(~np.isfinite(control))


def test_ages_are_ticks_times_their_length() -> None:
    now = replace(seen(tick=30, age=7), dt=np.array([0.1]))
    found = alone(CHECK, now, plan_at(seen(), tick=12), np.zeros((1, 2)))[0]
    assert found.value[0].tolist() == pytest.approx([0.0, 0.7, 1.8])
    assert found.limit[0].tolist() == [0.0, 0.5, 1.0]
    none = alone(CHECK, now, plan_at(seen(), 30, PlanSource.FALLBACK), np.zeros((1, 2)))[0]
    assert none.value[0, 2] == 1e9
