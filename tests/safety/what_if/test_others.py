"""Futures of others: known answers on straight lanes and bends, and weights that add up."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from drivestack.core.map import Map
from drivestack.core.parameters import parameter_table
from drivestack.core.types import Floats
from drivestack.roads.build import circular, sine, straight
from drivestack.roads.lane_tables import lanes_of
from drivestack.roads.links import links_of
from drivestack.roads.ways import STRETCHES, WAYS
from drivestack.safety.what_if.likelihood import drifting_fits, leaving, way_fits
from drivestack.safety.what_if.others import FACTS, ROWS, foresee
from drivestack.safety.what_if.parameters import Beliefs
from drivestack.safety.what_if.trace import COLUMNS, POINTS, trace
from tests.scenes import bend, road_map, two_lanes

STEP, STEPS = 0.1, 40
OWN = Beliefs()


def futures(
    map: Map, state: tuple[float, ...], gain: float = 0.0, turn: float = 0.0, behind: bool = False,
    is_car: bool = True, own: Beliefs = OWN,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Facts and poses of one car of 5 x 2 m, written below a row that is somebody else's."""
    facts, poses = np.full((ROWS + 1, FACTS), np.nan), np.full((ROWS + 1, STEPS + 1, 4), np.nan)
    rows = foresee(
        lanes_of(map), links_of(map), 7, np.array(state, np.float64), np.array([5.0, 2.0]), is_car,
        gain, turn, behind, STEP, np.zeros(WAYS, np.int64), np.zeros((WAYS, STRETCHES), np.int64),
        np.zeros((POINTS, COLUMNS)), parameter_table(own)[0], facts, poses, 1,
    )  # fmt: skip
    assert np.isnan(facts[[0, *range(rows, len(facts))]]).all()
    assert np.isnan(poses[[0, *range(rows, len(facts))]]).all()
    assert (facts[1:rows, [0, 2, 3]] == [7, 5.0, 2.0]).all()
    return facts[1:rows], poses[1:rows]


def test_who_keeps_to_a_straight_lane_goes_straight_on_or_brakes() -> None:
    facts, poses = futures(two_lanes(), (100, 0, 0, 10))
    assert facts[:, 1].tolist() == [1.0, OWN.braking]
    np.testing.assert_allclose(poses[0, :, 0], 100 + 10 * STEP * np.arange(STEPS + 1))
    np.testing.assert_allclose(poses[0, :, 1:3], 0.0, atol=1e-12)
    assert poses[1, -1, 3] == 0.0
    assert poses[1, -1, 0] == pytest.approx(100 + 10**2 / 12, abs=0.6)


def test_in_a_bend_it_follows_the_lane() -> None:
    _, poses = futures(bend(), (70, 0, 0, 10))
    radius = np.hypot(poses[0, 15:40, 0] - 80, poses[0, 15:40, 1] - 40)
    np.testing.assert_allclose(radius, 40.0, atol=0.2)
    assert poses[0, 40, 2] > 0.5


def test_who_drifts_may_be_leaving_until_it_is_in_the_next_lane() -> None:
    facts, poses = futures(two_lanes(), (100, 0.5, math.asin(0.12), 10))
    assert facts[:2, 1].sum() == pytest.approx(1.0)
    assert facts[1, 1] == OWN.surest
    sideways = np.minimum(0.5 + 1.2 * STEP * np.arange(STEPS + 1), 4.0)
    np.testing.assert_allclose(poses[1, :, 1], sideways)


def test_who_straddles_a_line_keeps_to_the_lane_that_it_is_in() -> None:
    """Beside it, on either side of the line, at 0.4 m/s: the next lane is for who changes lanes."""
    inside, outside = (futures(two_lanes(), (100, y, 0.04, 10))[0][:, 1] for y in (1.9, 2.1))
    # rows: the lane that it is in, the other one, leaving if it does, braking
    assert (len(inside), len(outside)) == (4, 3)
    keeps = OWN.leaving / (1.0 + OWN.leaving)
    assert inside[1] / (inside[0] + inside[1]) == pytest.approx(keeps)
    # it moves to the middle of its new lane, and not to that of the old one
    back = OWN.leaving * math.exp(-0.5 * (OWN.own / OWN.offset) ** 2)
    assert outside[1] / outside[0] == pytest.approx(back)


