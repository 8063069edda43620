"""Our lane planner: gaps, yielding, lane changes the route needs, overtaking, mirror image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from drivestack.behavior.proposers.lane_courses import LINES
from drivestack.behavior.proposers.lane_manners import MANNERS
from drivestack.behavior.proposers.pdm_lane import PdmLane as Proposer
from drivestack.behavior.scorers.pdm_lane import NAMES
from drivestack.behavior.scorers.pdm_lane import PdmLane as Scorer
from drivestack.behavior.select import select
from drivestack.core.map import Map
from drivestack.core.types import Candidates, Floats, Goal, Observation, Plan, Route, Scores
from drivestack.roads.build import straight
from drivestack.route.lane_router import LaneRouter
from tests.scenes import goal_on, no_goal, observation, road_map, two_lanes

ROUTE, PRESENT, LEFT, RIGHT = (range(k * MANNERS, (k + 1) * MANNERS) for k in range(LINES))


def planned(seen: Observation, goal: Goal | None = None) -> tuple[Route, Candidates, Scores, Plan]:
    goal = goal or no_goal(len(seen.tick))
    route = LaneRouter().route(seen, goal)
    chunk = Proposer().propose(seen, route, goal)
    scores = Scorer().score(seen, route, chunk)
    return route, chunk, scores, select(seen, chunk, scores)


def beside(*states: Sequence[float], y: float = 0.0, v: float = 15.0) -> Observation:
    return observation([two_lanes(2000)], [(300, y, 0, v)], [np.array(states).reshape(-1, 4)])


def term(scores: Scores, name: str) -> Floats:
    return scores.terms[0, :, NAMES.index(name)]


def crossing() -> Map:
    """A road from the south that crosses one from the west at the origin."""
    return road_map(
        "crossing",
        {
            ("s", "in"): [straight((0, -100), (0, -10))],
            ("in", "out"): [straight((0, -10), (0, 10))],
            ("out", "n"): [straight((0, 10), (0, 200))],
            ("w", "win"): [straight((-100, 0), (-10, 0))],
            ("win", "wout"): [straight((-10, 0), (10, 0))],
            ("wout", "e"): [straight((10, 0), (200, 0))],
        },
    )


def test_alone_it_follows_the_line_at_the_limit() -> None:
    _, chunk, _, plan = planned(observation([two_lanes(2000)], [(300, 0, 0, 19.9)]))
    assert plan.chosen[0] in ROUTE
    assert plan.states[0, -1, 3] == pytest.approx(20.0, abs=0.2)
    assert not chunk.valid[0, PRESENT].any(), "the route's line is the present lane"
    assert not chunk.valid[0, RIGHT].any(), "there is no lane to the right"


def test_a_slow_car_is_overtaken_where_the_next_lane_is_free() -> None:
    _, chunk, _, plan = planned(beside((345, 0, 0, 5.0), v=18.0))
    assert chunk.valid[0, LEFT].any()
    assert plan.chosen[0] in LEFT
    assert plan.states[0, -1, 1] > 2.0


@pytest.mark.parametrize(("s", "v"), [(300.0, 14.0), (293.0, 14.0), (270.0, 20.0)])
def test_nobody_is_cut_off(s: float, v: float) -> None:
    """One beside, one close behind, and a fast one behind in the lane to the left."""
    _, chunk, _, plan = planned(beside((325, 0, 0, 8.0), (s, 4, 0, v), v=14.0))
    first = chunk.states[0, LEFT, :10, 1][chunk.valid[0, LEFT]]
    assert (first < 1.0).all(), "no change begins within a second"
    assert plan.states[0, :10, 1].max() < 1.0


def test_a_change_waits_for_its_gap() -> None:
    """A car beside is slower: the change begins once it has fallen back."""
    _, chunk, _, _ = planned(beside((296, 4, 0, 6.0), v=16.0))
    lateral = chunk.states[0, LEFT.start, :, 1]
    assert chunk.valid[0, LEFT.start]
    assert abs(lateral[:8]).max() < 0.3
    assert lateral[-1] > 1.0


def test_the_lane_changes_that_the_route_needs_are_made() -> None:
    roads = {
        ("a", "b"): [straight((0, 4), (400, 4)), straight((0, 0), (400, 0))],
        ("b", "c"): [straight((400, 4), (800, 4))],
    }
    map = road_map("drop", roads)
    seen = observation([map], [(60, 0, 0, 15.0)])
    _, _, _, plan = planned(seen, goal_on([2]))
    assert plan.chosen[0] in LEFT
    assert plan.states[0, -1, 1] > 2.0
    staying = observation([map], [(60, 4, 0, 15.0)])
    assert abs(planned(staying, goal_on([2]))[3].states[0, :, 1] - 4.0).max() < 0.1


def test_it_waits_before_a_crossing_and_goes_when_it_is_free() -> None:
    coming = np.array([[-22.0, 0.0, 0.0, 10.0]])
    _, _, scores, plan = planned(observation([crossing()], [(0, -25, math.pi / 2, 9.0)], [coming]))
    assert term(scores, "no_collision")[0] == 0.0, "full speed would hit it"
    assert term(scores, "no_collision")[plan.chosen[0]] == 1.0
    assert plan.states[0, 20, 1] < -5.0
    gone = np.array([[12.0, 0.0, 0.0, 10.0]])
    _, _, _, plan = planned(observation([crossing()], [(0, -25, math.pi / 2, 9.0)], [gone]))
    assert plan.states[0, -1, 1] > 8.0


def test_the_stop_is_before_the_crossing() -> None:
    coming = np.array([[-35.0, 0.0, 0.0, 10.0]])
    seen = observation([crossing()], [(0, -25, math.pi / 2, 6.0)], [coming])
    _, chunk, _, _ = planned(seen)
    wait = chunk.states[0, 4]
    assert chunk.valid[0, 4]
    front = wait[-1, 1] + 2.5
    assert -6.0 < front < -1.5, "it crosses at y = -1 to 1"


def test_it_does_not_stop_on_a_crossing() -> None:
    """Someone stands just behind it: who follows would block it."""
    ahead = np.array([[0.0, 9.0, math.pi / 2, 0.0]])
    _, _, scores, plan = planned(observation([crossing()], [(0, -20, math.pi / 2, 6.0)], [ahead]))
    assert term(scores, "keeps_clear").min() < 1.0
    assert plan.states[0, -1, 1] + 2.5 < -1.0


def test_where_a_contact_cannot_be_helped_the_slowest_is_chosen() -> None:
    _, chunk, scores, plan = planned(beside((311, 0, 0, 0.0), (306, 4, 0, 15.0), v=15.0))
    assert (term(scores, "no_collision")[chunk.valid[0]] == 0.0).all()
    assert plan.controls[0, 0, 0] == pytest.approx(-6.0)


def test_mirrored_scenes_have_mirrored_plans() -> None:
    other = road_map(
        "m", {("a", "b"): [straight((0, -4), (2000, -4)), straight((0, 0), (2000, 0))]}
    )
    cars = np.array([[335.0, 0.3, 0.0, 6.0], [280.0, 4.2, -0.02, 9.0]])
    flip = np.array([1.0, -1.0, -1.0, 1.0])
    left = observation([two_lanes(2000)], [(300, 0.2, 0.02, 14.0)], [cars])
    right = observation([other], [(300, -0.2, -0.02, 14.0)], [cars * flip])
    (_, a, p, x), (_, b, q, y) = planned(left), planned(right)
    swapped = [*ROUTE, *PRESENT, *RIGHT, *LEFT]
    assert (a.valid[:, swapped] == b.valid).all()
    np.testing.assert_allclose(a.states[:, swapped] * flip, b.states, atol=1e-9)
    np.testing.assert_allclose(p.total[:, swapped], q.total, atol=1e-9)
    np.testing.assert_allclose(x.states * flip, y.states, atol=1e-9)


def test_the_speed_limit_and_the_line_are_terms() -> None:
    seen = observation([two_lanes(2000)], [(300, 0, 0, 19.0)])
    route, chunk, _, _ = planned(seen)
    fast, aside = chunk.states.copy(), chunk.states.copy()
    fast[..., 3] = 21.0
    aside[..., 1] = 4.0
    found = Scorer().score(seen, route, replace(chunk, states=fast))
    assert term(found, "speed_limit")[0] == pytest.approx(1.0 - 1.0 / 2.23)
    found = Scorer().score(seen, route, replace(chunk, states=aside))
    assert term(found, "on_line")[0] == pytest.approx(0.5)
