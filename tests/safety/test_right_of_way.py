"""Red lights and priority: the last moment to brake gently, and what is driven through."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.core.geometry import boxes_overlap
from drivestack.core.lights import Colour
from drivestack.core.types import Filtering, Observation, PlanSource, StopLines, Verdict
from drivestack.roads.build import circular, straight
from drivestack.safety.bounds import FREE
from drivestack.safety.right_of_way import RightOfWay
from tests.safety.alone import alone
from tests.safety.checked import say
from tests.safety.plans import plan_at
from tests.scenes import observation, road_map, two_lanes

State = tuple[float, float, float, float]
OWN = RightOfWay(0.05)
ROAD = two_lanes()
CROSS = road_map("cross", {
    ("a", "b"): [straight((0, 0), (300, 0), priority=1)],
    ("c", "d"): [straight((150, 150), (150, -150), priority=3)],
    ("e", "f"): [straight((200, 150), (200, -150), priority=1)],
})  # fmt: skip


def at_line(
    ego: tuple[float, ...],
    line: tuple[float, float, float] = (200.0, 0.0, 0.0),
    colour: Colour = Colour.RED,
    there: bool = True,
) -> Observation:
    seen = observation([ROAD], [ego])
    lines = StopLines(
        np.ones((1, 1), np.int32), np.array([[line]]), np.full((1, 1), 4.0),
        np.full((1, 1), colour, np.int32), np.array([[there]]),
    )  # fmt: skip
    return replace(seen, stop_lines=lines)


def said(seen: Observation, accel: float = 0.0) -> Verdict:
    verdict, _ = alone(OWN, seen, plan_at(seen), np.array([[accel, 0.0]]))
    assert verdict.names == ("red_light", "priority")
    assert (verdict.failed == (verdict.value > verdict.limit)).all()
    assert (verdict.low == -FREE).all()
    assert (verdict.high[~verdict.failed] == FREE).all()
    assert (verdict.response == Filtering.CLAMPED).all()
    return verdict


def needed(way: float, v: float, accel: float) -> float:
    """At the next tick."""
    then = v + accel * 0.05
    return then**2 / (2.0 * (way - 0.5 * (v + then) * 0.05))


@pytest.mark.parametrize("v", [5.0, 14.0, 25.0])
@pytest.mark.parametrize("accel", [-2.0, 0.0, 1.5])
def test_the_last_moment_before_a_red_light(v: float, accel: float) -> None:
    latest = (v + accel * 0.05) ** 2 / 8.0 + (v + 0.025 * accel) * 0.05
    for more, failed in ((0.01, False), (-0.01, True)):
        way = latest + more
        found = said(at_line((200.0 - 2.5 - 0.3 - way, 0.0, 0.0, v)), accel)
        assert found.failed[0].tolist() == [failed, False]
        assert found.value[0, 0] == pytest.approx(needed(way, v, accel))
        if failed:
            assert found.high[0, 0].tolist() == pytest.approx([-(v**2) / (2.0 * way), FREE])
            assert not found.has_object[0, 0]


@pytest.mark.parametrize(
    ("seen", "failed"),
    [
        (at_line((176.0, 0, 0, 14)), True),
        (at_line((176.0, 0, 0, 14), colour=Colour.RED_YELLOW), True),
        (at_line((176.0, 0, 0, 14), colour=Colour.YELLOW), False),
        (at_line((176.0, 0, 0, 14), colour=Colour.GREEN), False),
        (at_line((176.0, 0, 0, 14), colour=Colour.INACTIVE), False),
        (at_line((176.0, 0, 0, 14), there=False), False),
        (at_line((185.3, 0, 0, 14)), False),  # 8 m/s2 would not do any more
        (at_line((185.2, 0, 0, 14)), True),  # just
        (at_line((198.0, 0, 0, 14)), False),  # the bumper is over it
        (at_line((176.0, 2.01, 0, 14)), False),  # beside it
        (at_line((176.0, -1.99, 0, 14)), True),
        (at_line((176.0, 0, 0, 14), (200.0, 0.0, 0.8)), False),  # of another road
        (at_line((176.0, 0, 0, 0.0)), False),
    ],
)
def test_which_lines_count(seen: Observation, failed: bool) -> None:
    assert said(seen).failed[0].tolist() == [failed, False]


def test_braking_that_is_held_comes_to_a_stand_before_the_line() -> None:
    x, v, accel, bound = 100.0, 20.0, 0.0, 0
    for _ in range(400):
        found = said(at_line((x, 0.0, 0.0, v)), 1.0)
        accel = min(1.0, float(found.high[0, 0, 0]))
        bound += bool(found.failed[0, 0])
        x, v = x + max(v, 0.0) * 0.05, max(v + accel * 0.05, 0.0)
        assert accel > -8.0
    assert bound > 20
    assert 190.0 < x + 2.5 < 200.0, "it rolls up to the line and never over it"


def crossing(ego: tuple[float, ...], other: tuple[float, ...]) -> Verdict:
    return said(observation([CROSS], [ego], [np.array([other], np.float64)]))


@pytest.mark.parametrize("v", [8.0, 14.0])
def test_who_has_priority_goes_first(v: float) -> None:
    """The crossing of both bodies begins 3.5 m before the other's path, at 146.5 m."""
    latest = v**2 / 8.0 + v * 0.05
    for more, failed in ((0.01, False), (-0.01, True)):
        way = latest + more
        front = 150.0 - 1.0 - 0.3 - way
        time = (150.0 - front) / v
        found = crossing((front - 2.5, 0.0, 0.0, v), (150.0, 12.0 * time, -math.pi / 2, 12.0))
        assert found.failed[0].tolist() == [False, failed]
        if failed:
            assert found.high[0, 1, 0] == pytest.approx(-(v**2) / (2.0 * way))
            assert found.has_object[0, 1]


