"""Needed lateral acceleration: known answers, mirror images, simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.metrics.criticality.steering import lateral_to_avoid, steering_threat

OFFSETS, DRIFTS = st.floats(-3.0, 3.0), st.floats(-2.0, 2.0)
TIMES = st.floats(0.2, 6.0)


def needed(time: float, offset: float, drift: float, lead: float = 0.0) -> float:
    values = (time, offset, drift, lead, 2.0)
    return float(lateral_to_avoid(*(np.array(value) for value in values)))


def test_known_answers() -> None:
    assert needed(2.0, 0.0, 0.0) == 1.0  # 2 m aside in 2 s
    assert needed(2.0, 1.0, 0.0) == 0.5  # 1 m is enough on the right
    assert needed(2.0, 1.0, 0.5) == 0.0  # it leaves by itself
    assert needed(2.0, 0.0, 0.0, 1.0) == 0.0
    assert needed(math.inf, 0.0, 0.0) == 0.0
    assert float(steering_threat(np.array(4.0), 8.0)) == 0.5


@given(TIMES, OFFSETS, DRIFTS)
def test_mirrored(time: float, offset: float, drift: float) -> None:
    assert needed(time, offset, drift) == needed(time, -offset, -drift)


@given(TIMES, OFFSETS, DRIFTS)
def test_it_ends_at_just_touching(time: float, offset: float, drift: float) -> None:
    size = needed(time, offset, drift)
    ends = [abs(offset + drift * time - 0.5 * sign * size * time**2) for sign in (-1.0, 1.0)]
    assert min(abs(end - 2.0) for end in ends) == pytest.approx(0.0, abs=1e-9)


@given(st.floats(0.5, 6.0), st.floats(1.01, 3.0))
def test_less_time_needs_more(time: float, factor: float) -> None:
    assert needed(time * factor, 0.5, 0.0) < needed(time, 0.5, 0.0)
