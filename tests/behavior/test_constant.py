"""Constant velocity: straight on, whoever is in the way."""

from __future__ import annotations

import math

import numpy as np

from drivestack.behavior.proposers.constant import Constant
from drivestack.route.lane_router import LaneRouter
from tests.scenes import no_goal, observation, two_lanes


def test_it_goes_on_as_it_does() -> None:
    seen = observation(
        [two_lanes()], [(50, 1, 0.3, 10.0), (50, 1, 0, -2.0)], [np.array([[60.0, 1.0, 0.0, 0.0]])]
    )
    goal = no_goal(2)
    found = Constant().propose(seen, LaneRouter().route(seen, goal), goal)
    assert found.valid.all()
    assert not found.controls.any()
    end = [50 + 40 * math.cos(0.3), 1 + 40 * math.sin(0.3), 0.3, 10.0]
    np.testing.assert_allclose(found.states[0, 0, -1], end)
    np.testing.assert_allclose(found.states[1, 0], np.tile([50.0, 1.0, 0.0, 0.0], (40, 1)))
