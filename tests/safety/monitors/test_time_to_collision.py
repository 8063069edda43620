"""Emergency braking: in time for who stands or drives ahead, never for who is beside or behind."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivestack.core.types import Filtering, Verdict
from drivestack.safety.monitors.time_to_collision import TimeToCollision
from tests.safety.alone import alone
from tests.safety.plans import plan_at
from tests.scenes import observation, two_lanes

CHECK = TimeToCollision(0.05)
LENGTH = 5.0


def verdict(
    speed: float, others: list[tuple[float, ...]], control: tuple[float, float] = (0.0, 0.0)
) -> Verdict:
    seen = observation([two_lanes()], [(100, 0, 0, speed)], [np.array(others)])
    return alone(CHECK, seen, plan_at(seen), np.array([control]))[0]


@pytest.mark.parametrize("speed", [5.0, 12.0, 25.0])
@pytest.mark.parametrize("lead", [0.0, 4.0])
def test_braking_is_due_at_the_last_moment(speed: float, lead: float) -> None:
    """The limit of UN R157's form, within a step of the look ahead."""
    closing = speed - lead
    last = closing * (closing / 12.0 + 0.35)
    for gap, due in ((last - 0.11 * closing, True), (last + 0.11 * closing, False)):
        found = verdict(speed, [(100 + LENGTH + gap, 0.0, 0.0, lead)])
        assert found.failed[0, 0] == due, gap
        assert (found.high[0, 0, 0] == -8.0) == due
        assert found.has_object[0, 0] == due


def test_braking_that_is_under_way_suffices() -> None:
    wall = [(100 + LENGTH + 11.0, 0.0, 0.0, 0.0)]
    assert verdict(10.0, wall, (0.0, 0.0)).failed[0, 0]
    assert not verdict(10.0, wall, (-6.0, 0.0)).failed[0, 0], "it stops after 8.3 m"


@pytest.mark.parametrize(
    "other",
    [
        (108.0, 4.0, 0.0, 0.0),  # in the next lane
        (92.0, 0.0, 0.0, 25.0),  # runs into the ego from behind
        (110.0, 0.0, 0.0, 14.0),  # ahead and faster
        (60.0, 0.0, 0.0, 0.0),  # passed long ago
        (101.0, 0.5, 0.0, 3.0),  # touches already: nothing is left to avoid
    ],
)
def test_who_is_not_in_the_way_is_left_alone(other: tuple[float, ...]) -> None:
    assert not verdict(10.0, [other]).failed.any()


def test_the_commanded_steering_decides_where_it_leads() -> None:
    beside = [(112.0, 3.0, 0.0, 0.0)]
    assert not verdict(10.0, beside).failed[0, 0]
    assert verdict(10.0, beside, (0.0, 0.15)).failed[0, 0]


def test_crossing_traffic_counts_where_the_front_meets_it() -> None:
    crossing = [(109.0, -6.0, math.pi / 2, 6.0)]
    assert verdict(8.0, crossing).failed[0, 0]


def test_a_standing_car_brakes_for_nobody() -> None:
    assert not verdict(0.0, [(106.0, 0.0, math.pi, 10.0)]).failed.any()


def test_it_never_asks_a_slow_car_to_reverse() -> None:
    found = verdict(0.2, [(100 + LENGTH + 0.02, 0.0, 0.0, 0.0)])
    assert found.failed[0, 0]
    assert found.high[0, 0, 0] == pytest.approx(-0.2 / 0.05)
    assert found.response[0, 0] == Filtering.EMERGENCY_BRAKE


def test_left_and_right_mirror() -> None:
    left = verdict(10.0, [(112.0, 3.0, -0.3, 2.0)], (0.0, 0.1))
    right = verdict(10.0, [(112.0, -3.0, 0.3, 2.0)], (0.0, -0.1))
    assert left.value.tobytes() == right.value.tobytes()