def test_who_turns_in_gets_faster_sideways() -> None:
    _, steady = futures(two_lanes(), (100, 0, 0.05, 10))
    _, rising = futures(two_lanes(), (100, 0, 0.05, 10), turn=0.1)
    assert rising[1, 10, 1] > steady[1, 10, 1] + 0.1


def test_a_firm_acceleration_is_carried_on_for_a_while() -> None:
    _, poses = futures(two_lanes(), (100, 0, 0, 10), gain=-2.0)
    assert poses[0, -1, 3] == pytest.approx(10 - 2.0 * OWN.carried)
    _, poses = futures(two_lanes(), (100, 0, 0, 10), gain=0.3)
    assert poses[0, -1, 3] == 10.0


def test_who_comes_from_behind_yields_and_is_not_feared_to_brake() -> None:
    facts, poses = futures(two_lanes(), (100, 0, 0, 20), behind=True)
    assert len(facts) == 1
    assert poses[0, 10, 3] == 20.0
    assert poses[0, 20, 3] == pytest.approx(20.0 - OWN.yields * 1.0)


def test_who_is_no_car_goes_straight_on_or_stops() -> None:
    facts, poses = futures(two_lanes(), (100, 0, 1.0, 1.5), is_car=False)
    assert facts[:, 1].tolist() == [0.8, 0.2]
    assert poses[0, -1, :2].tolist() == pytest.approx(
        [100 + 1.5 * 4 * math.cos(1.0), 1.5 * 4 * math.sin(1.0)]
    )
    assert poses[1, -1, 3] == 0.0
    facts, _ = futures(two_lanes(), (100, 0, 1.0, 0.0), is_car=False)
    assert facts[:, 1].tolist() == [1.0]


@pytest.mark.parametrize("state", [(100, 0, 0.04, 12), (100, 3.0, -0.05, 20), (100, 1.9, 0, 5)])
def test_mirrored_futures_are_mirrored(state: tuple[float, ...]) -> None:
    x, y, yaw, v = state
    facts, poses = futures(two_lanes(), state, turn=0.02)
    other, mirrored = futures(two_lanes(), (x, 4 - y, -yaw, v), turn=-0.02)
    np.testing.assert_allclose(facts, other, atol=1e-12)
    np.testing.assert_allclose(poses[:, :, 1], 4 - mirrored[:, :, 1], atol=1e-9)
    np.testing.assert_allclose(poses[:, :, [0, 3]], mirrored[:, :, [0, 3]], atol=1e-9)


LANE = Callable[[Floats, Floats], Floats]
"""Poses (n, 3) of a body that follows a lane, so far along it and to its left [m]."""


def along_x(s: Floats, off: Floats) -> Floats:
    """Lane 1 of two: along x."""
    return np.stack([s, off, 0.0 * s], axis=1)


def along_the_bend(s: Floats, off: Floats) -> Floats:
    """The quarter circle of 40 m radius; the body's middle slips by sin(slip) = 2.5 m / 40 m."""
    angle, radius = s / 40.0, 40.0 - off
    x, y = 80.0 + radius * np.sin(angle), 40.0 - radius * np.cos(angle)
    return np.stack([x, y, angle - math.asin(2.5 / 40.0)], axis=1)


def speeds(v: float, rates: npt.ArrayLike) -> Floats:
    """(S + 1,) speeds after so many accelerations one after another; nobody reverses."""
    found = [v]
    for rate in np.asarray(rates, np.float64):
        found.append(max(found[-1] + rate * STEP, 0.0))
    return np.array(found)


TIME = STEP * np.arange(STEPS)
"""When each step begins."""


