"""What is decided, piece by piece: how far is looked, who is met, which paths there are, costs."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import cycle

import numpy as np
import pytest

from drivestack.core.geometry import boxes_overlap
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Kind
from drivestack.roads.build import polyline
from drivestack.roads.lane_tables import lanes_of
from drivestack.safety.bounds import FREE
from drivestack.safety.what_if.check import WhatIf
from drivestack.safety.what_if.decide import (
    NOBODY,
    look_ahead,
    option_risk,
    reach_of,
    room_aside,
    room_for,
)
from drivestack.safety.what_if.options import TRIED, Path, Speeds
from drivestack.safety.what_if.parameters import Abilities, Beliefs, Judgement
from drivestack.safety.what_if.tables import Ego, Model
from tests.safety.checked import PLAIN
from tests.safety.what_if.asked import AHEAD, NONE, OLD, OLDER, SCENES, decided, scene, walled
from tests.safety.what_if.driving import straight_plan
from tests.safety.what_if.pieces import ABLE, ASLANT, SIZE, foreseen, laid, met, room
from tests.safety.what_if.weighed import weighed
from tests.scenes import bend, observation, road_map, two_lanes


@pytest.mark.parametrize(
    ("v", "span"),
    [(0.0, 2.5), (12.0, 2.5), (16.0, 3.0), (40.0, 6.0), (41.0, 6.0), (-3.0, 2.5), (15.576, 2.947)],
)
def test_as_far_as_a_stop_and_a_second_more(v: float, span: float) -> None:
    assert look_ahead(v, ABLE) == (pytest.approx(span), int(span / 0.1 + 0.5))


def test_paths_reach_as_far_as_the_ego_may_get() -> None:
    assert reach_of(10.0, 3.0, ABLE) == pytest.approx(10 * 3 + 0.5 * 2.5 * 9 + 20)


def test_there_is_room_for_six_futures_of_everybody_for_six_seconds() -> None:
    shapes = [array.shape for array in room(3)]
    assert shapes == [
        (18, 4), (18, 61, 4), (18,), (61, 4), (3, 2), (4,), (4, 8), (64, 5), (4, 64, 5), (4,), (2,)
    ]  # fmt: skip
    assert room_for(1, parameter_table(Abilities(most=2.547))[0]).poses.shape == (26, 4)


def test_paths_along_the_lane_and_those_beside() -> None:
    lane, own = laid(two_lanes(), (100, 0.3, 0.02, 10))
    assert lane == 1
    assert own.spans[[Path.LANE, Path.LEFT, Path.RIGHT]].tolist() == [2, 2, 0]
    np.testing.assert_allclose(own.paths[Path.LANE, :2, :2], [[100, 0], [160, 0]])
    np.testing.assert_allclose(own.paths[Path.LEFT, :2, :2], [[100, 4], [160, 4]])
    lane, own = laid(two_lanes(), (100, 4.3, 0.0, 10))
    assert lane == 0
    assert own.spans[[Path.LANE, Path.LEFT, Path.RIGHT]].tolist() == [2, 0, 2]
    np.testing.assert_allclose(own.paths[Path.RIGHT, :2, :2], [[100, 0], [160, 0]])


def test_off_all_lanes_the_only_path_is_straight_on() -> None:
    lane, own = laid(two_lanes(), (100, 50.0, 0.5, 10))
    assert lane == NOBODY
    assert own.spans[[Path.LANE, Path.LEFT, Path.RIGHT]].tolist() == [2, 0, 0]
    np.testing.assert_allclose(
        own.paths[Path.LANE, 1, :3], [100 + 60 * math.cos(0.5), 50 + 60 * math.sin(0.5), 0.5]
    )


def test_paths_follow_bends() -> None:
    lane, own = laid(bend(), (70, 0.0, 0.0, 10))
    assert lane == 0
    last = own.paths[Path.LANE, own.spans[Path.LANE] - 1]
    assert last[1] > 10.0
    _, own = laid(bend(), (70, 0.0, 0.0, 10), 40.0)
    last = own.paths[Path.LANE, own.spans[Path.LANE] - 1]
    assert last[2] == pytest.approx(30.0 / 40.0 - math.asin(2.5 / 40.0)), "a body of 5 m"
    _, own = laid(ASLANT, (-161.2, 118.4, 2.5, 10))
    assert own.paths[Path.LANE, 0, :2] == pytest.approx([-160.0, 120.0]), "beside the ego"


@pytest.mark.parametrize(
    ("width", "free"), [(2.0, 0.8), (2.4, 0.7), (3.0, 0.4), (3.8, 0.0), (5, 0)]
)
def test_the_shift_that_a_lane_leaves_room_for(width: float, free: float) -> None:
    able = parameter_table(Abilities(shift=0.8, edge=0.1))[0]
    me, map = np.array([100.0, 0.0, 0.0, 10.0]), lanes_of(two_lanes())
    assert room_aside(map, 1, me, width, able) == pytest.approx(free)
    assert room_aside(map, NOBODY, me, width, able) == 0.0


def test_the_shift_is_that_where_the_ego_is() -> None:
    """In a lane that widens from 2 m to 6 m within 400 m."""
    lane = polyline([(0, 0), (240, 320)], [2.0, 6.0])
    able, map = parameter_table(Abilities())[0], lanes_of(road_map("widens", {("a", "b"): [lane]}))
    for s in (50.0, 100.0, 150.0):
        me = np.array([0.6 * s, 0.8 * s, 0.9, 10.0])
        free = 0.5 * (2.0 + 0.01 * s - 2.0) - 0.1
        assert room_aside(map, 0, me, 2.0, able) == pytest.approx(free)


MOST = 20.0 * 3.5 + 0.5 * 2.5 * 3.5**2
"""What an ego at 20 m/s drives within its 3.5 s at the most [m]."""


@pytest.mark.parametrize("yaw", [0.0, 2.0])
@pytest.mark.parametrize(
    ("v", "heading", "place", "u", "limit"),
    [
        # ahead on the same way, who stops with 6 m/s2
        (20.0, 0.0, (1.0, 0.0), 10.0, MOST - 100.0 / 12.0),
        (20.0, 0.45, (0.8, -0.6), 10.0, MOST - 100.0 / 12.0),
        # behind on the same way, who gains 6 m/s2 for 1.5 s, while the ego stops with 8 m/s2
        (10.0, 0.0, (-1.0, 0.0), 30.0, 30 * 2.5 + 6.75 + 9.0 * 2.5 - 100.0 / 16.0),
        (10.0, -0.45, (-0.8, 0.6), 30.0, 30 * 2.5 + 6.75 + 9.0 * 2.5 - 100.0 / 16.0),
        # across, both as far as they get
        (20.0, 0.46, (0.6, 0.8), 5.0, MOST + 5.0 * 3.5 + 6.75 + 9.0 * 3.5),
        (20.0, -1.5, (0.6, 0.8), 5.0, MOST + 5.0 * 3.5 + 6.75 + 9.0 * 3.5),
    ],
)
def test_so_far_as_two_may_come_together(
    yaw: float, v: float, heading: float, place: tuple[float, float], u: float, limit: float
) -> None:
    """Nine metres from middle to middle are left for bodies of 5 x 2 m and for slips."""
    c, s = math.cos(yaw), math.sin(yaw)
    for more, wanted in ((-0.01, True), (0.01, False)):
        far = limit + 9.0 + more
        x, y = far * place[0], far * place[1]
        other = (300.0 + x * c - y * s, x * s + y * c, yaw + heading, u)
        assert met((300.0, 0.0, yaw, v), other) == wanted


def test_who_is_right_beside_comes_from_behind() -> None:
    """He is faster than the ego will be; half a metre ahead he would be gone."""
    assert met((100, 0, 0, 20), (100, 12, 0, 40))
    assert not met((100, 0, 0, 20), (100.5, 12, 0, 40))
    for x, y, ahead in ((-10, 6.6, True), (-10, 5, False), (10, -5, True), (10, -6.6, False)):
        other = (100 + x, y, math.pi / 3, 40)
        assert met((100, 0, math.pi / 3, 20), other) != ahead, "by the ego's heading"


def test_who_is_not_there_is_not_thought_of() -> None:
    seen = observation([two_lanes()], [(100, 0, 0, 20)], [[(120, 0, 0, 0), (115, 0, 0, 3)]])
    valid = seen.tracks.valid.copy()
    valid[0, 1] = False
    found, _ = decided(replace(seen, tracks=replace(seen.tracks, valid=valid)))
    alone, _ = decided(AHEAD)
    assert found.value.tolist() == alone.value.tolist()
    assert found.object[0, 0] == 0


def test_who_is_seen_is_foreseen_from_where_he_is_now() -> None:
    facts, poses = foreseen((100, 0, 0, 20), (140, 30, 0.5, 6), (110, 0, 0, 8), age=3, frame=2)
    assert facts[:, 0].tolist() == [0, 0, 1, 1]
    assert (facts[:, 2:] == [5.0, 2.0]).all()
    gone = 6.0 * 5 * 0.05
    first = [140 + gone * math.cos(0.5), 30 + gone * math.sin(0.5), 0.5, 6.0]
    assert poses[0, 0].tolist() == pytest.approx(first)
    assert poses[2, 0].tolist() == pytest.approx([112.0, 0.0, 0.0, 8.0])
    _, poses = foreseen((100, 0, 0, 20), (110, 0, 0, 8), rates=(2.0, 0.0))
    assert poses[0, 10, 3] == pytest.approx(10.0)
    steady = foreseen((100, 0, 0, 20), (110, 0, 0.1, 8), rates=(0.0, 0.0))[1]
    turning = foreseen((100, 0, 0, 20), (110, 0, 0.1, 8), rates=(0.0, 0.2))[1]
    assert turning[1, 10, 1] > steady[1, 10, 1] + 0.1
    _, poses = foreseen((100, 0, 0, 45), (140, 0, 0, 20))
    assert poses.shape == (2, 61, 4)
    assert poses[0, -1].tolist() == pytest.approx([260.0, 0.0, 0.0, 20.0])


@pytest.mark.parametrize(
    ("back", "beside", "turn", "rows"),
    [(5.01, 0.0, 0.0, 1), (4.99, 0.0, 0.0, 2), (5.01, 3.0, -0.3, 1), (4.99, -3.0, 0.3, 2),
     (8.0, 1.0, 1.04, 1), (8.0, 1.0, 1.05, 2), (-8.0, 0.0, 0.0, 2)],
)  # fmt: skip
def test_who_comes_from_behind_is_wholly_behind_and_goes_about_the_same_way(
    back: float, beside: float, turn: float, rows: int
) -> None:
    """He is not feared to brake; his place is told along the ego's heading."""
    along = math.atan2(3.0, -4.0)
    yaw = along + turn
    c, s = math.cos(yaw), math.sin(yaw)
    ego = (-160 + back * c + beside * s, 120 + back * s - beside * c, yaw, 10)
    assert len(foreseen(ego, (-160, 120, along, 12), map=ASLANT)[0]) == rows
    assert len(foreseen((100, 0, 0, 10), (95, 0, 0, 12))[0]) == 2, "bumper to bumper"