@pytest.mark.parametrize(
    ("ego", "other", "failed"),
    [
        ((131.5, 0, 0, 14.0), (150.0, 13.0, -math.pi / 2, 12.0), True),
        ((131.5, 0, 0, 14.0), (150.0, 40.0, -math.pi / 2, 12.0), False),  # it is through before
        ((131.5, 0, 0, 14.0), (150.0, -9.0, -math.pi / 2, 12.0), False),  # he is through
        ((131.5, 0, 0, 14.0), (150.0, 13.0, math.pi / 2, 12.0), False),  # he drives away
        ((131.5, 0, 0, 14.0), (150.0, 13.0, -math.pi / 2, 0.0), False),
        ((181.5, 0, 0, 14.0), (200.0, 13.0, -math.pi / 2, 12.0), False),  # of equal rank
        ((131.5, 0, 0, 14.0), (140.0, 3.0, -0.3, 12.0), False),  # he does not cross
        ((149.0, 0, 0, 14.0), (150.0, 13.0, -math.pi / 2, 12.0), False),  # it is on the crossing
    ],
)
def test_to_whom_way_is_given(
    ego: tuple[float, ...], other: tuple[float, ...], failed: bool
) -> None:
    assert crossing(ego, other).failed[0].tolist() == [False, failed]
    mirrored = (other[0], -other[1], -other[2], other[3])
    assert crossing(ego, mirrored).failed[0].tolist() == [False, failed]


@given(st.floats(0.5, 60.0), st.floats(0.1, 30.0), st.floats(-8.0, 4.0))
def test_the_bound_stops_before_the_line(way: float, v: float, accel: float) -> None:
    found = said(at_line((197.2 - way, 0.0, 0.0, v)), accel)
    if found.failed[0, 0]:
        bound = float(found.high[0, 0, 0])
        assert -8.0 - 1e-9 <= bound <= 0.0
        assert v * v / (2.0 * -bound) <= way + 0.3 + 1e-6


