"""The IDM proposer: speeds, gaps, ends, drivable chunks, independence of the batch, mirror."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivestack.behavior.proposers import PROPOSERS
from drivestack.behavior.proposers.idm import Idm
from drivestack.behavior.scorers import SCORERS
from drivestack.behavior.select import STOPPING, select
from drivestack.core.map import Map
from drivestack.core.types import Candidates, Observation, PlanSource
from drivestack.roads.build import straight
from drivestack.route.lane_router import LaneRouter
from tests.scenes import bend, logged, no_goal, observation, road_map, two_lanes


def propose(seen: Observation, proposer: Idm | None = None) -> Candidates:
    route = LaneRouter().route(seen, no_goal(len(seen.tick)))
    return (proposer or Idm()).propose(seen, route, no_goal(len(seen.tick)))


def test_free_road_reaches_the_limit_and_no_more() -> None:
    chunk = propose(observation([two_lanes(3000)], [(50, 0, 0, 18.0)]), Idm(steps=600))
    assert chunk.states[0, 0, -1, 3] == pytest.approx(20.0, abs=0.05)
    assert chunk.states[0, 0, :, 3].max() <= 20.0 + 1e-9


def test_stops_behind_a_standing_car() -> None:
    seen = observation([two_lanes()], [(50, 0, 0, 15.0)], [np.array([[130.0, 0, 0, 0]])])
    chunk = propose(seen, Idm(steps=300))
    gap = 130.0 - chunk.states[0, 0, -1, 0] - 5.0
    assert 1.5 < gap < 3.0
    assert chunk.states[0, 0, -1, 3] < 0.05
    assert chunk.states[0, 0, :, 3].min() >= 0.0


def test_ignores_the_neighbouring_lane_and_who_is_behind() -> None:
    others = np.array([[70.0, 4.0, 0.0, 0.0], [30.0, 0.0, 0.0, 30.0]])
    free = propose(observation([two_lanes()], [(50, 0, 0, 15.0)]))
    seen = propose(observation([two_lanes()], [(50, 0, 0, 15.0)], [others]))
    assert seen.states.tobytes() == free.states.tobytes()


def test_yields_to_crossing_traffic() -> None:
    crossing = np.array([[90.0, -20.0, math.pi / 2, 10.0]])
    chunk = propose(observation([two_lanes()], [(50, 0, 0, 15.0)], [crossing]))
    assert chunk.controls[0, 0, :20, 0].min() < -1.0


def test_slows_for_a_bend() -> None:
    chunk = propose(observation([bend()], [(20, 0, 0, 18.0)]), Idm(steps=120))
    on_arc = (chunk.states[0, 0, :, 0] > 85) & (chunk.states[0, 0, :, 1] < 35)
    assert on_arc.any()
    assert chunk.states[0, 0, on_arc, 3].max() < math.sqrt(3.0 * 40.0) + 1.0


def test_stops_where_the_road_ends() -> None:
    chunk = propose(observation([two_lanes(200)], [(100, 0, 0, 15.0)]), Idm(steps=400))
    assert 190.0 < chunk.states[0, 0, -1, 0] < 200.0 - 2.5


def test_controls_generate_the_states() -> None:
    chunk = propose(observation([bend()], [(60, 0.8, 0.1, 12.0)]))
    x, y, yaw, v = 60.0, 0.8, 0.1, 12.0
    for (accel, steer), state in zip(chunk.controls[0, 0], chunk.states[0, 0], strict=True):
        beta = math.atan(0.5 * math.tan(steer))
        x, y = x + v * math.cos(yaw + beta) * 0.1, y + v * math.sin(yaw + beta) * 0.1
        yaw, v = yaw + v * math.sin(beta) / 2.5 * 0.1, v + accel * 0.1
        assert np.allclose(state, [x, y, yaw, v], atol=1e-9)


def test_returns_to_the_line() -> None:
    chunk = propose(observation([two_lanes()], [(50, 1.5, 0.0, 15.0)]), Idm(steps=60))
    assert abs(chunk.states[0, 0, -1, 1]) < 0.1
    assert chunk.states[0, 0, :, 1].min() > -0.5


@pytest.mark.parametrize("name", PROPOSERS)
def test_rows_do_not_depend_on_the_batch(name: str) -> None:
    egos = [(60, 0.3, 0.0, 10.0), (20, -0.4, 0.1, 3.0), (90, 2.0, 0.3, 8.0)]
    others = [np.array([[100.0, 3.0, 0.2, 5.0]]), np.zeros((0, 4)), np.array([[110.0, 20, 1, 2]])]
    seen = observation([bend()], egos, others)
    goal = logged(egos)
    whole = PROPOSERS[name]().propose(seen, LaneRouter().route(seen, goal), goal)
    for b in range(3):
        one = observation([bend()], [egos[b]], [others[b]])
        goal = logged([egos[b]])
        alone = PROPOSERS[name]().propose(one, LaneRouter().route(one, goal), goal)
        assert alone.states[0].tobytes() == whole.states[b].tobytes()
        assert alone.controls[0].tobytes() == whole.controls[b].tobytes()


def mirrored() -> Map:
    lanes = [straight((0, -4), (600, -4)), straight((0, 0), (600, 0))]
    return road_map("mirror", {("a", "b"): lanes})


def test_mirror_image_is_exact() -> None:
    map = two_lanes()
    left = propose(observation([map], [(50, 0.7, 0.1, 15.0)], [np.array([[90.0, 1.5, -0.1, 9.0]])]))
    right = propose(
        observation([mirrored()], [(50, -0.7, -0.1, 15.0)], [np.array([[90, -1.5, 0.1, 9.0]])])
    )
    assert np.array_equal(left.states * [1, -1, -1, 1], right.states)
    assert np.array_equal(left.controls * [1, -1], right.controls)


def test_selection_takes_the_best_and_else_stops() -> None:
    seen = observation([two_lanes()], [(50, 0, 0, 15.0), (50, 0, 0, 15.0)])
    chunk = propose(seen)
    states = np.concatenate([chunk.states * 0.5, chunk.states], axis=1)
    controls = np.concatenate([chunk.controls] * 2, axis=1)
    valid = np.array([[True, True], [False, False]])
    two = Candidates(states, controls, np.zeros((2, 2), np.int32), valid, chunk.dt.copy())
    route = LaneRouter().route(seen, no_goal(2))
    scores = SCORERS["progress"]().score(seen, route, two)
    plan = select(seen, two, scores)
    assert plan.chosen.tolist() == [1, -1]
    assert plan.source.tolist() == [PlanSource.CANDIDATE, PlanSource.FALLBACK]
    assert plan.controls[1, 0].tolist() == [-STOPPING, 0.0]
    assert plan.states[1, -1, 3] == 0.0
    distance = scores.total[0, 1]
    assert distance == pytest.approx(chunk.states[0, 0, -1, 0] - 50.0, abs=1e-6)
