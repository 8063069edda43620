"""The other side of the road: entered only if that is meant and clear."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.types import Observation, Plan, PlanSource, Verdict
from drivestack.roads.build import straight
from drivestack.safety.bounds import FREE
from drivestack.safety.held import held_for
from drivestack.safety.wrong_way import WrongWay
from drivestack.vehicle.pursuit import pursuit_steering
from tests.safety.alone import alone
from tests.scenes import bend, observation, road_map, two_lanes

OWN = WrongWay(0.05)
TWO_WAY = road_map("two-way", {
    ("a", "b"): [straight((0, 0), (600, 0))],
    ("b", "a"): [straight((600, 4), (0, 4))],
})  # fmt: skip


def planned(seen: Observation, lateral: float) -> Plan:
    """Straight on, and to a lateral position from its middle on."""
    x, y, yaw, v = seen.ego.state[0]
    states = np.zeros((1, 8, 4))
    states[0, :, 0], states[0, :, 3] = x + 0.5 * v * np.arange(8), v
    states[0, :, 1], states[0, 4:, 1] = y, lateral
    states[0, :, 2] = yaw
    none, source = np.zeros(1, np.int32), np.full(1, PlanSource.CANDIDATE, np.int32)
    return Plan(states, np.zeros((1, 8, 2)), none, source, none, np.ones(1))


def said(
    ego: tuple[float, ...],
    steer: float = 0.0,
    others: tuple[tuple[float, ...], ...] = (),
    aim: float | None = None,
    road: object = TWO_WAY,
    own: WrongWay = OWN,
) -> Verdict:
    seen = observation([road], [ego], [np.array(others, np.float64).reshape(-1, 4)])  # pyright: ignore
    plan = planned(seen, ego[1] if aim is None else aim)
    verdict, _ = alone(own, seen, plan, np.array([[0.0, steer]]))
    assert (verdict.failed == (verdict.value > verdict.limit)).all()
    return verdict


ASTRAY = ((100.0, 1.6, 0.1, 15.0), 0.0)
"""Pose and steering that lead 0.5 m over the middle of the road in 0.6 s."""


def test_who_strays_is_kept_on_his_side() -> None:
    found = said(*ASTRAY)
    deep = 1.6 + 0.6 * 15.0 * math.sin(0.1) - 2.0
    assert found.value[0, 0] == pytest.approx(deep)
    assert found.failed[0, 0]
    bound = float(found.high[0, 0, 1])
    assert -1.0 < bound < 0.0
    assert (found.low == -FREE).all()
    assert not said(ASTRAY[0], bound - 1e-3).failed[0, 0], "that much keeps out"
    assert said(ASTRAY[0], bound + 1e-3).failed[0, 0], "and no less"
    assert not found.has_object[0, 0]


def test_in_the_mirror_too() -> None:
    """Traffic on the left."""
    mirrored = road_map("left", {
        ("a", "b"): [straight((0, 0), (600, 0))],
        ("b", "a"): [straight((600, -4), (0, -4))],
    })  # fmt: skip
    one = said(*ASTRAY)
    other = said((100.0, -1.6, -0.1, 15.0), 0.0, road=mirrored)
    assert other.value[0, 0] == pytest.approx(one.value[0, 0])
    assert other.low[0, 0, 1] == pytest.approx(-one.high[0, 0, 1])
    assert (other.high == FREE).all()


@pytest.mark.parametrize(
    ("oncoming", "failed"),
    [
        ((), False),
        (((100.0 + 121.0, 4.0, math.pi, 15.0),), False),  # met after 4.03 s
        (((100.0 + 119.0, 4.0, math.pi, 15.0),), True),
        (((100.0 + 119.0, 4.0, 0.0, 15.0),), False),  # he goes the same way
        (((90.0, 4.0, math.pi, 15.0),), False),  # he has passed
    ],
)
def test_overtaking_is_meant_and_clear(
    oncoming: tuple[tuple[float, ...], ...], failed: bool
) -> None:
    found = said(*ASTRAY, others=oncoming, aim=4.0)
    assert found.failed[0, 0] == failed
    assert found.has_object[0, 0] == failed
    assert (found.high[0, 0, 1] < FREE) == failed


def test_the_first_to_be_met_is_named() -> None:
    far, near = (200.0, 4.0, math.pi, 15.0), (150.0, 4.0, math.pi, 15.0)
    assert said(*ASTRAY, others=(far, near, far)).object[0, 0] == 1


@pytest.mark.parametrize(
    ("ego", "road"),
    [
        ((100.0, 0.0, 0.0, 15.0), TWO_WAY),  # on its side
        ((100.0, 4.0, math.pi, 15.0), TWO_WAY),
        ((100.0, 4.0, 0.0, 15.0), TWO_WAY),  # overtaking: its side is beside it
        ((100.0, 1.6, 0.1, 15.0), two_lanes()),  # both lanes lead its way
        ((100.0, 1.6, 0.1, 0.0), TWO_WAY),  # it stands
        ((100.0, -30.0, 0.1, 15.0), TWO_WAY),  # no road at all: not its business
        ((80 + 40 * math.sin(0.7), 40 - 40 * math.cos(0.7), 0.7, 12), bend()),
    ],
)
def test_nothing_to_say(ego: tuple[float, ...], road: object) -> None:
    found = said(ego, road=road)
    assert not found.failed[0, 0]
    assert (found.high == FREE).all()


def test_a_control_that_is_none_is_not_its_business() -> None:
    for none in (math.nan, math.inf):
        assert not said(ASTRAY[0], none).failed[0, 0]


def test_the_wrong_way_where_there_is_no_right_one() -> None:
    found = said((300.0, 2.0, math.pi, 9.0), road=two_lanes())
    assert found.failed[0, 0]
    assert found.high[0, 0].tolist() == [-4.0, FREE]
    assert (found.value[0, 0], found.limit[0, 0]) == (100.0, 5.0), "none was found up to there"
    slow = said((300.0, 2.0, math.pi, 0.1), road=two_lanes())
    assert slow.high[0, 0, 0] == pytest.approx(-2.0)


@pytest.mark.parametrize(
    ("x", "aside", "away"),
    [
        (300.0, 9.2, 7.2),  # lanes are 4 m wide
        (300.0, 7.05, 5.05),
        (300.0, 6.95, None),  # that near the planner goes back by itself
        (300.0, 60.0, 58.0),
        (300.0, 103.0, 100.0),  # nobody looks farther
        (604.0, 6.0, None),  # 3 m of what it is beyond its end may be a seam
        (604.1, 6.0, math.hypot(4.1, 4.0)),
        (630.0, 1.0, 30.0),  # on the same line
        (620.0, 9.2, math.hypot(20.0, 7.2)),
        (-20.0, 9.2, math.hypot(20.0, 7.2)),
    ],
)
def test_how_far_a_right_side_is_that_is_not_near(
    x: float, aside: float, away: float | None
) -> None:
    """Also where its lane is none of the grid cell's."""
    apart = road_map("apart", {
        ("a", "b"): [straight((0, 0), (600, 0))],
        ("b", "a"): [straight((700, aside), (-100, aside))],
    })  # fmt: skip
    found = said((x, aside, 0.0, 9.0), road=apart)
    assert found.failed[0, 0] == (away is not None)
    assert (found.high[0, 0, 0] == -4.0) == (away is not None)
    if away is not None:
        assert found.value[0, 0] == pytest.approx(away, abs=1e-9)