def test_walkers_keep_to_no_lane() -> None:
    facts, _ = foreseen((100, 0, 0, 10), (115, 0, 0, 2), kind=Kind.PEDESTRIAN)
    assert facts[:, 1].tolist() == [0.8, 0.2]
    facts, _ = foreseen((100, 0, 0, 10), (115, 0, 0, 2))
    assert facts[:, 1].tolist() == [1.0, 0.02]


def test_nobody_who_can_be_met_is_left_out() -> None:
    """Drawn pairs who do their worst within what is thought of: straight on and firmly."""
    draw, near = np.random.default_rng(3), 0
    for _ in range(80 if PLAIN else 300):
        ego = np.array([100.0, 0.0, 0.0, draw.uniform(0, 30)])
        other = np.array([100 + draw.uniform(-80, 120), draw.uniform(-20, 20),
                          draw.uniform(-3.1, 3.1), draw.uniform(0, 25)])  # fmt: skip
        gain, his = draw.choice([-8.0, 0.0, 2.5]), draw.choice([-6.0, 0.0])
        one, two, touched = ego.copy(), other.copy(), False
        for _ in range(int(look_ahead(ego[3], ABLE)[1])):
            for state, accel in ((one, gain), (two, his)):
                state[:2] += 0.1 * state[3] * np.array([math.cos(state[2]), math.sin(state[2])])
                state[3] = max(state[3] + 0.1 * accel, 0.0)
            touched |= bool(boxes_overlap(*one[:3], 5, 2, *two[:3], 5, 2))
        near += touched
        assert not touched or met(ego.tolist(), other.tolist()), (ego, other, gain, his)
    assert near > 0


