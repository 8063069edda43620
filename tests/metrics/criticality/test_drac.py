"""Needed deceleration, threat numbers and crash potential: known answers and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.metrics.criticality.cpi import crash_probability
from drivestack.metrics.criticality.drac import (
    braking_threat,
    deceleration_to_avoid,
    deceleration_to_stop,
    safety_time_deceleration,
)
from drivestack.metrics.criticality.severity import delta_v

GAPS, SPEEDS = st.floats(1.0, 100.0), st.floats(0.1, 40.0)


def drac(gap: float, closing: float, lead: float = 0.0) -> float:
    return float(deceleration_to_avoid(np.array(gap), np.array(closing), np.array(lead)))


def test_known_answers() -> None:
    assert drac(20.0, 10.0) == 2.5
    assert drac(20.0, 10.0, -1.0) == 3.5
    assert drac(20.0, 10.0, 4.0) == 0.0
    assert drac(20.0, -10.0) == 0.0
    assert drac(20.0, -10.0, -3.0) == 3.0
    stop = deceleration_to_stop(np.array(20.0), np.array(20.0), np.array(10.0), np.array(5.0))
    assert float(stop) == pytest.approx(400.0 / 60.0)
    assert float(braking_threat(np.array(5.75), 11.5)) == 0.5
    assert float(delta_v(np.array(12.0), np.array(1000.0), np.array(2000.0))) == 8.0


def test_safety_time_known_answers() -> None:
    closing, lead = np.array([6.0, -6.0, 6.0, 6.0]), np.full(4, 10.0)
    gap = np.array([22.0, 22.0, 20.0, 10.0])
    found = safety_time_deceleration(gap, closing, lead, 2.0)
    np.testing.assert_array_equal(found, [27.0, 0.0, math.inf, math.inf])


@given(GAPS, SPEEDS, st.floats(1.001, 3.0))
def test_monotone(gap: float, closing: float, factor: float) -> None:
    assert drac(gap * factor, closing) < drac(gap, closing) < drac(gap, closing * factor)


@given(GAPS, SPEEDS)
def test_braking_that_hard_ends_at_the_lead(gap: float, closing: float) -> None:
    brake = drac(gap, closing)
    time = closing / brake
    assert closing * time - 0.5 * brake * time**2 == pytest.approx(gap)


def test_crash_probability() -> None:
    found = crash_probability(np.array([[0.0, 4.23, 8.455], [8.45, 12.68, 50.0]]))
    np.testing.assert_allclose(found, [[0.0, 0.0, 0.5014], [0.5, 1.0, 1.0]], atol=1e-4)
    # one standard deviation below the mean, the cut-off tails of 0.00129 shared out
    assert float(crash_probability(np.array(7.05))) == pytest.approx(0.1578, abs=2e-4)


@given(st.floats(0.0, 20.0), st.floats(0.0, 5.0))
def test_crash_probability_never_falls(deceleration: float, more: float) -> None:
    low, high = crash_probability(np.array([deceleration, deceleration + more]))
    assert 0.0 <= low <= high <= 1.0