def test_how_far_a_road_to_the_north_is() -> None:
    north = road_map("north", {
        ("a", "b"): [straight((0, 0), (0, 600))],
        ("b", "a"): [straight((60, 700), (60, -100))],
    })  # fmt: skip
    assert said((60.0, 300.0, math.pi / 2, 9.0), road=north).value[0, 0] == pytest.approx(58.0)


def test_how_far_over_the_nearer_of_two_right_lanes_it_leads() -> None:
    three = road_map("three", {
        ("a", "b"): [straight((0, 0), (600, 0)), straight((0, -4), (600, -4))],
        ("b", "a"): [straight((600, 4), (0, 4))],
    })  # fmt: skip
    _, y = held_for(np.array([100.0, 1.6, 0.0, 15.0]), 5.0, 0.1, OWN.ahead)
    found = said((100.0, 1.6, 0.0, 15.0), 0.1, road=three)
    assert found.value[0, 0] == pytest.approx(y - 2.0)
    assert found.failed[0, 0]
    both = replace(OWN, opposite=-1.0)  # then lanes that lead straight back are right ones too
    assert not said((100.0, 1.6, 0.0, 15.0), 0.1, own=both).failed[0, 0]


def test_how_far_over_a_wide_strip_it_leads() -> None:
    """No right lane is near there."""
    strip = road_map("strip", {
        ("a", "b"): [straight((0, 0), (600, 0))],
        ("b", "a"): [straight((600, 12), (0, 12))],
    })  # fmt: skip
    found = said((100.0, 1.6, 0.5, 30.0), road=strip)
    assert found.failed[0, 0]
    assert found.value[0, 0] == pytest.approx(1.6 + 0.6 * 30.0 * math.sin(0.5) - 2.0)
    assert found.limit[0, 0] == OWN.slack


