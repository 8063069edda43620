"""Headways: known answers, and that they grow with the gap."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from drivestack.metrics.criticality.headway import driven_headway, time_headway


def test_known_answers() -> None:
    gap, speed = np.array([20.0, 20.0, 20.0, -1.0]), np.array([10.0, 0.0, -3.0, 10.0])
    np.testing.assert_array_equal(time_headway(gap, speed), [2.0, math.inf, math.inf, 0.0])


@given(st.floats(0.0, 100.0), st.floats(0.1, 40.0), st.floats(0.01, 10.0))
def test_monotone_in_the_gap(gap: float, speed: float, more: float) -> None:
    assert time_headway(np.array(gap + more), np.array(speed)) > time_headway(
        np.array(gap), np.array(speed)
    )


def test_driven_headway_counts_ticks_until_beyond() -> None:
    front = np.arange(11) * np.array([[1.0], [2.0], [0.1]])
    found = driven_headway(front, np.array([4.5, 4.5, 4.5]), 0.1)
    np.testing.assert_allclose(found, [0.5, 0.3, math.inf])
    assert math.isinf(driven_headway(front[0], np.array(-1.0), 0.1)), "beyond from the start"


@given(st.floats(1.0, 30.0), st.floats(1.0, 40.0))
def test_driven_at_constant_speed_is_the_formula(gap: float, speed: float) -> None:
    front = speed * np.arange(400) * 0.1
    driven = float(driven_headway(front, np.array(gap), 0.1))
    exact = float(time_headway(np.array(gap), np.array(speed)))
    assert exact - 1e-9 <= driven <= exact + 0.1 + 1e-9
