"""Where a car gets that holds its steering: against many small steps of the bicycle."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivestack.safety.held import held_for
from drivestack.vehicle.bicycle import euler_step

LENGTH = 5.0


@pytest.mark.parametrize("steer", [-0.6, -0.05, 0.0, 1e-12, 0.2, 0.9])
@pytest.mark.parametrize("yaw", [0.0, 1.1, -2.5])
def test_it_is_where_small_steps_lead(steer: float, yaw: float) -> None:
    state = (3.0, -7.0, yaw, 9.0)
    x, y = held_for(np.array(state), LENGTH, steer, 0.8)
    at = state
    for _ in range(8000):
        at = euler_step(*at, 0.0, steer, LENGTH, 1e-4)
    assert (x, y) == pytest.approx(at[:2], abs=2e-3)


def test_straight_on_and_half_a_circle() -> None:
    assert held_for(np.array([1.0, 2.0, 0.0, 5.0]), LENGTH, 0.0, 3.0) == (16.0, 2.0)
    # slip 30 degrees: a circle of 5 m radius, entered 30 degrees to the left of the heading
    steer = math.atan(2.0 * math.tan(math.radians(30.0)))
    x, y = held_for(np.array([0.0, 0.0, 0.0, 1.0]), LENGTH, steer, 5.0 * math.pi)
    assert (x, y) == pytest.approx((-5.0, 5.0 * math.sqrt(3.0)))


def test_who_stands_stays() -> None:
    assert held_for(np.array([1.0, 2.0, 0.5, 0.0]), LENGTH, 0.3, 3.0) == (1.0, 2.0)


def test_where_the_arc_becomes_a_line_nothing_jumps() -> None:
    """Below a turn of 1e-9 it is one; there the sine of a half is a half."""
    for steer in (3.9e-9, 4.1e-9, 1e-3):
        x, y = held_for(np.array([0.0, 0.0, 0.0, 1.0]), LENGTH, steer, 1.0)
        assert x == pytest.approx(1.0, abs=1e-6)
        assert y == pytest.approx(0.5 * steer * (1.0 + 1.0 / LENGTH), rel=1e-4)