def test_what_is_far_too_near_is_acted_on_at_the_second_tick_and_let_go_at_once() -> None:
    first, memory = decided(AHEAD)
    assert not first.failed.any()
    assert first.value[0, 0] > 1.0, "doing nothing is a collision"
    second, memory = decided(AHEAD, memory=memory)
    assert second.failed.all()
    assert second.low[0, 0].tolist() == second.high[0, 0].tolist()
    assert second.has_object[0, 0]
    assert memory.acting.all()
    clear = observation([two_lanes()], [(100, 0, 0, 20)])
    third, memory = decided(clear, memory=memory)
    assert not third.failed.any()
    assert third.value[0, 0] == third.limit[0, 0] == 0.0
    assert not memory.acting.any()
    assert memory.asked.tolist() == [1]
    assert decided(clear)[1].asked.tolist() == [0]


@pytest.mark.parametrize("wanted", [1, 2, 3])
def test_as_many_ticks_as_are_asked_for(wanted: int) -> None:
    check = WhatIf(0.05, judgement=Judgement(brisk=float(wanted), sure=1.0))
    memory, failed = None, []
    for _ in range(4):
        verdict, memory = decided(AHEAD, memory=memory, check=check)
        failed.append(bool(verdict.failed[0, 0]))
    assert failed == [tick + 1 >= wanted for tick in range(4)]