@pytest.mark.parametrize(("lane", "bend_of", "at"), [
    (along_x, 0.0, 100.0), (along_the_bend, 1.0 / 40.0, 10.0),
])  # fmt: skip
@pytest.mark.parametrize(("off", "slip", "excess", "gain", "behind"), [
    (0.7, 0.05, 0.0, 0.0, False), (-0.3, -0.15, 0.02, -2.0, False), (0.4, -0.15, -0.3, 0.6, False),
    (-1.5, 0.12, 0.1, 0.5, False), (1.0, 0.12, 0.6, -9.0, False), (0.1, 0.15, -0.4, 9.0, False),
    (-0.1, 0.27, 1.5, 0.0, True), (1.2, 0.0, 0.0, 0.6, True),
])  # fmt: skip
def test_what_is_written_down_is_what_is_computed(
    lane: LANE, bend_of: float, at: float, off: float, slip: float, excess: float, gain: float,
    behind: bool,
) -> None:  # fmt: skip
    """One way, on the lane's middle line or beside it, drifting, turning in, braking."""
    v = 8.0
    x, y, yaw = lane(np.array([at]), np.array([off]))[0]
    turn, aside = v * bend_of + excess, v * math.sin(slip)
    map = two_lanes() if bend_of == 0.0 else bend()
    own = replace(OWN, alike=0.0, settling=0.5)
    facts, poses = futures(map, (x, y, yaw + slip, v), gain, turn, behind, own=own)

    most = max(abs(off), own.own)
    aim = min(max(off + 0.5 * aside, -most), most)
    left = np.exp(-STEP * np.arange(STEPS + 1) / 0.5)

    def keeps(speed: Floats) -> Floats:
        gone = np.concatenate([[0.0], np.cumsum(STEP * speed[1:])])
        found = lane(at + gone, aim + (off - aim) * left)
        found[:, 2] += slip * left
        return np.column_stack([found, speed])

    believed = min(max(gain, -own.most), own.rise) if abs(gain) > own.firm else 0.0
    carried = believed * (TIME < own.carried - 1e-6)
    mine = speeds(v, -own.yields * (TIME > own.reaction - 1e-6) if behind else carried)
    spread = own.wander + v * v * bend_of * own.early
    far = min(max(math.copysign(off, off * aside), 0.0), own.own) / own.offset
    density = math.exp(-0.5 * ((aside / spread) ** 2 + far**2)) / math.tau / spread / own.offset
    likely = leaving(density, aside, parameter_table(own)[0])
    leaves = likely > own.least
    weights = [1.0 - likely] + ([likely] if leaves else []) + ([] if behind else [own.braking])
    assert facts[:, 1] == pytest.approx(weights)
    np.testing.assert_allclose(poses[0], keeps(mine), atol=3e-3)
    if not behind:
        np.testing.assert_allclose(poses[-1], keeps(speeds(v, 0.0 * TIME - own.brake)), atol=3e-3)
    if leaves:
        growth = v * excess if v * excess * aside > 0.0 and v * abs(excess) > own.growth else 0.0
        rising = (TIME < own.rising - 1e-6) * abs(growth) * STEP
        fastest = max(own.fastest, abs(aside))
        sideways = np.minimum(abs(aside) + np.cumsum(rising), fastest) * np.sign(aside)
        way = off + np.concatenate([[0.0], np.cumsum(sideways * STEP)])
        beside = 4.0 * np.sign(aside)
        way = np.minimum(way, beside) if aside > 0.0 else np.maximum(way, beside)
        gone = np.concatenate([[0.0], np.cumsum(STEP * mine[1:])])
        expected = lane(at + gone, way)
        expected[1:, 2] += np.arctan2(np.diff(way) / STEP, np.maximum(mine[1:], 1.0))
        np.testing.assert_allclose(poses[1], np.column_stack([expected, mine]), atol=3e-3)


STEM, ON = straight((0, 0), (100, 0)), straight((100, 0), (400, 0))
OFF = circular((100, 30), 30.0, -np.pi / 2, np.pi / 2)
FORK = road_map("fork", {("a", "b"): [STEM], ("b", "c"): [ON], ("b", "d"): [OFF]})
TURNED = road_map("turned", {("a", "b"): [STEM], ("b", "d"): [OFF], ("b", "c"): [ON]})
"""The same, but whoever turns off is the first."""

HELD = replace(OWN, brake=0.0)
"""Who brakes all of a sudden drives as who keeps on, so that its way can be told."""