def test_a_control_that_is_none_is_not_its_business() -> None:
    seen = observation([CROSS], [(131.5, 0, 0, 14.0)], [np.array([[150.0, 13.0, -1.57, 12.0]])])
    for scene in (seen, at_line((176.0, 0, 0, 14))):
        assert said(scene).failed.any()
        assert not said(scene, math.nan).failed.any()


def before_line(way: float, turn: float = 0.0, aside: float = 0.0) -> tuple[float, ...]:
    """A line that lies so far ahead of the bumper of an ego at the origin, turned and aside."""
    c, s = math.cos(turn), math.sin(turn)
    return 2.5 + way * c + aside * s, way * s - aside * c, turn


@pytest.mark.parametrize(
    ("turn", "aside", "failed"),
    [(44.9, 0.0, True), (-44.9, 0.0, True), (45.1, 0.0, False), (-45.1, 0.0, False),
     (0.0, 2.0, True), (0.0, -2.0, True), (0.0, 2.001, False), (30.0, 1.99, True),
     (30.0, -2.01, False), (134.0, 0.0, False)],
)  # fmt: skip
def test_lines_of_about_the_own_direction_before_the_car(
    turn: float, aside: float, failed: bool
) -> None:
    for yaw in (0.0, 3.0):
        line = before_line(23.0, math.radians(turn), aside)
        c, s = math.cos(yaw), math.sin(yaw)
        placed = (line[0] * c - line[1] * s, line[0] * s + line[1] * c, line[2] + yaw)
        assert said(at_line((0.0, 0.0, yaw, 14.0), placed)).failed[0, 0] == failed


def test_a_line_exactly_as_much_turned_as_may_be_counts() -> None:
    turned = replace(OWN, turned=0.5)
    seen = at_line((0.0, 0.0, 0.0, 14.0), before_line(23.0, 0.5))
    assert say(turned, seen)[0].failed[0, 0]


EXACT = RightOfWay(0.0625, before=0.25)
"""Numbers of which sums and products are exact."""


@pytest.mark.parametrize(
    ("way", "v", "value", "high"),
    [
        (33.25, 16.0, 4.0, None),  # gentle braking will do
        (33.0, 16.0, 256.0 / 63.5, -(256.0 / 65.5)),
        (16.0, 16.0, 8.0, -8.0),  # as hard as may be will just do
        (15.75, 16.0, 0.0, None),  # and here no more
        (0.25, 1.5, 8.0, -8.0),  # the bumper stands where it should, and moves
        (0.5, 2.0, 8.0, -8.0),
        (0.375, 2.0, 8.0, -8.0),  # nothing is left after the next tick
        (0.875, 1.0, 1.0 / 1.125, None),
        (0.8125, 1.0, 1.0, None),
    ],
)
def test_known_needs(way: float, v: float, value: float, high: float | None) -> None:
    found, _ = say(EXACT, at_line((0.0, 0.0, 0.0, v), before_line(way)))
    assert found.value[0, 0] == value
    assert found.failed[0, 0] == (high is not None)
    assert found.high[0, 0, 0] == (FREE if high is None else pytest.approx(high))


def test_who_stands_at_the_next_tick_needs_nothing_more() -> None:
    assert said(at_line((0.0, 0.0, 0.0, 0.1), before_line(0.3)), -2.0).value[0, 0] == 0.0
    assert said(at_line((0.0, 0.0, 0.0, 0.1), before_line(0.3)), -3.0).value[0, 0] == 0.0
    slow = said(at_line((0.0, 0.0, 0.0, 0.5), before_line(5.0)))
    assert slow.value[0, 0] == pytest.approx(needed(4.7, 0.5, 0.0))
    assert said(at_line((0.0, 0.0, 0.0, 0.0), before_line(0.0)), 2.0).value[0, 0] == 0.0
    short = said(at_line((0.0, 0.0, 0.0, 0.1), before_line(0.006)))
    assert short.high[0, 0, 0] == pytest.approx(-2.0), "it does not reverse"


