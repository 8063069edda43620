"""An expert who tries nothing says what the planner by rules does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from drivestack.behavior import PROPOSERS, SCORERS
from drivestack.core.start import Rates
from drivestack.expert.oracle import chosen
from drivestack.route.lane_router import LaneRouter
from drivestack.sim.experts import EXPERTS, STYLES
from drivestack.stack import Setup
from tests.scenes import no_goal, observation, two_lanes

NO_WORLD: Any = None
"""It is not looked at."""


def test_idm_mobil_advises_what_its_planner_proposes() -> None:
    seen = observation([two_lanes(2000)], [(300, 0, 0, 15.0)], [np.array([[330.0, 0, 0, 6.0]])])
    goal = no_goal(1)
    route = LaneRouter().route(seen, goal)
    expert = EXPERTS["idm_mobil"](Setup(Rates(20, 20, 10)))
    advice = expert.advise(NO_WORLD, np.array([0]), seen, route, goal)
    states, controls, there = chosen(advice)
    own = PROPOSERS["idm"]().propose(seen, route, goal)
    assert there.all()
    np.testing.assert_array_equal(states, own.states[:, 0])
    np.testing.assert_array_equal(controls, own.controls[:, 0])
    assert advice.value[0, 0] == SCORERS["progress"]().score(seen, route, own).total[0, 0]
    assert (controls[0, :10, 0] < 0.0).all()  # it falls back behind who is slower


def test_where_nothing_is_proposed_nothing_is_advised() -> None:
    seen = observation([two_lanes(2000)], [(300, 0, 0, 15.0)])
    goal = no_goal(1)
    route = LaneRouter().route(seen, goal)
    expert = EXPERTS["idm_mobil"](Setup(Rates(20, 20, 10)))
    nowhere = replace(route, valid=np.zeros_like(route.valid))
    advice = expert.advise(NO_WORLD, np.array([0]), seen, nowhere, goal)
    assert advice.best.tolist() == [-1]
    assert not chosen(advice)[2].any()


def test_it_is_none_of_the_styles_that_are_asked_by_default() -> None:
    assert set(EXPERTS) - set(STYLES) == {"idm_mobil"}