@pytest.mark.parametrize(("map", "on", "off"), [(FORK, 0, 1), (TURNED, 1, 0)])
@pytest.mark.parametrize(("x", "turn"), [(80.0, 0.0), (99.0, 0.0), (99.0, 0.25)])
def test_where_a_lane_forks_each_way_has_its_weight(
    map: Map, on: int, off: int, x: float, turn: float
) -> None:
    v, aside, slip = 8.0, 0.4, 0.08
    facts, poses = futures(map, (x, aside, slip, v), -0.3, turn, own=HELD)
    drift, own, table = v * math.sin(slip), parameter_table(HELD)[0], np.zeros((POINTS, COLUMNS))
    fits, drifts = np.zeros(2), np.zeros(2)
    for w, lane in enumerate((1, 2)):
        way = np.array([0, lane, *[-1] * (STRETCHES - 2)])
        count, spacing = trace(lanes_of(map), way, x, 5.0, v * STEP * STEPS + 1.0, table)
        fits[w] = way_fits(table, count, spacing, v, -0.3, turn, False, own)
        drifts[w] = fits[w] * drifting_fits(table, count, spacing, v, aside, drift, False, own)
    assert x < 90.0 or fits.argmax() == (on if turn == 0.0 else off)
    likely = leaving(drifts.sum() / fits.sum(), drift, own)
    assert likely > OWN.least
    weights = [*drifts * (1.0 - likely) / drifts.sum(), likely, OWN.braking]
    assert facts[:, 1] == pytest.approx(weights)
    assert abs(poses[on, -1, 1]) < 1.0
    assert poses[off, -1, 1] > 2.0
    chosen = int(fits.argmax())
    np.testing.assert_array_equal(poses[3], poses[chosen])
    # and who leaves, leaves the way that fits best
    spread = np.hypot(*(poses[2, -1, :2] - poses[chosen, -1, :2]))
    assert 1.0 < spread < 4.0


def test_between_two_lanes_the_nearer_one_is_believed_first() -> None:
    facts, poses = futures(two_lanes(), (100, 1.9, 0.0, 5), own=HELD)
    assert len(facts) == 3
    np.testing.assert_allclose(poses[0, :, 1], 1.9)
    assert poses[1, -1, 1] == pytest.approx(4.0, abs=0.01)
    np.testing.assert_array_equal(poses[2], poses[0])
    assert facts[:, 1].tolist() == pytest.approx([facts[0, 1], 1.0 - facts[0, 1], OWN.braking])
    nothing, _ = futures(two_lanes(), (100, 1.9, 0.0, 5), own=replace(HELD, alike=0.1))
    assert nothing[:, 1].tolist() == [1.0, OWN.braking]


def test_who_is_farther_out_than_the_next_lane_goes_no_farther() -> None:
    lone = road_map("lone", {("a", "b"): [straight((0, 0), (600, 0))]})
    own = replace(OWN, aside=3.0)
    for side in (1.0, -1.0):
        facts, poses = futures(lone, (100, 4.4 * side, 0.12 * side, 10), own=own)
        assert facts[1, 1] == OWN.surest
        np.testing.assert_allclose(poses[1, :, 1], 4.4 * side)
        assert poses[0, -1, 1] == pytest.approx(0.0, abs=0.02), "into its lane"


def test_at_the_edge_of_its_lane_one_stays_and_beyond_it_comes_back() -> None:
    lone = road_map("lone", {("a", "b"): [straight((0, 0), (600, 0))]})
    for y, end in ((2.0, 2.0), (2.001, 0.0), (-2.0, -2.0), (-2.001, 0.0)):
        assert futures(lone, (100, y, 0, 5))[1][0, -1, 1] == pytest.approx(end, abs=0.01)


def test_who_turns_off_as_nobody_drifts_keeps_to_no_way() -> None:
    """Its drift is so fast that keeping to the lane has a likelihood of 0."""
    lone = road_map("lone", {("a", "b"): [straight((0, 0), (600, 0))]})
    assert futures(lone, (100, 0, 0.9, 20))[0][:, 1].tolist() == [0.0, 1.0, OWN.braking]


