"""Worst time to collision: known answers, the first root, never above the time to collision."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.metrics.criticality.pairs import Pairs
from drivestack.metrics.criticality.ttc import times_of
from drivestack.metrics.criticality.wttc import (
    disc_radius,
    soonest_times_of,
    straight_time,
    worst_time_to_collision,
)
from tests.metrics.criticality.situations import ANY, mirrored, pairs


def worst(x: float, y: float, u: float, w: float, reach: float, acceleration: float) -> float:
    position, velocity = np.array([[x, y]]), np.array([[u, w]])
    found = worst_time_to_collision(position, velocity, np.array(reach), np.array(acceleration))
    return float(found[0])


def test_known_answers() -> None:
    assert worst(22.0, 0.0, 0.0, 0.0, 2.0, 10.0) == pytest.approx(2.0)  # 20 = 10 t^2 / 2
    assert worst(22.0, 0.0, -10.0, 0.0, 2.0, 20.0) == pytest.approx(1.0)  # 20 = 10 t + 10 t^2
    assert worst(0.0, 3.0, 0.0, 0.0, 3.0, 1.0) == 0.0
    assert worst(1.0, 0.0, 9.0, 0.0, 2.0, 1.0) == 0.0


def test_accelerations_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        worst(10.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@given(
    st.floats(-50.0, 50.0),
    st.floats(-50.0, 50.0),
    st.floats(-40.0, 40.0),
    st.floats(-40.0, 40.0),
    st.floats(0.0, 5.0),
    st.floats(0.5, 25.0),
)
def test_it_is_the_first_root(
    x: float, y: float, u: float, w: float, reach: float, acceleration: float
) -> None:
    time = worst(x, y, u, w, reach, acceleration)
    assert math.isfinite(time)
    bound = straight_time(x * x + y * y, u * u + w * w, reach, acceleration, 1e-300)
    assert bound <= time + 1e-9
    excess = math.hypot(x + u * time, y + w * time) - reach - 0.5 * acceleration * time**2
    assert excess <= 1e-6
    t = np.linspace(0.0, time, 300 if time > 0.0 else 0, endpoint=False)
    before = np.hypot(x + u * t, y + w * t) - reach - 0.5 * acceleration * t**2
    assert (before >= -1e-6).all()


@given(st.floats(5.0, 100.0), st.floats(-30.0, 30.0), st.floats(0.1, 20.0), st.floats(1.0, 20.0))
def test_monotone_in_gap_and_acceleration(
    gap: float, speed: float, more: float, acceleration: float
) -> None:
    time = worst(gap, 0.0, -speed, 0.0, 2.0, acceleration)
    assert worst(gap + more, 0.0, -speed, 0.0, 2.0, acceleration) > time
    assert worst(gap, 0.0, -speed, 0.0, 2.0, acceleration + more) < time


@given(ANY)
def test_never_above_the_time_to_collision(pair: Pairs) -> None:
    assert soonest_times_of(pair)[0] <= times_of(pair)[0] + 1e-9


@given(ANY)
def test_mirrored(pair: Pairs) -> None:
    image = replace(pair, pose=mirrored(pair.pose))
    np.testing.assert_allclose(soonest_times_of(image), soonest_times_of(pair), atol=1e-12)


@given(ANY)
def test_what_nobody_drives_is_less_of_a_threat(pair: Pairs) -> None:
    driven, standing = (replace(pair, driven=np.array([on])) for on in (True, False))
    assert soonest_times_of(standing)[0] >= soonest_times_of(driven)[0]


def test_side_by_side_in_two_lanes_is_not_a_collision() -> None:
    assert disc_radius(np.array([6.0, 2.0])) == pytest.approx(math.sqrt(2.0))
    assert 0.2 < float(soonest_times_of(pairs((0.0, 4.0, 0.0), 20.0, 20.0))[0]) < 0.6
