"""PDM-Closed's proposals: paths, speeds, leaders, ends, mirror image, and the loop they close."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivestack.behavior.brake import BRAKE
from drivestack.behavior.proposers.pdm import Pdm15
from drivestack.behavior.scorers.pdm import Pdm
from drivestack.behavior.select import select
from drivestack.core.types import Candidates, Floats, Observation
from drivestack.roads.build import straight
from drivestack.route.lane_router import LaneRouter
from tests.scenes import EMPTY, bend, no_goal, observation, road_map, two_lanes


def propose(seen: Observation, proposer: Pdm15 | None = None) -> Candidates:
    route = LaneRouter().route(seen, no_goal(len(seen.tick)))
    return (proposer or Pdm15()).propose(seen, route, no_goal(len(seen.tick)))


def test_three_paths_times_five_speeds() -> None:
    chunk = propose(observation([two_lanes(3000)], [(50, 0, 0, 10.0)]), Pdm15(steps=400))
    assert chunk.states.shape == (1, 16, 400, 4)
    assert chunk.source[0].tolist() == [0] * 15 + [BRAKE]
    assert chunk.valid.all()
    last = chunk.states[0, :15, -1]
    np.testing.assert_allclose(last[:, 1], np.repeat([0.0, -1.0, 1.0], 5), atol=0.01)
    np.testing.assert_allclose(last[:, 3], 20.0 * np.tile([0.2, 0.4, 0.6, 0.8, 1.0], 3), rtol=0.02)


def test_the_horizon_is_four_seconds() -> None:
    chunk = propose(observation([two_lanes()], [(50, 0, 0, 20.0)]))
    assert chunk.states.shape[2] * chunk.dt[0] == pytest.approx(4.0)
    assert chunk.states[0, 4, -1, 0] == pytest.approx(50.0 + 4.0 * 20.0, abs=0.1)


@pytest.mark.parametrize("path", range(3))
def test_every_path_stops_behind_a_standing_car(path: int) -> None:
    seen = observation([two_lanes()], [(50, 0, 0, 8.0)], [np.array([[110.0, 0, 0, 0]])])
    states = propose(seen, Pdm15(steps=400)).states[0, 5 * path : 5 * path + 5]
    gap = 110.0 - states[:, :, 0].max(axis=1) - 5.0
    assert (gap > 0.5).all()
    assert (gap < 2.0).all()


def test_an_offset_path_is_free_of_who_is_beside_it() -> None:
    beside = np.array([[70.0, 2.5, 0.0, 0.0]])  # its edge is 1.5 m to the left of the line
    free = propose(observation([two_lanes()], [(50, 0, 0, 8.0)])).states[0]
    found = propose(observation([two_lanes()], [(50, 0, 0, 8.0)], [beside])).states[0]
    assert np.array_equal(found[:10], free[:10]), "the line and its right"
    assert found[14, -1, 0] < free[14, -1, 0] - 1.0, "its left"


def test_stops_where_the_road_ends() -> None:
    chunk = propose(observation([two_lanes(200)], [(120, 0, 0, 10.0)]), Pdm15(steps=400))
    assert chunk.states[0, :, -1, 0].max() < 200.0 - 2.5


def test_mirror_image_is_exact() -> None:
    other = road_map("m", {("a", "b"): [straight((0, -4), (600, -4)), straight((0, 0), (600, 0))]})
    ahead = np.array([[90.0, 1.5, -0.1, 9.0], [60.0, 4.0, 0.0, 5.0]])
    flip = np.array([1.0, -1.0, -1.0, 1.0])
    left = observation([two_lanes()], [(50, 0.7, 0.1, 15.0)], [ahead])
    right = observation([other], [(50, -0.7, -0.1, 15.0)], [ahead * flip])
    a, b = propose(left), propose(right)
    swapped = [*range(5), *range(10, 15), *range(5, 10), 15]
    assert np.array_equal(a.states[:, swapped] * flip, b.states)
    assert np.array_equal(a.controls[:, swapped] * [1, -1], b.controls)
    totals = [
        Pdm().score(seen, LaneRouter().route(seen, no_goal(1)), chunk)
        for seen, chunk in ((left, a), (right, b))
    ]
    np.testing.assert_allclose(totals[0].terms[:, swapped], totals[1].terms, atol=1e-12)
    np.testing.assert_allclose(totals[0].total[:, swapped], totals[1].total, atol=1e-12)


def test_the_brake_stops_straight_on() -> None:
    chunk = propose(observation([bend()], [(60, 0, 0, 4.0)]))
    states, controls = chunk.states[0, 15], chunk.controls[0, 15]
    assert controls[0].tolist() == [-4.05 * 1.1, 0.0]
    assert states[:, 1].max() == 0.0
    assert states[:, 3].min() >= 0.0
    assert states[15, 3] < 0.05
    assert states[-1, 0] == pytest.approx(60.0 + 4.0**2 / (2 * 4.05 * 1.1), abs=0.3)


def drive(seen: Observation, plans: int) -> Floats:
    """Where the first states of one plan after the other lead to, (plans, 4)."""
    visited = np.empty((plans, 4))
    route = LaneRouter().route(seen, no_goal(1))
    for i in range(plans):
        chunk = Pdm15().propose(seen, route, no_goal(1))
        plan = select(seen, chunk, Pdm().score(seen, route, chunk))
        visited[i] = plan.states[0, 0]
        accel, steer = plan.controls[:, 0, 0].copy(), plan.controls[:, 0, 1].copy()
        ego = replace(seen.ego, state=plan.states[:, 0].copy(), accel=accel, steer=steer)
        seen = replace(seen, ego=ego)
    return visited


def test_a_standing_car_is_not_hit() -> None:
    road = road_map("one", {("a", "b"): [straight((0, 0), (600, 0))]})
    visited = drive(observation([road], [(50, 0, 0, 15.0)], [np.array([[130.0, 0, 0, 0]])]), 200)
    assert visited[:, 0].max() < 125.0
    assert visited[-1, 3] < 0.5


def test_a_bend_is_driven_within_the_lane() -> None:
    visited = drive(observation([bend()], [(20, 0, 0, 18.0)], [EMPTY]), 150)
    assert visited[-1, 1] > 100.0, "it is through"
    on_arc = (visited[:, 0] > 80.0) & (visited[:, 1] < 40.0)
    radius = np.hypot(visited[on_arc, 0] - 80.0, visited[on_arc, 1] - 40.0)
    assert np.abs(radius - 40.0).max() < 1.1