@pytest.mark.parametrize("control", [(math.nan, 0.0), (0.0, math.inf)])
def test_a_control_that_is_none_is_not_judged(control: tuple[float, float]) -> None:
    verdict, memory = decided(AHEAD, control)
    assert verdict.value[0, 0] == 0.0
    assert (verdict.high == FREE).all()
    assert memory.watch.met["known"].sum() == 1, "but who is there is remembered"
    assert (memory.acting[0], memory.asked[0]) == (False, 0)


@pytest.mark.parametrize(("made", "clears"), [(140, False), (100, False), (80, False), (60, True)])
def test_an_older_plan_is_read_from_where_it_is_now(made: int, clears: bool) -> None:
    """It brakes two seconds after it was made. 29 m are enough to brake now, and not in 0.2 s."""
    seen, time = walled(29.0), 0.1 * np.arange(1, 41)
    plan = straight_plan(seen)
    states = plan.states.copy()
    states[0, :, 3] = 20.0 - 8.0 * np.maximum(time - 2.0, 0.0)
    found, _ = decided(seen, plan=replace(plan, states=states, tick=np.full(1, made, np.int32)))
    assert (found.value[0, 0] == 0.0) == clears


def test_the_one_who_costs_most_is_named() -> None:
    seen = observation([two_lanes()], [(100, 0, 0, 20)],
                       [[(300, 4, 0, 20), (118, 0, 0, 0), (150, 0, 0, 15)]])  # fmt: skip
    found, _ = decided(seen)
    assert found.object[0, 0] == 1
    twice = observation([two_lanes()], [(100, 0, 0, 20)], [[(118, 0, 0, 0), (118, 0, 0, 0)]])
    assert decided(twice)[0].object[0, 0] == 0, "of equals the first"


