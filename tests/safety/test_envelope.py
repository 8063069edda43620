"""What the vehicle can do: every bound, at it, and just beyond it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.types import Filtering, Verdict
from drivestack.safety.envelope import Envelope
from tests.safety.checked import say
from tests.scenes import observation, two_lanes

OWN = Envelope(0.05)
MOST = math.pi / 3.0


def said(accel: float, steer: float, now: float = 0.0) -> Verdict:
    seen = observation([two_lanes()], [(100, 0, 0, 10)], steer=now)
    return say(OWN, seen, (accel, steer))[0]


@pytest.mark.parametrize(
    ("control", "excess"),
    [
        ((0.0, 0.0), 0.0),
        ((-8.0, 0.0), 0.0),
        ((4.0, 0.0), 0.0),
        ((-8.6, 0.0), 0.05),  # in widths of what is allowed: 12 m/s2
        ((5.2, 0.0), 0.1),
        ((0.0, 0.05), 0.0),
        ((0.0, -0.05), 0.0),
        ((0.0, 0.06), 0.1),  # the wheels turn 0.1 rad from one side to the other
        ((0.0, -0.1), 0.5),
        ((16.0, 0.15), 1.0),  # the worse of both
        ((16.0, 0.35), 3.0),
        ((math.nan, 0.0), 1.0),
        ((0.0, math.inf), 1.0),
        ((-math.inf, 0.0), 1.0),
    ],
)
def test_by_how_much_a_control_leaves_it(control: tuple[float, float], excess: float) -> None:
    found = said(*control)
    assert found.value[0, 0] == pytest.approx(excess)
    assert found.failed[0, 0] == (excess > 0.0)
    assert found.limit[0, 0] == 0.0
    assert found.names == ("envelope",)
    assert found.response[0, 0] == Filtering.CLAMPED
    assert found.low[0, 0].tolist() == pytest.approx([-8.0, -0.05])
    assert found.high[0, 0].tolist() == pytest.approx([4.0, 0.05])
    assert not found.has_object[0, 0]


@pytest.mark.parametrize(
    ("now", "low", "high"),
    [
        (0.3, 0.25, 0.35),
        (-0.3, -0.35, -0.25),
        (MOST - 0.02, MOST - 0.07, MOST),
        (-MOST + 0.02, -MOST, -MOST + 0.07),
        (2.0, MOST - 0.05, MOST),  # odometry beyond the stop: the wheels are at it
        (-2.0, -MOST, -MOST + 0.05),
    ],
)
def test_the_wheels_turn_no_faster_and_no_farther(now: float, low: float, high: float) -> None:
    found = said(0.0, now, now)
    assert found.low[0, 0, 1] == pytest.approx(low)
    assert found.high[0, 0, 1] == pytest.approx(high)


def test_longer_periods_turn_farther() -> None:
    seen = observation([two_lanes()], [(100, 0, 0, 10)])
    found, _ = say(Envelope(0.2), seen)
    assert found.high[0, 0, 1] == pytest.approx(0.2)


def test_scenarios_have_their_own() -> None:
    seen = observation([two_lanes()], [(100, 0, 0, 10)] * 2)
    seen = replace(seen, ego=replace(seen.ego, steer=np.array([0.1, -0.2])))
    found, _ = say(OWN, seen, np.array([[0.0, 0.1], [9.0, -0.2]]))
    assert found.failed[:, 0].tolist() == [False, True]
    assert found.low[:, 0, 1].tolist() == pytest.approx([0.05, -0.25])
