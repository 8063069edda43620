"""What is decided, piece by piece: how far is looked, who is met, which paths there are, costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.geometry import boxes_overlap
from drivestack.core.map import Map
from drivestack.core.parameters import parameter_table
from drivestack.core.types import Observation, Plan, PlanSource, Verdict
from drivestack.roads.lane_tables import lanes_of
from drivestack.roads.links import links_of
from drivestack.safety.bounds import FREE
from drivestack.safety.what_if.check import Recall, WhatIf
from drivestack.safety.what_if.decide import (
    NOBODY,
    foresee_all,
    lane_under,
    lay_paths,
    look_ahead,
    reach_of,
    room_aside,
    room_for,
)
from drivestack.safety.what_if.options import Path
from drivestack.safety.what_if.parameters import Abilities, Beliefs, Judgement
from drivestack.safety.what_if.tables import Ego, Room, seen_in
from tests.safety.checked import PLAIN, say
from tests.safety.what_if.driving import straight_plan
from tests.scenes import bend, observation, two_lanes

ABLE = parameter_table(Abilities(least=2.5, most=6.0, beyond=1.0, brake=8.0, step=0.1, gain=2.5))[0]
OWN = parameter_table(Beliefs())[0]
SIZE = np.array([5.0, 2.0])


@pytest.mark.parametrize(
    ("v", "span"), [(0.0, 2.5), (12.0, 2.5), (16.0, 3.0), (40.0, 6.0), (41.0, 6.0), (-3.0, 2.5)]
)
def test_as_far_as_a_stop_and_a_second_more(v: float, span: float) -> None:
    assert look_ahead(v, ABLE) == (pytest.approx(span), round(span / 0.1))


def test_paths_reach_as_far_as_the_ego_may_get() -> None:
    assert reach_of(10.0, 3.0, ABLE) == pytest.approx(10 * 3 + 0.5 * 2.5 * 9 + 20)


def room(users: int = 3) -> Room:
    return room_for(users, ABLE)


def laid(map: Map, me: Sequence[float], reach: float = 60.0) -> tuple[int, Room]:
    state, own = np.array(me, np.float64), room()
    lanes, links = lanes_of(map), links_of(map)
    lane = lane_under(lanes, links, state, SIZE, OWN, own)
    own.spans[:] = 99
    lay_paths(lanes, links, lane, state, SIZE, reach, own)
    return int(lane), own


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


@pytest.mark.parametrize(
    ("width", "free"), [(2.0, 0.8), (2.4, 0.7), (3.0, 0.4), (3.8, 0.0), (5, 0)]
)
def test_the_shift_that_a_lane_leaves_room_for(width: float, free: float) -> None:
    able = parameter_table(Abilities(shift=0.8, edge=0.1))[0]
    me, map = np.array([100.0, 0.0, 0.0, 10.0]), lanes_of(two_lanes())
    assert room_aside(map, 1, me, width, able) == pytest.approx(free)
    assert room_aside(map, NOBODY, me, width, able) == 0.0


def met(ego: Sequence[float], other: Sequence[float], age: int = 0, frame: int = 0) -> bool:
    """Whether the other's futures are thought of."""
    seen = observation([two_lanes()], [ego], [[other]])
    seen = replace(seen, age=np.full(1, frame, np.int32),
                   tracks=replace(seen.tracks, age=np.full((1, 1), age, np.int32)))  # fmt: skip
    own, state = room(1), seen.ego
    span, steps = look_ahead(state.state[0, 3], ABLE)
    given = Ego(state.state, state.accel, state.steer, state.size, np.zeros((1, 2)))
    rows = foresee_all(0, lanes_of(seen.maps[0]), links_of(seen.maps[0]), given, seen_in(seen),
                       span, steps, OWN, ABLE, own)  # fmt: skip
    return rows > 0