def test_where_lanes_overlap_any_right_one_will_do() -> None:
    both = road_map("both", {
        ("a", "b"): [straight((0, 0), (600, 0))],
        ("b", "a"): [straight((600, 4), (0, 4))],
        ("c", "d"): [straight((0, 4), (600, 4))],
    })  # fmt: skip
    assert not said(*ASTRAY, road=both).failed[0, 0]


STREETS = road_map("streets", {
    ("a", "b"): [straight((0, 0), (600, 0))],
    ("b", "a"): [straight((600, 4), (0, 4))],
    ("c", "d"): [straight((272, -100), (272, 100))],
    ("e", "f"): [straight((328, -100), (328, 100))],
})  # fmt: skip
"""Two cross both lanes, 4 m of each; 10 m more lie before the stop lines."""


@pytest.mark.parametrize(
    ("there", "junction"),
    [(256, False), (265, True), (272, True), (281, True), (300, False), (328, True), (345, False)],
)
def test_within_a_junction_no_side_is_wrong(there: float, junction: bool) -> None:
    x = there - 9.0 * math.cos(0.1)  # there it is 0.6 s later
    assert said((x, *ASTRAY[0][1:]), road=STREETS).failed[0, 0] != junction


def test_rows_on_different_maps() -> None:
    egos = [ASTRAY[0], (300.0, 2.0, math.pi, 9.0), (100.0, 0.0, 0.0, 15.0)]
    seen = observation([TWO_WAY, two_lanes()], egos)
    seen = replace(seen, map_index=np.array([0, 1, 0], np.int32))
    plan = planned(observation([TWO_WAY], [egos[2]]), 0.0)
    plan = replace(plan, states=np.repeat(plan.states, 3, axis=0), dt=np.ones(3),
                   controls=np.zeros((3, 8, 2)), chosen=np.zeros(3, np.int32),
                   source=np.zeros(3, np.int32), tick=np.zeros(3, np.int32))  # fmt: skip
    verdict, _ = alone(OWN, seen, plan, np.zeros((3, 2)))
    assert verdict.failed[:, 0].tolist() == [True, True, False]


TURN, AWAY = 1.0, (30.0, -50.0)


def placed(x: float, y: float) -> tuple[float, float]:
    """Where a point of a road along x lies of one that is turned and elsewhere."""
    c, s = math.cos(TURN), math.sin(TURN)
    return AWAY[0] + x * c - y * s, AWAY[1] + x * s + y * c


ELSEWHERE = road_map("elsewhere", {
    ("a", "b"): [straight(placed(0, 0), placed(600, 0))],
    ("b", "a"): [straight(placed(600, 4), placed(0, 4))],
})  # fmt: skip


def said_there(ego: tuple[float, ...], *args: object, **more: object) -> Verdict:
    """The same on the road that lies elsewhere."""
    others = [(*placed(*one[:2]), one[2] + TURN, one[3]) for one in more.pop("others", ())]  # pyright: ignore
    turned = (*placed(*ego[:2]), ego[2] + TURN, ego[3])
    return said(turned, *args, others=others, road=ELSEWHERE, **more)  # pyright: ignore


