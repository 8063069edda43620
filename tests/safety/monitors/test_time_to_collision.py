"""Emergency braking: in time for who stands or drives ahead, never for who is beside or behind."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.geometry import boxes_overlap
from drivestack.core.types import Filtering, Verdict
from drivestack.safety.monitors.time_to_collision import TimeToCollision
from tests.safety.alone import alone
from tests.safety.plans import plan_at
from tests.scenes import observation, two_lanes

CHECK = TimeToCollision(0.05)
LENGTH = 5.0


def verdict(
    speed: float, others: list[tuple[float, ...]], control: tuple[float, float] = (0.0, 0.0),
    ego: tuple[float, float, float] = (100.0, 0.0, 0.0),
) -> Verdict:  # fmt: skip
    seen = observation([two_lanes()], [(*ego, speed)], [np.array(others)])
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


def late(speed: float, other: tuple[float, ...], control: tuple[float, float],
         ego: tuple[float, float, float]) -> float:  # fmt: skip
    """The same in complex numbers, for bodies of 5 m by 2 m."""
    place, yaw, v = complex(*ego[:2]), ego[2], speed
    there, velocity = complex(*other[:2]), other[3] * np.exp(1j * other[2])
    accel, steer = min(control[0], 0.0), float(np.clip(control[1], -math.pi / 3, math.pi / 3))
    slip = math.atan(math.tan(steer) / 2.0)
    for step in range(31):
        if boxes_overlap(place.real, place.imag, yaw, 5.0, 2.0,
                         there.real, there.imag, other[2], 5.0, 2.0):  # fmt: skip
            own = np.exp(-1j * yaw)
            closing = v - (velocity * own).real
            if step == 0 or ((there - place) * own).real <= 0.0 or closing <= 0.0:
                return 0.0
            return max(closing / 12.0 + 0.35 - 0.1 * step, 0.0)
        place += 0.1 * v * np.exp(1j * (yaw + slip))
        yaw += 0.1 * v * math.sin(slip) / 2.5
        v = max(v + 0.1 * accel, 0.0)
        there += 0.1 * velocity
    return 0.0


def test_it_is_what_following_both_finds() -> None:
    draw, found = np.random.default_rng(4), []
    for number in range(250):
        yaw, speed = draw.uniform(-3.0, 3.0), draw.choice([0.3, 4.0, 12.0, 30.0])
        ego = (float(draw.uniform(-50, 50)), float(draw.uniform(-50, 50)), float(yaw))
        along, beside = draw.uniform(-4.0, 0.7 * speed + 7.0), draw.normal(0.0, 2.0)
        x = ego[0] + along * math.cos(yaw) - beside * math.sin(yaw)
        y = ego[1] + along * math.sin(yaw) + beside * math.cos(yaw)
        turn = draw.choice([0.0, 0.2, -0.6, 1.6, -1.6, 3.0])
        other = (x, y, yaw + turn, float(draw.choice([0.0, 0.0, 3.0, 10.0, -2.0])))
        control = (float(draw.choice([-5.0, 0.0, 2.0])), float(draw.choice([0.0, 0.1, -0.3, 2.0])))
        wanted = late(float(speed), other, control, ego)
        answer = verdict(float(speed), [other], control, ego)
        assert answer.value[0, 0] == pytest.approx(wanted, abs=1e-9), number
        assert answer.failed[0, 0] == (wanted > 0.0)
        found.append(wanted > 0.0)
    assert 0.15 < np.mean(found) < 0.6


def test_the_worst_of_several_is_named_and_of_two_alike_the_first() -> None:
    near, far, beside = (110.0, 0.0, 0.0, 0.0), (114.0, 0.0, 0.0, 0.0), (110.0, 4.0, 0.0, 0.0)
    alone = verdict(15.0, [near]).value[0, 0]
    assert alone > verdict(15.0, [far]).value[0, 0] > 0.0
    for others in ([beside, far, near, beside], [near, far], [far, near, near]):
        found = verdict(15.0, others)
        assert found.value[0, 0] == alone
        assert found.object[0, 0] == others.index(near)


@pytest.mark.parametrize("control", [(math.nan, 0.0), (0.0, math.nan), (-math.inf, 0.0)])
def test_a_control_that_is_none_is_not_its_business(control: tuple[float, float]) -> None:
    assert not verdict(15.0, [(110.0, 0.0, 0.0, 0.0)], control).failed[0, 0]


@pytest.mark.parametrize(
    ("x", "y", "value"),
    [
        (224.99, 1.95, 40.0 / 12.0 + 0.35 - 3.0),  # corner to corner at the end of the look ahead
        (226.9, 0.0, 0.0),  # a step later
        (210.0, 0.0, 40.0 / 12.0 + 0.35 - 2.7),
    ],
)
def test_as_far_as_it_looks_ahead(x: float, y: float, value: float) -> None:
    found = verdict(20.0, [(x, y, math.pi, 20.0)])
    assert found.value[0, 0] == pytest.approx(value, abs=1e-6)


def test_who_is_slowly_closed_in_on_counts_and_who_comes_from_abreast_does_not() -> None:
    found = verdict(10.0, [(105.12, 0.0, 0.0, 9.5)])
    assert found.value[0, 0] == pytest.approx(0.5 / 12.0 + 0.35 - 0.3)
    for more, failed in ((0.0, False), (0.1, True)):
        across = (105.0 + more, -8.4, math.pi / 2, 10.0)
        assert verdict(10.0, [across]).failed[0, 0] == failed


def test_a_place_without_anybody_is_empty() -> None:
    seen = observation([two_lanes()], [(100, 0, 0, 15)], [np.array([(110.0, 0, 0, 0)])])
    nobody = replace(seen.tracks, valid=np.zeros((1, 1, 1), np.bool_))
    seen = replace(seen, tracks=nobody)
    assert not alone(CHECK, seen, plan_at(seen), np.zeros((1, 2)))[0].failed[0, 0]
