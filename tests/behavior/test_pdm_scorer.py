"""PDM-Closed's score: the known answers of each term, the sum, and ties."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from drivestack.behavior.brake import BRAKE
from drivestack.behavior.scorers.direction import direction_score
from drivestack.behavior.scorers.pdm import Pdm
from drivestack.behavior.scorers.terms import SHARED
from drivestack.behavior.select import select
from drivestack.core.map import Map
from drivestack.core.tables import Kind
from drivestack.core.types import Candidates, Floats, Observation, Scores
from drivestack.roads.build import straight
from drivestack.route.lane_router import LaneRouter
from tests.scenes import no_goal, observation, road_map, two_lanes

DT = 0.1
STEPS = 40
ROAD = two_lanes()


def straight_on(ego: Sequence[float], speed: float | None = None, steps: int = STEPS) -> Floats:
    """(T, 4) at constant speed along the heading."""
    x, y, yaw, v = ego
    v = v if speed is None else speed
    along = v * DT * np.arange(1, steps + 1)
    columns = (x + along * math.cos(yaw), y + along * math.sin(yaw), yaw, v)
    return np.stack([np.broadcast_to(column, steps) for column in columns], axis=1)


def chunks(*states: Floats, accel: float | Floats = 0.0) -> Candidates:
    """Candidates of one scenario."""
    stacked = np.stack(states)[None]
    controls = np.zeros((*stacked.shape[:3], 2))
    controls[..., 0] = accel
    none = np.zeros(stacked.shape[:2], np.int32)
    return Candidates(stacked, controls, none, np.ones(none.shape, np.bool_), np.array([DT]))


def scored(seen: Observation, candidates: Candidates, scorer: Pdm | None = None) -> Scores:
    route = LaneRouter().route(seen, no_goal(1))
    return (scorer or Pdm()).score(seen, route, candidates)


def term(found: Scores, name: str, k: int = 0) -> float:
    return float(found.terms[0, k, SHARED.index(name)])


def alone(
    ego: Sequence[float],
    others: Sequence[Sequence[float]] = (),
    kind: Kind = Kind.CAR,
    steps: int = STEPS,
    map: Map = ROAD,
    scorer: Pdm | None = None,
) -> Scores:
    """The scores of one ego that drives straight on."""
    seen = observation([map], [ego], [np.array(others, np.float64).reshape(-1, 4)])
    kinds = np.full_like(seen.tracks.kind, kind)
    seen = replace(seen, tracks=replace(seen.tracks, kind=kinds))
    return scored(seen, chunks(straight_on(ego, steps=steps)), scorer)


def test_a_lane_follower_gets_everything() -> None:
    found = alone((50, 0, 0, 15.0), [(60, 4, 0, 15.0)])
    assert found.terms[0, 0].tolist() == [1, 1, 1, 1, 1, 1, STEPS * DT]
    assert found.total[0, 0] == 1.0


@pytest.mark.parametrize(
    ("ego", "other", "score"),
    [
        pytest.param((50, 0, 0, 0.0), (30, 0, 0, 10.0), 1.0, id="standing ego"),
        pytest.param((50, 0, 0, 10.0), (80, 0, 0, 0.0), 0.0, id="standing track"),
        pytest.param((50, 0, 0, 5.0), (35, 0, 0, 15.0), 1.0, id="from behind"),
        pytest.param((50, 0, 0, 15.0), (70, 0, 0, 5.0), 0.0, id="front"),
        pytest.param((50, 0, 0, 10.0), (50, 4, -0.2, 10.2), 1.0, id="beside, in its lane"),
        pytest.param((50, 1.5, 0, 10.0), (50, 5, -0.2, 10.2), 0.0, id="beside, across lanes"),
        pytest.param((50, 0, 0, 10.0), (53, 0, 0, 0.0), 1.0, id="inside it from the start"),
    ],
)
def test_fault_for_a_contact(ego: Sequence[float], other: Sequence[float], score: float) -> None:
    found = alone(ego, [other])
    assert term(found, "no_collision") == score
    assert (term(found, "at_fault_time") < STEPS * DT) == (score < 1.0)


def test_the_first_contact_has_its_time() -> None:
    found = alone((50, 0, 0, 10.0), [(70, 0, 0, 0.0)])  # 15 m between the bumpers
    assert term(found, "at_fault_time") == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("kind", "score"), [(Kind.OBSTACLE, 0.5), (Kind.PEDESTRIAN, 0.0), (Kind.CAR, 0.0)]
)
def test_objects_cost_half(kind: Kind, score: float) -> None:
    assert term(alone((50, 0, 0, 10.0), [(70, 0, 0, 0.0)], kind), "no_collision") == score


@pytest.mark.parametrize(("seconds", "score"), [(0.9 - 1e-3, 0.0), (1.0, 1.0)])
def test_time_to_collision(seconds: float, score: float) -> None:
    """One step, after which the standing car is `seconds` away."""
    gap = 10.0 * (DT + seconds)
    found = alone((50, 0, 0, 10.0), [(55.0 + gap, 0, 0, 0.0)], steps=1)
    assert term(found, "no_collision") == 1.0
    assert term(found, "time_to_collision") == score


def test_time_to_collision_looks_aside_only_across_lanes() -> None:
    crossing = (50.0, 5.5, -math.pi / 2, 4.0)
    within = alone((50, 0, 0, 1.0), [crossing], steps=1)
    across = alone((50, 1.5, 0, 1.0), [crossing], steps=1)
    assert term(within, "time_to_collision") == 1.0
    assert term(across, "time_to_collision") == 0.0
    assert term(across, "no_collision") == 1.0


@pytest.mark.parametrize(("outside", "score"), [(-0.01, 1), (0.01, 0), (0.29, 0), (0.30, 0)])
def test_drivable_area_has_no_slack(outside: float, score: float) -> None:
    assert term(alone((50, 5.0 + outside, 0, 10.0)), "drivable_area") == score


@pytest.mark.parametrize(("outside", "score"), [(0.29, 1), (0.31, 0)])
def test_drivable_area_with_the_slack_of_nuplan(outside: float, score: float) -> None:
    found = alone((50, 5.0 + outside, 0, 10.0), scorer=Pdm(slack=0.3))
    assert term(found, "drivable_area") == score


@pytest.mark.parametrize(("beside", "score"), [(2.0, 1.0), (0.9, 0.0)])
def test_the_line_is_drivable_where_lanes_leave_a_gap(beside: float, score: float) -> None:
    lanes = [straight((0, 0), (80, 0)), straight((90, 0), (300, 0))]
    map = road_map("gap", {("a", "b"): lanes[:1], ("b", "c"): lanes[1:]})
    found = alone((50, 0, 0, 10.0), map=map, scorer=Pdm(beside=beside))
    assert term(found, "drivable_area") == score


@pytest.mark.parametrize(("metres", "score"), [(1.99, 1.0), (2.0, 0.5), (5.99, 0.5), (6.0, 0.0)])
def test_steps_of_driving_direction(metres: float, score: float) -> None:
    assert direction_score(metres, 2.0, 6.0) == score


@pytest.mark.parametrize(("speed", "score"), [(1.9, 1.0), (2.1, 0.5), (5.9, 0.5), (6.1, 0.0)])
def test_metres_in_oncoming_lanes_within_a_second(speed: float, score: float) -> None:
    roads = {
        ("a", "b"): [straight((0, 0), (600, 0))],
        ("b", "a"): [straight((600, 4), (0, 4))],  # the route goes on there, back again
    }
    map = road_map("two-way", roads)
    route = LaneRouter().route(observation([map], [(50, 0, 0, speed)]), no_goal(1))
    for y, wanted in ((0.0, 1.0), (4.0, score)):
        ego = (50.0, y, 0.0, speed)
        found = Pdm().score(observation([map], [ego]), route, chunks(straight_on(ego)))
        assert term(found, "driving_direction") == wanted
        assert term(found, "drivable_area") == 1.0


def test_progress_is_compared_with_the_best_that_is_allowed() -> None:
    ego = (50.0, 0.0, 0.0, 10.0)
    states = [straight_on(ego, speed) for speed in (10.0, 5.0, 20.0)]
    states[2][:, 1] = -3.0  # off the road
    found = scored(observation([ROAD], [ego]), chunks(*states))
    assert term(found, "progress", 0) == pytest.approx(1.0)
    assert term(found, "progress", 1) == pytest.approx(0.5)
    assert found.total[0, 1] == pytest.approx((5 * 0.5 + 5 + 2) / 12)
    assert found.total[0, 2] == 0.0


def test_without_progress_none_is_compared() -> None:
    found = alone((50, 0, 0, 0.02))
    assert term(found, "progress") == 1.0


@pytest.mark.parametrize(("accel", "score"), [(2.39, 1.0), (2.41, 0.0), (-4.04, 1.0), (-4.06, 0.0)])
def test_comfort_of_constant_acceleration(accel: float, score: float) -> None:
    ego = (50.0, 0.0, 0.0, 18.0)
    states = straight_on(ego)
    states[:, 3] += accel * DT * np.arange(1, STEPS + 1)
    seen = observation([ROAD], [ego])
    seen = replace(seen, ego=replace(seen.ego, accel=np.array([accel])))
    assert term(scored(seen, chunks(states, accel=accel)), "comfort") == score


@pytest.mark.parametrize(
    ("speed", "rate", "score"),
    [(1.0, 0.94, 1.0), (1.0, 0.96, 0.0), (10.0, 0.488, 1.0), (10.0, 0.490, 0.0)],
)
def test_comfort_of_a_circle(speed: float, rate: float, score: float) -> None:
    """The yaw rate is bounded, and the lateral acceleration speed x rate."""
    ego = (50.0, 0.0, 3.0, speed)
    states = straight_on(ego)
    turned = 3.0 + rate * DT * np.arange(1, STEPS + 1)
    states[:, 2] = np.mod(turned + np.pi, 2 * np.pi) - np.pi
    assert term(scored(observation([ROAD], [ego]), chunks(states)), "comfort") == score


def test_a_kick_is_not_comfortable() -> None:
    ego = (50.0, 0.0, 0.0, 18.0)
    seen = observation([ROAD], [ego])
    for change, score in ((-2.0, 1.0), (-4.0, 0.0)):
        accel = np.where(np.arange(STEPS) < 20, 0.0, change)
        assert term(scored(seen, chunks(straight_on(ego), accel=accel)), "comfort") == score


def test_ties_fall_to_the_lowest_number() -> None:
    ego = (50.0, 0.0, 0.0, 10.0)
    slow, fast = straight_on(ego, 5.0), straight_on(ego)
    seen, candidates = observation([ROAD], [ego]), chunks(slow, fast, fast)
    found = scored(seen, candidates)
    assert found.total[0, 1] == found.total[0, 2]
    assert select(seen, candidates, found).chosen.tolist() == [1]


@pytest.mark.parametrize(
    ("gap", "speed", "due"),
    [(9.0, 5.0, True), (11.0, 5.0, False), (9.0, 5.1, False), (30.0, 5.0, False)],
)
def test_the_brake_is_chosen_where_it_is_due(gap: float, speed: float, due: bool) -> None:
    """The only proposal hits a standing car after gap / speed seconds."""
    ego = (50.0, 0.0, 0.0, speed)
    seen = observation([ROAD], [ego], [np.array([[55.0 + gap, 0.0, 0.0, 0.0]])])
    both = chunks(straight_on(ego), straight_on(ego, 0.0))
    both = replace(both, source=np.array([[0, BRAKE]], np.int32))
    found = scored(seen, both)
    assert select(seen, both, found).chosen[0] == int(due)
    assert found.total[0, 0] == scored(seen, chunks(straight_on(ego))).total[0, 0]