@pytest.mark.parametrize("order", [(20.0, 24.0), (24.0, 20.0)])
def test_of_several_lines_the_one_that_needs_most_counts(order: tuple[float, float]) -> None:
    seen = at_line((0.0, 0.0, 0.0, 14.0))
    two = StopLines(
        np.ones((1, 2), np.int32), np.array([[before_line(way) for way in order]]),
        np.full((1, 2), 4.0), np.full((1, 2), Colour.RED, np.int32), np.ones((1, 2), np.bool_),
    )  # fmt: skip
    found = said(replace(seen, stop_lines=two))
    assert found.value[0, 0] == pytest.approx(needed(19.7, 14.0, 0.0))
    assert found.high[0, 0, 0] == pytest.approx(-(14.0**2) / (2.0 * 19.7))


def front(way: float, v: float) -> tuple[float, ...]:
    """An ego whose bumper is so far before the crossing of both bodies."""
    return 150.0 - 1.0 - way - 2.5, 0.0, 0.0, v


def his(time: float, v: float = 12.0) -> tuple[float, ...]:
    """Another one who reaches the crossing after so long: his front is 1 m before the ego's path
    then; below 0 he has left it, his rear 1 m past it, for so long."""
    y = v * time + 1.0 + 2.5 if time > 0.0 else v * time - 1.0 - 2.5
    return 150.0, y, -math.pi / 2, v


@pytest.mark.parametrize(
    ("ego", "other", "failed"),
    [
        # the ego leaves the crossing after 27 m, and he comes 0.49 s or 0.51 s later
        (front(20.0, 14.0), his(27.0 / 14.0 + 0.49), True),
        (front(20.0, 14.0), his(27.0 / 14.0 + 0.51), False),
        # he leaves it after 7 m more, and the ego comes 0.49 s or 0.51 s later
        (front(20.0, 14.0), his(20.0 / 14.0 - 7.0 / 12.0 - 0.49), True),
        (front(20.0, 14.0), his(20.0 / 14.0 - 7.0 / 12.0 - 0.51), False),
        (front(60.0, 25.0), his(60.0 / 25.0), True),
        # half a second to the moment
        (front(32.0, 16.0), (150.0, 8.5, -math.pi / 2, 8.0), False),
        (front(33.0, 16.0), (150.0, 27.5, -math.pi / 2, 8.0), False),
        (front(61.0, 25.0), his(61.0 / 25.0), False),  # too far off to be sure of anything
        (front(1.9, 5.0), his(-0.04), False),  # he has just left it
        (front(1.9, 5.0), (150.0, -3.0, -math.pi / 2, 12.0), True),  # he is about to
        (front(1.9, 5.0), (150.0, -3.5, -math.pi / 2, 12.0), False),  # this very moment
        (front(0.4, 0.9), his(0.3), True),
        (front(0.4, 0.0), his(0.3), False),
        (front(20.0, 14.0), his(1.0, 0.5), True),
    ],
)
def test_when_both_would_be_on_the_crossing(
    ego: tuple[float, ...], other: tuple[float, ...], failed: bool
) -> None:
    assert crossing(ego, other).failed[0].tolist() == [False, failed]


def test_headings_just_across_enough_count() -> None:
    other = (140.0, 12.0, -1.2, 12.0)
    seen = observation([CROSS], [front(20.0, 14.0)], [np.array([other])])
    for across, failed in ((math.sin(1.2), True), (math.sin(1.2) + 1e-9, False)):
        assert say(replace(OWN, across=across), seen)[0].failed[0, 1] == failed
    for turn, failed in ((0.75, False), (0.83, True), (math.pi - 0.75, False)):
        assert (crossing(front(20.0, 14.0), (140.0, 12.0, -turn, 12.0)).value[0, 1] > 0.0) == failed