@pytest.mark.parametrize(
    ("other", "wanted"),
    [
        ((130.0, 0, 0, 5), True),
        ((400.0, 0, 0, 0), False),
        ((240.0, 0, 0, 30), False),  # ahead and too fast to be caught up with
        ((103.0, 4, 0, 10), True),
        ((40.0, 0, 0, 5), False),  # behind and too slow
        ((60.0, 0, 0, 30), True),
        ((100.0, 45.0, -1.5, 10), True),
        ((200.0, 4.0, math.pi, 20), True),
        ((320.0, 4.0, math.pi, 20), False),
    ],
)
def test_who_may_be_met(other: tuple[float, ...], wanted: bool) -> None:
    assert met((100, 0, 0, 20), other) == wanted


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


def test_who_was_measured_a_while_ago_is_where_he_got_meanwhile() -> None:
    """He comes towards the ego, at first too far off."""
    ego, other = (100, 0, 0, 20), (307.0, 4.0, math.pi, 20)
    assert not met(ego, other)
    assert met(ego, other, age=20)
    assert met(ego, other, frame=20)
    assert not met(ego, (190.0, 0, 0, 30), age=60), "or too near"
    assert met(ego, (110.0, 0, 0, 5))


def decided(
    seen: Observation, control: tuple[float, float] = (0.0, 0.0), plan: Plan | None = None,
    memory: Recall | None = None, check: WhatIf | None = None,
) -> tuple[Verdict, Recall]:  # fmt: skip
    return say(check or WhatIf(0.05), seen, control, plan or straight_plan(seen), memory)


AHEAD = observation([two_lanes()], [(100, 0, 0, 20)], [[(120, 0, 0, 0)]])


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


@pytest.mark.parametrize("wanted", [1, 2, 3])
def test_as_many_ticks_as_are_asked_for(wanted: int) -> None:
    check = WhatIf(0.05, judgement=Judgement(brisk=float(wanted)))
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


def test_a_plan_that_is_none_is_straight_on() -> None:
    plan = straight_plan(AHEAD)
    none = replace(plan, source=np.full(1, PlanSource.FALLBACK, np.int32),
                   states=np.full_like(plan.states, 0.0))  # fmt: skip
    found, _ = decided(AHEAD, plan=none)
    assert found.value[0, 0] == pytest.approx(decided(AHEAD)[0].value[0, 0], rel=0.2)


def walled(gap: float, v: float = 20.0, tick: int = 100) -> Observation:
    """Somebody across all lanes ahead, so that only braking helps."""
    seen = observation([two_lanes()], [(100, 0, 0, v)], [[(105 + gap, 0, 0, 0)]], tick=tick)
    size = np.full((1, 1, 2), [5.0, 60.0])
    return replace(seen, tracks=replace(seen.tracks, size=size))


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


def test_the_first_control_turns_the_wheels_no_faster_than_they_can() -> None:
    seen = observation([two_lanes()], [(100, 1.5, 0.0, 20)], [[(112, 1.2, 0, 0)]], steer=0.3)
    memory = None
    for _ in range(3):
        found, memory = decided(seen, memory=memory)
    assert found.failed.all()
    assert abs(found.high[0, 0, 1] - 0.3) <= 1.0 * 0.05 + 1e-12


def test_a_needless_brake_costs_its_price() -> None:
    """Somebody ahead who may, but hardly will, brake."""
    seen = observation([two_lanes()], [(100, 0, 0, 20)], [[(107, 0, 0, 20)]])
    found = [decided(seen, check=WhatIf(0.05).at_price(price))[0] for price in (0.0, 0.2, 0.5)]
    values, limits = ([float(getattr(one, name)[0, 0]) for one in found]
                      for name in ("value", "limit"))  # fmt: skip
    assert values[0] == values[1] == values[2] > 0.0
    share = (limits[1] - limits[0]) / 0.2
    assert share == pytest.approx((limits[2] - limits[0]) / 0.5)
    assert 0.5 < share < 1.0, "the share of futures without a contact"


def test_where_its_lane_ends_the_ego_is_still_in_it() -> None:
    """Somebody from behind is not the ego's to avoid, there neither."""
    seen = observation([two_lanes()], [(585, 0, 0, 10)], [[(560, 0, 0, 25), (640, 0, 0, 0)]])
    found, _ = decided(seen)
    assert np.isfinite(found.value).all()
    behind = observation([two_lanes()], [(585, 0, 0, 10)], [[(560, 0, 0, 25)]])
    assert decided(behind)[0].value[0, 0] == 0.0
