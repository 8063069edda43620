"""Time to collision: known answers, properties of all three forms, brute force."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.core.geometry import boxes_overlap
from drivestack.metrics.criticality.exposure import exposure
from drivestack.metrics.criticality.pairs import Pairs
from drivestack.metrics.criticality.ttc import (
    time_to_collision,
    time_to_collision_accelerating,
    time_to_overlap,
    times_of,
)
from tests.metrics.criticality.situations import ANY, EGO_SIZE, mirrored, pairs

GAPS = st.floats(0.01, 200.0)
SPEEDS = st.floats(0.01, 40.0)
ACCELERATIONS = st.floats(-8.0, 8.0)


def test_known_answers() -> None:
    gap, closing = np.array([20.0, 20.0, 20.0, 0.0, -1.0]), np.array([5.0, 0.0, -5.0, 5.0, -5.0])
    expected = [4.0, math.inf, math.inf, 0.0, 0.0]
    np.testing.assert_array_equal(time_to_collision(gap, closing), expected)


@pytest.mark.parametrize(
    ("closing", "acceleration", "expected"),
    [
        (5.0, 0.0, 4.0),
        (0.0, -10.0, 2.0),  # the lead brakes: 20 = 10 t^2 / 2
        (-5.0, -10.0, (5.0 + math.sqrt(425.0)) / 10.0),  # it still pulls away, then it is caught
        (5.0, 0.625, 8.0),  # touches just as speeds are equal: 25 = 2 * 0.625 * 20
        (5.0, 0.7, math.inf),
        (-5.0, 1.0, math.inf),
        (0.0, 0.0, math.inf),
    ],
)
def test_accelerating_known_answers(closing: float, acceleration: float, expected: float) -> None:
    found = time_to_collision_accelerating(
        np.array(20.0), np.array(closing), np.array(acceleration)
    )
    assert float(found) == pytest.approx(expected)


@given(GAPS, SPEEDS, st.floats(1.01, 4.0))
def test_monotone_and_scaling(gap: float, closing: float, factor: float) -> None:
    one = time_to_collision(np.array(gap), np.array(closing))
    assert time_to_collision(np.array(gap * factor), np.array(closing)) > one
    assert time_to_collision(np.array(gap), np.array(closing * factor)) < one
    both = time_to_collision(np.array(gap * factor), np.array(closing * factor))
    assert float(both) == pytest.approx(float(one))
    assert math.isinf(time_to_collision(np.array(gap), np.array(-closing)))


@given(GAPS, st.floats(-40.0, 40.0), ACCELERATIONS, st.floats(0.01, 5.0))
def test_a_braking_lead_never_raises_it(
    gap: float, closing: float, acceleration: float, braking: float
) -> None:
    values = (np.array(gap), np.array(closing))
    before = time_to_collision_accelerating(*values, np.array(acceleration))
    after = time_to_collision_accelerating(*values, np.array(acceleration - braking))
    assert after <= before + 1e-9


@given(GAPS, st.floats(-40.0, 40.0), ACCELERATIONS)
def test_the_accelerating_root_is_the_first(
    gap: float, closing: float, acceleration: float
) -> None:
    time = float(
        time_to_collision_accelerating(np.array(gap), np.array(closing), np.array(acceleration))
    )
    before = np.linspace(0.0, min(time, 100.0), 500, endpoint=False)
    assert (gap - closing * before + 0.5 * acceleration * before**2 > -1e-6).all()
    if time < 1e3:
        assert gap - closing * time + 0.5 * acceleration * time**2 == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        (pairs((24.75, 0.0, 0.0), 15.0, 10.0), 4.0),  # gap 20 m
        (pairs((24.75, 1.9, 0.0), 15.0, 10.0), 4.0),  # touches
        (pairs((24.75, 1.91, 0.0), 15.0, 10.0), math.inf),
        (pairs((-24.75, 0.0, 0.0), 10.0, 15.0), 4.0),  # from behind
        (pairs((24.75, 0.0, math.pi), 10.0, 10.0), 1.0),  # head on
        (pairs((0.0, -13.25, math.pi / 2), 0.0, 10.0), 1.0),  # from the right: 10 m
        (pairs((50.0, 0.0, 0.0), 10.0, 10.0), math.inf),
        (pairs((4.0, 0.5, 0.3), 10.0, 20.0), 0.0),
    ],
)
def test_boxes_known_answers(pair: Pairs, expected: float) -> None:
    assert float(times_of(pair)[0]) == pytest.approx(expected)


@given(ANY)
def test_boxes_agree_with_brute_force(pair: Pairs) -> None:
    time = float(times_of(pair)[0])
    (x, y, yaw), (length, width) = pair.pose[0], pair.size[0]
    u, w = pair.velocity()[0]

    def touch(t: float, grown: float) -> bool:
        at = x + u * t, y + w * t, yaw, length + grown, width + grown
        return boxes_overlap(0.0, 0.0, 0.0, *EGO_SIZE, *at)

    for t in np.linspace(0.0, min(time, 10.0), 50 if time > 0.0 else 0, endpoint=False):
        assert not touch(float(t), -1e-4)
    if time < 1e3:
        assert touch(time, 1e-4)


@given(ANY)
def test_boxes_are_the_same_mirrored_and_swapped(pair: Pairs) -> None:
    time = times_of(pair)
    np.testing.assert_array_equal(times_of(replace(pair, pose=mirrored(pair.pose))), time)
    velocity = mirrored(pair.velocity())
    again = time_to_overlap(mirrored(pair.pose), pair.size, EGO_SIZE, velocity)
    np.testing.assert_array_equal(again, time)


def test_rows_do_not_depend_on_each_other() -> None:
    rng = np.random.default_rng(3)
    pose, size = rng.uniform(-20, 20, (4, 6, 3)), rng.uniform(1, 6, (4, 6, 2))
    velocity = rng.uniform(-20, 20, (4, 6, 2))
    whole = time_to_overlap(pose, size, EGO_SIZE, velocity)
    assert whole.shape == (4, 6)
    assert np.isfinite(whole).any()
    assert np.isinf(whole).any()
    for i in range(4):
        one = time_to_overlap(pose[i], size[i], EGO_SIZE, velocity[i])
        np.testing.assert_array_equal(one, whole[i])


def test_exposure_known_answer() -> None:
    times = np.array([[math.inf, 3.0, 2.0, 1.0, 0.5, math.inf], [math.inf] * 6])
    exposed, integrated = exposure(times, 0.1, 2.0)
    np.testing.assert_allclose(exposed, [0.3, 0.0])
    np.testing.assert_allclose(integrated, [0.25, 0.0])