def test_the_next_lane_is_no_way_of_who_slips_outwards_in_a_bend() -> None:
    """Its axle follows the lane, its middle points a little outwards."""
    lanes = [circular((80, 40), r, -np.pi / 2, 0.0) for r in (40.0, 44.0)]
    x, y, yaw = along_the_bend(np.array([20.0]), np.array([-1.5]))[0]
    assert (
        len(futures(road_map("wide", {("a", "b"): lanes}), (x, y, yaw, 25.0), 0.0, 0.625)[0]) == 2
    )


def test_a_way_is_no_longer_than_who_brakes_may_get() -> None:
    assert len(futures(FORK, (66.5, 0, 0, 8), gain=-2.0)[0]) == 2
    assert len(futures(FORK, (67.5, 0, 0, 8), gain=-2.0)[0]) == 3


@pytest.mark.parametrize("heading", [0.0, 0.5 * math.pi])
def test_a_bend_is_measured_where_one_is(heading: float) -> None:
    """Atop a swinging lane: who turns as the lane does gets no faster aside."""
    c, s, top = math.cos(heading), math.sin(heading), 0.5 * np.pi / 0.05
    lane = sine((0, 0), (400 * c, 400 * s), amplitude=4.0, pulsation=0.05, phase=0.0)
    map = road_map("swings", {("a", "b"): [lane]})
    state = (top * c - 4.0 * s, top * s + 4.0 * c, heading - 0.1, 10.0)
    steady, follows = (futures(map, state, turn=turn)[1][1] for turn in (0.0, -0.1))
    np.testing.assert_array_equal(steady, follows)
    assert np.hypot(*(futures(map, state, turn=-0.15)[1][1] - steady)[10, :2]) > 0.1


def test_who_is_just_as_slow_as_stands_stands() -> None:
    for v, rows in ((OWN.standing, 1), (OWN.standing + 1e-6, 2)):
        assert len(futures(two_lanes(), (100, 0, 0, v))[0]) == rows
        assert len(futures(two_lanes(), (100, 0, 0, v), is_car=False)[0]) == rows
    facts, poses = futures(two_lanes(), (100, 50, 0.5, 3.0), own=replace(OWN, yields=0.5))
    assert facts[:, 1].tolist() == [0.8, 0.2]
    expected = speeds(3.0, np.full(STEPS, -0.5))
    np.testing.assert_allclose(poses[1, :, 3], expected)
    gone = np.concatenate([[0.0], np.cumsum(STEP * expected[1:])])
    np.testing.assert_allclose(poses[1, :, 0], 100 + gone * math.cos(0.5))
    np.testing.assert_allclose(poses[1, :, 1], 50 + gone * math.sin(0.5))
    assert (poses[:, :, 2] == 0.5).all()


def test_limits_that_are_just_met() -> None:
    """A firm acceleration is more than `firm`; who leaves is likelier than `least`."""
    exact = replace(OWN, firm=0.5)
    assert (futures(two_lanes(), (100, 0, 0, 10), gain=0.5, own=exact)[1][0, :, 3] == 10.0).all()
    facts, _ = futures(two_lanes(), (100, 0.2, 0.04, 10))
    likely = facts[1, 1]
    assert len(facts) == 3
    for least, rows in ((likely, 2), (likely - 1e-9, 3)):
        assert (
            len(futures(two_lanes(), (100, 0.2, 0.04, 10), own=replace(OWN, least=least))[0])
            == rows
        )
    # a lateral speed that grows by no more than `growth` does not
    state = (100, 0.0, math.asin(0.1), 10)
    for growth, grows in ((1.0, False), (0.999, True)):
        _, poses = futures(two_lanes(), state, turn=0.1, own=replace(OWN, growth=growth))
        assert (poses[1, 10, 1] > 1.05) == grows


def test_a_reach_grows_with_the_speed_that_is_gained() -> None:
    """Or the bend behind the straight would not be in the trace."""
    _, poses = futures(bend(), (45, 0, 0, 10), gain=2.0)
    gone = 45.0 + np.cumsum(STEP * poses[0, 1:, 3])[-1]
    assert gone > 80.0
    expected = along_the_bend(np.array([gone - 80.0]), np.zeros(1))[0]
    np.testing.assert_allclose(poses[0, -1, :3], expected, atol=0.02)