def test_the_first_control_turns_the_wheels_no_faster_than_they_can() -> None:
    seen = observation([two_lanes()], [(100, 1.5, 0.0, 20)], [[(112, 1.2, 0, 0)]], steer=0.3)
    memory = None
    for _ in range(3):
        found, memory = decided(seen, memory=memory)
    assert found.failed.all()
    assert abs(found.high[0, 0, 1] - 0.3) <= 1.0 * 0.05 + 1e-12


@pytest.mark.parametrize(
    ("name", "plan_is"),
    [*zip(SCENES, cycle((OLD, NONE)), strict=False), ("may brake", OLDER), ("at the end", OLDER),
     ("may brake", NONE), ("stands ahead", NONE), ("drifts in", OLD), ("drifts ahead", NONE)],
)  # fmt: skip
def test_what_is_written_down_is_what_is_decided(name: str, plan_is: str) -> None:
    seen, plan = scene(name, plan_is)
    acting = plan_is is NONE
    control, check = np.array([0.4, 0.015]), WhatIf(0.05)
    wanted = weighed(seen, control, plan, acting, check)
    least = 0.0 if acting else check.judgement.worth
    acts = wanted.act + least < wanted.wait
    fresh = check.start(1)
    memory = replace(fresh, acting=fresh.acting | acting, asked=fresh.asked + 4)
    found, after = decided(seen, (0.4, 0.015), plan, memory, check)
    assert found.value[0, 0] == pytest.approx(wanted.wait)
    assert found.limit[0, 0] == pytest.approx(wanted.act)
    assert found.has_object[0, 0] == (wanted.about != NOBODY)
    assert not found.has_object[0, 0] or found.object[0, 0] == wanted.about
    assert found.failed[0, 0] == after.acting[0] == acts
    assert after.asked[0] == (5 if acts else 3)
    if acts:
        assert found.low[0, 0].tolist() == found.high[0, 0].tolist()
        accel, steer = wanted.first
        steer = min(max(steer, 0.01 - 0.05), 0.01 + 0.05)  # as far as wheels turn in a tick
        assert found.high[0, 0].tolist() == pytest.approx([accel, steer])
        # so many ticks must ask for it, and are fewer where it is as good as sure
        needs = 2 if wanted.likeliest >= check.judgement.sure else 4
        for asked in (needs - 2, needs - 1):
            memory = replace(fresh, asked=fresh.asked + asked)
            alone, _ = decided(seen, (0.4, 0.015), plan, memory, check)
            first = weighed(seen, control, plan, False, check)
            begins = first.act + check.judgement.worth < first.wait
            assert alone.failed[0, 0] == (begins and asked == needs - 1)


@pytest.mark.parametrize(
    ("ego", "other", "strikes"),
    [
        ((100, 1.09, 0, 10), (85, 1.09, 0, 30), False),
        ((100, 1.11, 0, 10), (85, 1.11, 0, 30), True),
        ((100, -1.11, 0, 10), (85, -1.11, 0, 30), True),
        ((100, 5.09, 0, 10), (85, 5.09, 0, 30), False),
        ((100, 5.11, 0, 10), (85, 5.11, 0, 30), True),
        ((100, 50.0, 0, 10), (85, 50.0, 0, 30), False),  # on no lane it leaves none
    ],
)
def test_who_strikes_from_behind_is_to_blame_while_the_ego_is_in_its_lane(
    ego: tuple[float, ...], other: tuple[float, ...], strikes: bool
) -> None:
    """It may be over the edge by 0.1 m: half of it is 1 m wide, half of the lane 2 m."""
    seen = observation([two_lanes()], [ego], [[other]])
    assert (decided(seen)[0].value[0, 0] > 0.0) == strikes