def test_of_two_who_need_as_much_the_first_is_named() -> None:
    seen = observation([CROSS], [front(20.0, 14.0)], [np.array([his(1.5), his(1.5), his(1.6)])])
    found = said(seen)
    assert found.failed[0, 1]
    assert found.object[0, 1] == 0


def test_where_all_ranks_are_equal_nobody_gives_way() -> None:
    flat = road_map("flat", {
        ("a", "b"): [straight((0, 0), (300, 0))], ("c", "d"): [straight((150, 150), (150, -150))],
    })  # fmt: skip
    seen = observation([flat], [front(20.0, 14.0)], [np.array([his(1.5)])])
    assert said(seen).value.tolist() == [[0.0, 0.0]]
    one = road_map("one", {
        ("a", "b"): [straight((0, 0), (300, 0))],
        ("c", "d"): [straight((150, 150), (150, -150), priority=1)],
    })  # fmt: skip
    seen = observation([one], [front(20.0, 14.0)], [np.array([his(1.5)])])
    assert said(seen).failed[0, 1]


RANKS = road_map("ranks", {
    ("a", "b"): [straight((0, 0), (120, 0), priority=1)],
    ("b", "c"): [straight((120, 0), (140, 0), priority=9)],
    ("d", "e"): [straight((0, 20), (300, 20), priority=9)],
    ("f", "g"): [straight((110, -50), (110, 50), priority=9)],
    ("h", "i"): [straight((150, 150), (150, -150), priority=3)],
    ("j", "k"): [straight((0, 40), (300, 40), priority=1)],
})  # fmt: skip


@pytest.mark.parametrize(
    ("ego", "other", "failed"),
    [
        ((110.0, 0, 0, 20.0), (150.0, 20.0, -math.pi / 2, 12.0), True),
        ((121.0, 0, 0, 20.0), (150.0, 20.0, -math.pi / 2, 12.0), False),
        ((110.0, 20.0, 0, 20.0), (150.0, 40.0, -math.pi / 2, 12.0), False),
        # where he is, the lane across has no priority
        ((110.0, 0, 0, 20.0), (150.0, 40.0, -math.pi / 2, 19.0), True),
    ],
)
def test_the_rank_is_that_of_the_lane_that_one_is_on(
    ego: tuple[float, ...], other: tuple[float, ...], failed: bool
) -> None:
    """Nearest by place and by heading."""
    assert said(observation([RANKS], [ego], [np.array([other])])).failed[0, 1] == failed


def test_roads_that_lie_aslant_cross_as_well() -> None:
    aslant = road_map("aslant", {
        ("a", "b"): [straight((0, 0), (200, 200))],
        ("c", "d"): [straight((0, 200), (200, 0), priority=1)],
    })  # fmt: skip
    h = math.sqrt(0.5)
    ego = (100.0 - 23.5 * h, 100.0 - 23.5 * h, math.pi / 4, 14.0)
    other = (100.0 - 20.0 * h, 100.0 + 20.0 * h, -math.pi / 4, 12.0)
    assert said(observation([aslant], [ego], [np.array([other])])).failed[0, 1]


TURN = road_map("turn", {
    ("a", "b"): [straight((2, -60), (2, -10))],
    ("b", "c"): [straight((2, -10), (2, 60))],
    ("b", "d"): [circular((-10, -10), 12.0, 0.0, math.pi / 2)],
    ("d", "e"): [straight((-10, 2), (-60, 2))],
    ("f", "g"): [straight((-60, -2), (-10, -2), priority=3)],
    ("g", "h"): [straight((-10, -2), (60, -2), priority=3)],
    ("g", "i"): [circular((-10, -10), 8.0, math.pi / 2, 0.0, clockwise=False, priority=3)],
    ("i", "j"): [straight((-2, -10), (-2, -60), priority=3)],
    ("k", "d"): [straight((60, 2), (-10, 2), priority=3)],
})  # fmt: skip


