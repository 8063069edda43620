"""RSS between two: places on lanes and headings, and each rule to the very distance."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.parameters import parameter_table
from drivestack.roads.lane_tables import lanes_of
from drivestack.safety.monitors.rss import RssMonitor
from drivestack.safety.monitors.rss_rules import (
    CROSSING,
    OPPOSITE,
    SAME,
    Place,
    constellation,
    crossing_is_safe,
    gaps,
    needed_across,
    needed_along,
    on_the_heading,
    on_the_lane,
    walker_is_safe,
)
from drivestack.safety.reference import rss
from tests.scenes import bend, two_lanes

RULES = RssMonitor(
    0.05, response=0.8, other_response=1.5, accel=2.0, brake_min=4.0, brake_max=8.0,
    brake_correct=3.0, lateral_accel=0.3, lateral_brake=0.7, fluctuation=0.15, most=50.0,
)  # fmt: skip
OWN = parameter_table(RULES)[0]
SIZE, BOX = np.array([5.0, 2.0]), np.array([8.0, 2.5])


def stop(v: float, response: float, accel: float, brake: float) -> float:
    return float(rss.stopping(v, response, accel, brake, 50.0).metres)


@pytest.mark.parametrize("turn", [0.0, 0.6, 2.0, -2.5])
def test_places_on_a_lane_and_along_a_heading(turn: float) -> None:
    c, s = math.cos(turn), math.sin(turn)
    shape = (abs(c) * 8.0 + abs(s) * 2.5, abs(s) * 8.0 + abs(c) * 2.5)
    lanes = lanes_of(bend())
    arc = 0.7
    x, y = 80.0 + 38.5 * math.sin(arc), 40.0 - 38.5 * math.cos(arc)
    near, place = on_the_lane(lanes.lanes[1], lanes.points, np.array([x, y, arc + turn, 6.0]), BOX,
                              0.0)  # fmt: skip
    assert near
    assert tuple(place) == pytest.approx((28.0, 1.5, 6.0 * c, 6.0 * s, *shape, turn))
    ego = np.array([10.0, 20.0, 0.5, 3.0])
    ahead, left = math.cos(0.5), math.sin(0.5)
    state = np.array([10 + 7 * ahead + 2 * left, 20 + 7 * left - 2 * ahead, 0.5 + turn, 6.0])
    place = on_the_heading(ego, state, BOX)
    assert tuple(place) == pytest.approx((7.0, -2.0, 6.0 * c, 6.0 * s, *shape, turn))


@pytest.mark.parametrize(
    ("x", "near"), [(-20.0, True), (-20.001, False), (620.0, True), (620.001, False)]
)
def test_a_lane_is_of_use_some_way_beyond_its_ends(x: float, near: bool) -> None:
    lanes = lanes_of(two_lanes())
    state = np.array([x, 0.0, 0.0, 5.0])
    assert on_the_lane(lanes.lanes[1], lanes.points, state, BOX, 20.0)[0] == near


def place(s: float, along: float, lateral: float = 0.0, across: float = 0.0, length: float = 5.0,
          width: float = 2.0, turn: float = 0.0) -> Place:  # fmt: skip
    return Place(s, lateral, along, across, length, width, turn)


def test_constellations_end_at_45_and_135_degrees() -> None:
    quarter = 0.25 * math.pi
    for turn, wanted in (
        (0.0, SAME), (quarter, SAME), (quarter + 1e-9, CROSSING), (3.0 * quarter - 1e-9, CROSSING),
        (3.0 * quarter, OPPOSITE), (math.pi, OPPOSITE),
    ):  # fmt: skip
        for one, other in ((0.0, turn), (turn, 0.0), (0.0, -turn)):
            assert constellation(place(0, 0, turn=one), place(0, 0, turn=other)) == wanted
    assert constellation(place(0, 0, turn=3.0), place(0, 0, turn=-3.0)) == SAME
    assert constellation(place(0, 0, turn=1.0), place(0, 0, turn=2.5)) == CROSSING


def test_gaps_are_between_bodies() -> None:
    one, other = place(10, 0, 1.0, length=4, width=2), place(20, 0, -3.0, length=6, width=3)
    assert gaps(one, other) == gaps(other, one) == (5.0, 1.5)
    assert gaps(one, place(11, 0, 1.5, length=6, width=3)) == (-4.0, -2.0)


@pytest.mark.parametrize(
    ("v", "w"), [(20.0, 8.0), (8.0, 20.0), (-3.0, 10.0), (10.0, -3.0), (60.0, 20.0), (20.0, 60.0),
                 (0.5, 0.2)],
)  # fmt: skip
def test_along_the_same_way(v: float, w: float) -> None:
    """Speeds are between none and the most that RSS takes."""
    mine, his = min(max(v, 0.0), 50.0), min(max(w, 0.0), 50.0)
    behind = max(stop(mine, 0.8, 2.0, 4.0) - his**2 / 16.0, 0.0)
    ahead = max(stop(his, 1.5, 2.0, 4.0) - mine**2 / 16.0, 0.0)
    for s, wanted in ((1.0, behind), (0.0, behind), (-1.0, ahead)):
        assert needed_along(place(7, v), place(7 + s, w), False, OWN) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("v", "w"), [(20.0, -8.0), (0.0, -8.0), (20.0, 8.0), (60.0, -60.0), (3.0, 0.0)]
)
def test_towards_each_other(v: float, w: float) -> None:
    wanted = stop(min(v, 50.0), 0.8, 2.0, 3.0) + stop(min(abs(w), 50.0), 1.5, 2.0, 4.0)
    assert needed_along(place(7, v), place(8, w), True, OWN) == pytest.approx(wanted)
    for s in (7, 6):
        assert needed_along(place(7, v), place(s, w), True, OWN) == 0.0, "they have passed"


def test_who_drives_against_the_lane_has_the_other_ahead_at_less() -> None:
    wanted = stop(0.0, 0.8, 2.0, 3.0) + stop(5.0, 1.5, 2.0, 4.0)
    assert needed_along(place(7, -4), place(6, 5), True, OWN) == pytest.approx(wanted)
    for s in (7, 8):
        assert needed_along(place(7, -4), place(s, 5), True, OWN) == 0.0


@pytest.mark.parametrize("mine", [0.5, -0.2, -2.0])
@pytest.mark.parametrize("his", [0.4, -0.3, -0.9])
def test_across(mine: float, his: float) -> None:
    for lateral, side in ((3.0, 1.0), (1.0, 1.0), (-3.0, -1.0)):
        wanted = rss.lateral(side * mine, side * his, 0.8, 1.5, 0.3, 0.7, 0.15).metres
        found = needed_across(place(0, 9, 1.0, mine), place(0, 9, lateral, his), OWN)
        assert found == pytest.approx(float(wanted))


def test_who_part_need_no_room_beside() -> None:
    assert needed_across(place(0, 9, 0.0, -3.0), place(0, 9, 3.0, 3.0), OWN) == 0.0


PLAIN = replace(RULES, response=1.0, other_response=2.0, accel=0.0)
"""Who does not accelerate needs v + v^2 / 8 to stop, and the other 2 w + w^2 / 8."""


def crossing(
    mine_in: float, v: float, theirs_in: float, w: float, first: int = 0, rules: RssMonitor = PLAIN
) -> bool:
    """The crossing is 7.5 m long for the ego and 10 m for the other."""
    ego = np.array([0.0, 0.0, 0.0, v])
    other = np.array([mine_in + 3.75, -theirs_in - 5.0, 0.5 * math.pi, w])
    safe, way, need = crossing_is_safe(ego, SIZE, other, BOX, first, parameter_table(rules)[0])
    assert way == pytest.approx(mine_in)
    expected = stop(min(max(v, 0.0), 50.0), rules.response, rules.accel, 4.0)
    assert need == pytest.approx(expected)
    return bool(safe)


@pytest.mark.parametrize(
    ("mine_in", "v", "theirs_in", "w", "first", "safe"),
    [
        # the ego stops in 16 m
        (16.25, 8.0, 0.5, 8.0, 0, True),
        (16.0, 8.0, 16.0, 8.0, 0, False),
        (16.25, 8.0, 16.0, 8.0, -1, True),
        (16.25, 8.0, 16.0, 8.0, 0, True),
        (16.25, 8.0, 16.0, 8.0, 1, False),  # but it does not have to
        # he stops in 24 m
        (10.0, 8.0, 24.25, 16.0, 0, False),
        (10.0, 8.0, 24.25, 8.0, 0, True),
        (5.75, 4.0, 24.25, 8.0, 0, True),
        (20.5, 8.0, 24.0, 8.0, 1, False),
        (20.5, 8.0, 24.25, 8.0, 1, True),
        (5.5, 4.0, 24.25, 8.0, -1, False),  # but he does not have to
        # the ego is through after 16 m, in 2 s, he reaches it then or later
        (8.5, 8.0, 16.0, 8.0, 0, False),
        (8.5, 8.0, 16.25, 8.0, 0, True),
        # he is through after 16 m, in 2 s, the ego reaches it then or later
        (16.0, 8.0, 6.0, 8.0, 0, False),
        (16.0, 8.0, 5.75, 8.0, 0, True),
        (24.0, 12.0, 6.0, 8.0, 0, False),
        (24.0, 12.0, 5.75, 8.0, 0, True),
        (8.5, 8.0, 32.25, 16.0, 0, True),
        (8.5, 8.0, 32.0, 16.0, 0, False),
        # one is through
        (-7.5, 8.0, 1.0, 8.0, 0, True),
        (-7.5, 8.0, -2.0, 8.0, 0, True),
        (-7.25, 8.0, -1.0, 8.0, 0, False),
        (-2.0, 8.0, -10.0, 8.0, 0, True),
        (1.0, 8.0, -10.0, 8.0, 0, True),
        (1.0, 8.0, -9.75, 1.0, 0, False),
        (1.0, 8.0, -9.75, 64.0, 0, True),  # just before the ego comes
    ],
)
def test_crossings(
    mine_in: float, v: float, theirs_in: float, w: float, first: int, safe: bool
) -> None:
    assert crossing(mine_in, v, theirs_in, w, first) == safe


@pytest.mark.parametrize(
    ("mine_in", "v", "theirs_in", "w", "safe"),
    [
        (0.25, 0.0, 0.25, 9.0, True),
        (0.25, -1.0, 0.25, 9.0, True),
        (0.0, 0.0, -1.75, 9.0, False),  # it stands on the crossing
        (-1.0, 0.0, 0.25, 9.0, False),
        (0.25, 9.0, 0.25, 0.0, True),
        (0.25, 9.0, 0.0, 0.0, False),
        (0.25, 9.0, -1.0, -2.0, False),
        (0.25, 0.0, -1.0, 0.0, True),
        (-1.0, 0.0, 0.25, 0.0, True),
        (-1.0, 0.0, -1.0, 0.0, False),
        # who creeps does not
        (0.75, 0.5, 0.25, 9.0, True),
        (0.25, 9.0, 0.75, 0.5, True),
        (0.25, 0.5, -1.0, 0.0, False),
        (-1.0, 0.0, 0.25, 0.5, False),
    ],
)
def test_who_stands_before_a_crossing_stays_there(
    mine_in: float, v: float, theirs_in: float, w: float, safe: bool
) -> None:
    """RSS would else have a standing car set off at once, which takes 0.96 and 3.375 m."""
    assert crossing(mine_in, v, theirs_in, w, 0, RULES) == safe


@pytest.mark.parametrize(("v", "need"), [(50.0, 362.5), (60.0, 362.5)])
def test_no_speed_is_above_the_most_at_crossings(v: float, need: float) -> None:
    """v + v^2 / 8 at 50 m/s; and 2 w + w^2 / 8."""
    assert crossing(need + 1.0, v, 5.0, 30.0, -1)
    assert not crossing(need - 1.0, v, 30.0 * (need + 3.0) / v, 30.0, -1)
    assert crossing(10.0, 40.0, 413.5, v, 1)
    assert not crossing(40.0 * 411.5 / v, 40.0, 411.5, v, 1)


WALKING = replace(PLAIN, walker_response=0.5, walker_accel=0.0, walker_brake=4.0)
HUGE = np.array([6.0, 8.0])
"""5 m from its middle to a corner: at 2 m/s it gets 1.5 m on, 6.5 m in all."""


@pytest.mark.parametrize(
    ("x", "y", "v", "w", "way", "safe"),
    [
        (24.5, 3.5, 8.0, 2.0, 16.0, False),
        (24.75, 3.5, 8.0, 2.0, 16.25, True),
        (24.5, -3.5, 8.0, -2.0, 16.0, False),
        (24.75, 0.5, 8.0, 2.0, 15.75, False),
        (25.25, -0.5, 8.0, 2.0, 16.25, True),
        (10.0, 7.5, 8.0, 2.0, math.inf, True),
        (10.0, -7.25, 8.0, 2.0, 10.0 - 2.5 - math.sqrt(6.5**2 - 6.25**2), False),
        (10.0, 7.49, 8.0, 2.0, 10.0 - 2.5 - math.sqrt(6.5**2 - 6.49**2), False),
        (0.0, 0.0, 8.0, 2.0, math.inf, True),
        (0.25, 0.0, 8.0, 2.0, -8.75, False),
        (10.0, 0.0, -3.0, 2.0, 1.0, True),
        (9.0, 0.0, -3.0, 2.0, 0.0, False),
        (372.0, 0.0, 60.0, 2.0, 363.0, True),
        (370.0, 0.0, 60.0, 2.0, 361.0, False),
        (365.0, 0.0, 8.0, 60.0, 20.0, True),
    ],
)  # fmt: skip
@pytest.mark.parametrize("yaw", [0.0, 2.2])
def test_walkers(
    x: float, y: float, v: float, w: float, way: float, safe: bool, yaw: float
) -> None:
    """Half of the ego is 2.5 m long and 1 m wide; it needs v + v^2 / 8 to stop."""
    c, s = math.cos(yaw), math.sin(yaw)
    ego = np.array([3.0, 4.0, yaw, v])
    other = np.array([3.0 + x * c - y * s, 4.0 + x * s + y * c, 1.0, w])
    found = walker_is_safe(ego, SIZE, other, HUGE, parameter_table(WALKING)[0])
    fast = min(max(v, 0.0), 50.0)
    if yaw == 0.0 or abs(way - found[2]) > 1e-6:
        assert found[0] == safe
    assert found[1:] == pytest.approx((way, fast + fast**2 / 8.0))


def test_a_walker_who_may_run_gets_farther() -> None:
    running = replace(WALKING, walker_accel=2.0)
    ego, other = np.array([0.0, 0.0, 0.0, 8.0]), np.array([30.0, 0.0, 0.0, 2.0])
    way = walker_is_safe(ego, SIZE, other, HUGE, parameter_table(running)[0])[1]
    assert way == pytest.approx(30.0 - 2.5 - 5.0 - stop(2.0, 0.5, 2.0, 4.0))
