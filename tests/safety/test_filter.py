"""Envelope and filter: bounds hold, only tighten, and survive numbers that are not."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.core.types import Filtering, Plan, Verdict
from drivestack.safety.envelope import Envelope
from drivestack.safety.filter import filtered, joined
from tests.scenes import observation, two_lanes

PLAN = Plan(
    np.zeros((1, 1, 4)),
    np.zeros((1, 1, 2)),
    np.zeros(1, np.int32),
    np.zeros(1, np.int32),
    np.zeros(1, np.int32),
    np.ones(1),
)


def verdict(control: tuple[float, float], steer: float = 0.0) -> Verdict:
    seen = observation([two_lanes()], [(0, 0, 0, 10)], steer=steer)
    return Envelope(0.05).check(seen, PLAN, np.array([control]))


@pytest.mark.parametrize(
    ("control", "expected", "kind"),
    [
        ((1.0, 0.01), (1.0, 0.01), Filtering.PASSED),
        ((9.0, 0.0), (4.0, 0.0), Filtering.CLAMPED),
        ((-20.0, 0.0), (-8.0, 0.0), Filtering.CLAMPED),
        ((0.0, 0.3), (0.0, 0.05), Filtering.CLAMPED),
        ((0.0, -0.3), (0.0, -0.05), Filtering.CLAMPED),
        ((math.nan, 0.0), (-4.0, 0.0), Filtering.EMERGENCY_BRAKE),
        ((0.0, math.inf), (-4.0, 0.0), Filtering.EMERGENCY_BRAKE),
    ],
)
def test_known_answers(
    control: tuple[float, float], expected: tuple[float, float], kind: Filtering
) -> None:
    result = filtered(np.array([control]), verdict(control))
    assert result.filtered[0].tolist() == pytest.approx(expected)
    assert result.kind.tolist() == [kind]
    assert (result.check[0] >= 0) == (kind is not Filtering.PASSED)


@given(st.floats(-50, 50), st.floats(-3, 3), st.floats(-1.04, 1.04))
def test_filter_is_idempotent_and_within_bounds(accel: float, steer: float, now: float) -> None:
    found = verdict((accel, steer), now)
    once = filtered(np.array([[accel, steer]]), found).filtered
    assert (once >= found.low[:, 0]).all()
    assert (once <= found.high[:, 0]).all()
    assert np.array_equal(filtered(once, found).filtered, once)


def test_more_checks_only_tighten() -> None:
    loose = verdict((3.0, 0.0))
    tight = replace(loose, names=("tight",), high=loose.high * 0.25)
    result = filtered(np.array([[3.0, 0.0]]), joined([loose, tight]))
    assert result.filtered[0, 0] == 1.0