@pytest.mark.parametrize(
    ("oncoming", "met"),
    [
        ((220.0, 4.0, math.pi + 0.1, 15.0), 119.8),  # along the car's own axis
        ((200.0, 4.0, math.pi + 0.6, 15.0), 100.0),
        ((100.3, 4.0, math.pi, 15.0), 0.5),
        ((99.0, 4.0, math.pi, 15.0), -1.0),
        ((160.0, 4.0, 2.1, 15.0), 60.0),  # he goes across
    ],
)
def test_wherever_the_road_lies(oncoming: tuple[float, ...], met: float) -> None:
    x, y, yaw, v = ASTRAY[0]
    along = (oncoming[0] - x) * math.cos(yaw) + (oncoming[1] - y) * math.sin(yaw)
    assert along == pytest.approx(met, abs=0.5)
    facing = math.cos(oncoming[2] - yaw)
    soon = along > 0 and facing < -0.5 and along / (v - oncoming[3] * facing) < 4.0
    here = said(*ASTRAY, others=(oncoming,))
    there = said_there(*ASTRAY, others=(oncoming,))
    assert here.has_object[0, 0] == there.has_object[0, 0] == soon
    for name in ("value", "limit", "high", "low"):
        np.testing.assert_allclose(getattr(here, name), getattr(there, name), atol=1e-6)


@pytest.mark.parametrize(
    ("facing", "v"), [(math.pi, 15.0), (math.pi - 0.9, 15.0), (math.pi + 0.9, 7.0)]
)
def test_how_soon_he_is_met_is_the_way_over_how_fast_it_shrinks(facing: float, v: float) -> None:
    closing = 15.0 - v * math.cos(facing)
    for seconds, failed in ((4.001, False), (3.999, True)):
        other = (100.0 + seconds * closing, 4.0, facing, v)
        found = said((100.0, 1.9, 0.0, 15.0), 0.1, others=(other,), aim=4.0)
        assert found.failed[0, 0] == failed


def test_exactly_at_its_limits() -> None:
    """Who is abreast has been met; after just as long as is clear nobody is; one of two who are
    met at once is named; and who stands or backs away is met as late as the car gets there."""
    straying = ((100.0, 1.9, 0.0, 15.0), 0.1)
    assert not said(*straying, others=((100.0, 4.0, math.pi, 15.0),), aim=4.0).failed[0, 0]
    assert said(*straying, others=((100.5, 4.0, math.pi, 15.0),), aim=4.0).failed[0, 0]
    assert not said(*straying, others=((220.0, 4.0, math.pi, 15.0),), aim=4.0).failed[0, 0]
    near = (150.0, 4.0, math.pi, 15.0)
    assert said(*straying, others=(near, near)).object[0, 0] == 0
    assert not said(*straying, others=((150.0, 4.0, math.pi, -20.0),), aim=4.0).failed[0, 0]
    slow = (100.0, 1.99, 1.0, 0.8)
    for x, failed in ((3.5, False), (3.0, True)):
        away = (100.0 + x * math.cos(1.0), 1.99 + x * math.sin(1.0), 1.0 + math.pi, 0.0)
        assert said(slow, others=(away,), aim=4.0).failed[0, 0] == failed
    one_way = replace(OWN, opposite=math.cos(2.0))
    across = (130.0, 4.0, 0.1 + 2.0, 15.0)
    assert said(*ASTRAY, others=(across,), aim=4.0, own=one_way).failed[0, 0]
    deep = float(said(*ASTRAY).value[0, 0])
    assert not said(*ASTRAY, own=replace(OWN, slack=deep)).failed[0, 0]


def test_headings_at_the_limit_are_no_wrong_way() -> None:
    one_way = replace(OWN, opposite=-1.0)
    ego = (300.0, 2.0, math.pi, 9.0)
    assert said(ego, road=two_lanes()).failed[0, 0]
    assert not said(ego, road=two_lanes(), own=one_way).failed[0, 0]


WIDE = road_map("wide", {
    ("a", "b"): [straight((0, 0), (300, 0)), straight((0, -4), (300, -4))],
    ("b", "a"): [straight((600, 12), (0, 12), width=12.0)],
})  # fmt: skip