def test_behind_its_end_no_lane_is_left() -> None:
    seen = observation([two_lanes()], [(599.5, 1.0, 0, 10)], [[(583.5, 1.5, 0, 22)]])
    assert decided(seen, plan=straight_plan(seen, aside=2.0))[0].value[0, 0] == 0.0
    seen = observation([two_lanes()], [(499.5, 1.0, 0, 10)], [[(483.5, 1.5, 0, 22)]])
    assert decided(seen, plan=straight_plan(seen, aside=2.0))[0].value[0, 0] > 0.0


@pytest.mark.parametrize(("aside", "there"), [(0.0499, False), (0.05, True), (0.052, True)])
@pytest.mark.parametrize("side", [1, -1])
def test_a_shift_of_less_than_half_a_decimetre_is_none(
    aside: float, there: bool, side: int
) -> None:
    _, own = laid(two_lanes(), (100, 0, 0, 10))
    ego = Ego(np.array([[100.0, 0, 0, 10]]), *np.zeros((2, 1)), SIZE[None], np.zeros((1, 2)))
    options = np.array([[Path.LANE, side, Speeds.HOLD], [Path.RIGHT, 0, Speeds.HOLD]])
    model = Model(
        options, TRIED, *(parameter_table(part()) for part in (Beliefs, Abilities, Judgement))
    )
    risks = [
        option_risk(0, o, 0, aside, 0.0, 9.0, lanes_of(two_lanes()), 1, ego, np.zeros((1, 4)), 0,
                    0.1, 0, own.poses, model, own) for o in (0, 1)
    ]  # fmt: skip
    assert risks == [0.0 if there else math.inf, math.inf]


def test_contacts_are_looked_for_until_the_last_step_and_no_further() -> None:
    """3.5 s, 70 m, off all lanes; 1.3 m are to be left."""
    for gap, sees in ((71.2, True), (71.4, False)):
        seen = observation([two_lanes()], [(100, 50, 0, 20)], [[(105 + gap, 50, 0, 0)]])
        assert decided(seen)[0].has_object[0, 0] == sees
    seen = observation([two_lanes()], [(-72, 0, 0, 20)], [[(-40, 10, 0, 0)]])
    assert not decided(seen)[0].has_object[0, 0], "where nothing is foreseen nobody is"


def test_who_waits_waits_whole_steps() -> None:
    """Of 0.247 s these are two: 4 m, 25 m to a stop, and 1.3 m are to be left."""
    check = WhatIf(0.05, judgement=Judgement(late=0.247))
    assert decided(walled(31.0), check=check)[0].value[0, 0] == 0.0
    assert decided(walled(29.5), check=check)[0].value[0, 0] > 0.0


def test_who_stands_and_is_run_into_costs_half() -> None:
    seen = observation([two_lanes()], [(100, 0, 0, 0)], [[(112, 0.2, math.pi, 6)]])
    plan, control, check = straight_plan(seen), np.array([-1.0, 0.0]), WhatIf(0.05)
    wanted = weighed(seen, control, plan, False, check)
    found, _ = decided(seen, (-1.0, 0.0), plan)
    assert 0.4 < found.value[0, 0] < 0.7
    assert found.value[0, 0] == pytest.approx(wanted.wait)
    assert found.limit[0, 0] == pytest.approx(wanted.act)


def test_what_hardly_costs_anything_is_not_weighed() -> None:
    seen = observation([two_lanes()], [(100, 0, 0, 20)], [[(115, 0, 0, 20)]])
    found, memory = decided(seen, check=WhatIf(0.05, Beliefs(braking=1e-3)))
    assert not memory.acting[0]
    assert found.value[0, 0] == found.limit[0, 0] == pytest.approx(1.1e-3, rel=0.1)