NORTH = math.pi / 2


def both(ego: State, other: State, states: Sequence[State] = ()) -> tuple[bool, bool]:
    """Whether way has to be given by straight lines alone, as without a plan, and by plan and
    lanes. A plan without states goes straight on."""
    seen = observation([TURN], [ego], [np.array([other])])
    plan = plan_at(seen)
    if states:
        controls = np.zeros((1, len(states), 2))
        plan = replace(plan, states=np.array([states]), controls=controls)
    without = plan_at(seen, source=PlanSource.FALLBACK)
    known, unknown = (
        alone(OWN, seen, given, np.zeros((1, 2)))[0].failed[0] for given in (plan, without)
    )
    assert not known[0]
    assert not unknown[0]
    return bool(unknown[1]), bool(known[1])


def turning_off(angle: float) -> State:
    """He who has gone so far round his bend [degrees]."""
    a = math.radians(angle)
    return -10.0 + 8.0 * math.sin(a), -10.0 + 8.0 * math.cos(a), -a, 5.0


def test_who_turns_off_does_not_cross() -> None:
    assert both((2.0, -12.0, NORTH, 5.0), turning_off(20.0)) == (True, False)
    assert both((2.0, -11.0, NORTH, 5.0), turning_off(15.0)) == (True, True), "within the doubt"


def test_who_may_still_go_straight_on_crosses() -> None:
    assert both((2.0, -8.0, NORTH, 5.0), (-12.0, -2.0, 0.0, 8.0)) == (True, True)


def test_an_ego_that_turns_in_before_him_does_not_cross_his_way() -> None:
    """Seen from the middle of its turn both go on straight, and would meet."""
    turn = [0.7 + 0.025 * k for k in range(41)]
    states = [(-10.0 + 12.0 * math.cos(p), -10.0 + 12.0 * math.sin(p), p + NORTH, 3.0)
              for p in turn]  # fmt: skip
    he = (10.0, 2.0, math.pi, 5.0)
    assert both(states[0], he, states[1:]) == (True, False)
    assert both(states[0], he) == (True, True)


@pytest.mark.parametrize(
    ("he", "way_is_given"),
    [
        ((35.0, 2.0, math.pi, 15.0), True),  # he would run into it 3 s from now
        ((35.0, 2.0, math.pi, 5.0), False),  # who lifts his foot falls behind
        ((15.0, 2.0, math.pi, 8.0), True),
        ((-30.0, 2.0, math.pi, 8.0), False),  # he is past
    ],
)
def test_who_would_have_to_brake_for_an_ego_that_turns_in_goes_first(
    he: State, way_is_given: bool
) -> None:
    """They touch at a small angle, in his lane."""
    turn = [0.7 + 0.025 * k for k in range(36)]
    states = [(-10.0 + 12.0 * math.cos(p), -10.0 + 12.0 * math.sin(p), p + NORTH, 3.0)
              for p in turn]  # fmt: skip
    assert both(states[0], he, states[1:])[1] == way_is_given


def in_turn(gone: float, v: float) -> State:
    """An ego that has gone so far [m] since the turn began, and then along the road."""
    angle = min(max(gone / 12.0, 0.0), math.pi / 2)
    x, y = -10.0 + 12.0 * math.cos(angle), -10.0 + 12.0 * math.sin(angle)
    return x - max(gone - 6.0 * math.pi, 0.0), y + min(gone, 0.0), angle + NORTH, v


