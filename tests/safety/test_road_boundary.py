"""The road's edge, and the stop in the lane that answers when it would be left."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivestack.safety.minimal_risk import LeastRisk
from drivestack.safety.road_boundary import RoadBoundary
from tests.motion.test_pid import stepped
from tests.safety.alone import alone
from tests.safety.checked import say
from tests.safety.plans import plan_at
from tests.scenes import bend, observation, two_lanes

CHECK, STOP = RoadBoundary(0.05), LeastRisk(0.05)


def outside(ego: tuple[float, ...], steer: float = 0.0, road: str = "straight") -> float:
    seen = observation([two_lanes() if road == "straight" else bend()], [ego])
    found = alone(CHECK, seen, plan_at(seen), np.array([[0.0, steer]]))[0]
    assert found.failed[0, 0] == (found.value[0, 0] > 1.0)
    return float(found.value[0, 0])


@pytest.mark.parametrize(
    ("ego", "expected"),
    [
        ((100, 0, 0, 20), 0.0),
        ((100, 4, 0, 20), 0.0),
        ((100, 2, 0, 20), 0.0),  # between the lanes
        ((100, 7.5, 0, 20), 1.5),  # the upper edge is at 6
        ((100, -3.2, 0, 0), 1.2),
        ((100, 5, math.atan2(3, 4), 10), 5.0 + 0.6 * 10 * 0.6 - 6.0),  # straight for 0.6 s
        ((610, 0, 0, 0), 0.0),  # maps are cut off
        ((620, 0, 0, 0), 5.0),
        ((5, 0, 0, 0), 0.0),
        ((-15, 0, 0, 0), 0.0),
        ((-20, 0, 0, 0), 5.0),
        ((100, 1, 0, 0), 0.0),  # 1 m from the first lane, but on the second
        ((100, 7, 0, 0), 1.0),  # exactly as far as is allowed
        ((100, 7.05, 0, 0), 1.05),
    ],
)
def test_known_distances(ego: tuple[float, ...], expected: float) -> None:
    assert outside(ego) == pytest.approx(expected, abs=1e-9)


def test_steering_that_leads_back_passes() -> None:
    ego = (100, 5.5, 0.25, 12.0)
    assert outside(ego) > 1.0
    assert outside(ego, -0.4) < 1.0


def test_a_lane_followed_through_a_bend_is_not_left() -> None:
    steer = math.atan(2.0 * math.tan(math.asin(2.5 / 40.0)))
    assert (
        outside((80 + 40 * math.sin(0.7), 40 - 40 * math.cos(0.7), 0.7, 12), steer, "bend") == 0.0
    )


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_the_stop_stays_in_the_lane(side: float) -> None:
    """From 1.4 m beside the middle and turned outwards it comes to a stand within the lane."""
    state, ticks = np.array([100.0, side * 1.4, side * 0.12, 12.0]), 0
    while state[3] > 1e-9 and ticks < 200:
        seen = observation([two_lanes()], [state])
        control = STOP.control(seen)[0]
        assert -4.0 <= control[0] <= 0.0
        state, ticks = stepped(state, *control), ticks + 1
    assert ticks == pytest.approx(12.0 / 4.0 / 0.05, abs=1)
    assert abs(state[1]) < 0.6
    assert state[3] == pytest.approx(0.0, abs=1e-9)


def test_without_a_lane_the_wheels_are_held_straight() -> None:
    control = STOP.control(observation([two_lanes()], [(100, 300, 0.5, 10)]))
    assert control[0].tolist() == pytest.approx([-4.0, 0.0])


def test_steering_that_is_none_is_not_its_business() -> None:
    seen = observation([two_lanes()], [(100, 30, 0, 20)])
    assert say(CHECK, seen)[0].failed[0, 0]
    for none in (math.nan, math.inf, -math.inf):
        found = say(CHECK, seen, (0.0, none))[0]
        assert not found.failed[0, 0]
        assert found.value[0, 0] == 0.0


@pytest.mark.parametrize(("steer", "held"), [(0.2, 0.2), (2.0, math.pi / 3.0)])
@pytest.mark.parametrize("v", [3.0, 20.0])
def test_the_steering_is_held_as_far_as_wheels_turn(v: float, steer: float, held: float) -> None:
    beta = math.atan(0.5 * math.tan(held))
    turn = math.sin(beta) / 2.5 * 0.6 * v
    chord = 0.6 * v * math.sin(0.5 * turn) / (0.5 * turn)
    expected = max(5.0 + chord * math.sin(beta + 0.5 * turn) - 6.0, 0.0)
    assert outside((100, 5, 0, v), steer) == pytest.approx(expected, abs=1e-9)