@pytest.mark.parametrize(
    ("x", "y", "far"),
    [
        (100.0, 7.01, 5.01),  # of two right lanes the nearer one
        (304.5, 6.1, math.hypot(4.1, 4.5)),  # they have ended before
        (100.0, 7.0, None),  # no more than beside it
    ],
)
def test_how_far_the_right_side_is(x: float, y: float, far: float | None) -> None:
    found = said((x, y, 0.0, 15.0), road=WIDE)
    assert found.failed[0, 0] == (far is not None)
    assert found.value[0, 0] == pytest.approx(far or 0.0)


def test_who_stands_on_the_wrong_side_is_left_alone() -> None:
    assert not said((300.0, 2.0, math.pi, 0.0), road=two_lanes()).failed[0, 0]


@pytest.mark.parametrize("y", [6.5, 9.0])
def test_who_is_off_the_road_may_come_back_over_the_other_side(y: float) -> None:
    """From 0.5 m beside it; planned or not."""
    assert not said((100.0, y, -0.2, 15.0), aim=0.0).failed[0, 0]


def test_who_leaves_the_other_side_is_not_kept_on_it() -> None:
    seen = observation([TWO_WAY], [(100.0, 3.0, -0.02, 15.0)])
    found, _ = alone(OWN, seen, replace(planned(seen, 0.0), states=np.zeros((1, 8, 4))),
                     np.zeros((1, 2)))  # fmt: skip
    assert not found.failed[0, 0]


def test_a_plan_goes_to_the_other_side_where_there_is_one() -> None:
    later = road_map("later", {
        ("a", "b"): [straight((0, 0), (600, 0))],
        ("b", "c"): [straight((600, 4), (300, 4))],
    })  # fmt: skip
    ego = (350.0, *ASTRAY[0][1:])
    assert said(ego, road=later).failed[0, 0]
    assert not said(ego, aim=4.0, road=later).failed[0, 0]


@pytest.mark.parametrize("at", [0, 2, 4, 6])
def test_any_part_of_the_plan_may_lead_to_the_other_side(at: int) -> None:
    seen = observation([TWO_WAY], [ASTRAY[0]])
    plan = planned(seen, 0.0)
    states = plan.states.copy()
    states[0, :, 1] = 0.0
    for aim, failed in ((0.0, True), (4.0, False)):
        states[0, at, 1] = aim
        found, _ = alone(OWN, seen, replace(plan, states=states.copy()), np.zeros((1, 2)))
        assert found.failed[0, 0] == failed


@pytest.mark.parametrize(
    ("ego", "look"),
    [
        ((100.0, 1.6, 0.1, 15.0), 9.0),
        ((100.0, 1.9, 0.3, 5.0), 5.0),
        ((100.0, 1.7, 0.15, 12.0), 7.2),
        ((100.0, 1.5, 0.12, 15.0), 9.0),
        ((100.0, 1.2, 0.2, 14.0), 8.4),
    ],
)
def test_the_bound_is_halved_between_going_back_and_going_on(
    ego: tuple[float, float, float, float], look: float
) -> None:
    """Twelve times, so that it is a whole 4096th of what lies between."""
    x, y, yaw, _ = ego
    back = pursuit_steering(x, y, yaw, 5.0, x + look, 0.0, math.pi / 3.0)
    for found in (said(ego, 0.2), said_there(ego, 0.2)):
        share = (found.high[0, 0, 1] - back) / (0.2 - back) * 4096
        assert 100.0 < share < 4000.0
        assert share == pytest.approx(round(share), abs=1e-6)


@pytest.mark.compiled
def test_on_a_map_so_large_that_its_first_cell_has_lanes() -> None:
    large = road_map("large", {
        ("c", "d"): [straight((30000, 29000), (30000, 30000))],
        ("a", "b"): [straight((0, 0), (600, 0))],
        ("b", "a"): [straight((600, 4), (0, 4))],
    })  # fmt: skip
    assert said(*ASTRAY, road=large).value[0, 0] == said(*ASTRAY).value[0, 0]
    assert not said((-1000.0, 1.6, 0.1, 15.0), road=large).failed[0, 0]