@pytest.mark.parametrize(("v", "w"), [(5.0, 15.0), (5.0, 10.0), (3.0, 8.0), (7.0, 15.0)])
def test_braking_that_is_held_lets_him_pass_before_the_turn(v: float, w: float) -> None:
    """He never brakes, and would be where the turn ends when the ego is."""
    gone, speed, x, bound = -20.0, v, -10.0 + w * (20.0 + 6.0 * math.pi) / v, 0
    for _ in range(400):
        ego, he = in_turn(gone, speed), (x, 2.0, math.pi, w)
        assert not boxes_overlap(*ego[:3], 5.0, 2.0, *he[:3], 5.0, 2.0)
        ahead = [in_turn(gone + 0.1 * v * k, v) for k in range(1, 41)]
        seen = observation([TURN], [ego], [np.array([he])])
        plan = replace(plan_at(seen), states=np.array([ahead]), controls=np.zeros((1, 40, 2)))
        wish = min(2.0, 2.0 * (v - speed))
        found = alone(OWN, seen, plan, np.array([[wish, 0.0]]))[0]
        accel = min(wish, float(found.high[0, 1, 0]))
        bound += bool(found.failed[0, 1])
        gone, speed, x = gone + 0.05 * speed, max(speed + 0.05 * accel, 0.0), x - 0.05 * w
    assert bound > 5
    assert x < -40.0, "he has passed"
    assert gone > 20.0, "and the ego has gone on"


def test_an_ego_that_starts_is_gone_before_he_comes() -> None:
    """At 0.4 m/s for ever it would be on the crossing for twenty seconds."""
    he = (-55.0, -2.0, 0.0, 9.0)
    starts = [(2.0, -5.8 + 0.04 * k + 0.01 * k * k, NORTH, 0.4 + 0.2 * k) for k in range(1, 41)]
    assert both((2.0, -5.8, NORTH, 0.4), he, starts) == (True, False)
    assert both((2.0, -5.8, NORTH, 0.4), he) == (True, True)


def test_an_ego_that_starts_too_late_is_not() -> None:
    he = (-25.0, -2.0, 0.0, 9.0)
    starts = [(2.0, -5.8 + 0.04 * k + 0.01 * k * k, NORTH, 0.4 + 0.2 * k) for k in range(1, 41)]
    assert both((2.0, -5.8, NORTH, 0.4), he, starts) == (True, True)


def test_who_is_on_no_lane_may_go_anywhere() -> None:
    assert both((2.0, 0.0, NORTH, 5.0), (-9.0, 12.0, -0.5, 9.0)) == (True, True)


FAST = road_map("fast", {
    ("a", "b"): [straight((-300, 0), (300, 0), priority=1)],
    ("c", "d"): [straight((0, 400), (0, -400), priority=3)],
})  # fmt: skip


@given(st.floats(12.0, 26.0), st.floats(20.0, 40.0), st.floats(0.6, 0.95), st.floats(-0.2, 0.2))
def test_nobody_is_jumped_over(v: float, w: float, share: float, late: float) -> None:
    """A motorcycle of 2.1 m goes up to 8 m between two moments that are compared."""
    way = share * v * v / 8.0 + 1.0
    ego, other = (-way - 2.9, 0.0, 0.0, v), (0.0, w * ((way + 0.4) / v + late), -NORTH, w)
    seen = observation([FAST], [ego], [np.array([other])])
    size = seen.tracks.size.copy()
    size[0, 0] = 2.1, 0.8
    seen = replace(seen, tracks=replace(seen.tracks, size=size))
    unplanned = plan_at(seen, source=PlanSource.FALLBACK)
    known, unknown = (
        alone(OWN, seen, plan, np.zeros((1, 2)))[0].failed[0, 1]
        for plan in (plan_at(seen), unplanned)
    )
    assert known == unknown


def test_a_plan_without_rows_says_nothing() -> None:
    seen = observation([TURN], [(2.0, -12.0, NORTH, 5.0)], [np.array([turning_off(20.0)])])
    none = replace(plan_at(seen), states=np.zeros((1, 0, 4)), controls=np.zeros((1, 0, 2)))
    assert alone(OWN, seen, none, np.zeros((1, 2)))[0].failed[0, 1]
