"""Futures of others: known answers on straight lanes and bends, and weights that add up."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivestack.core.map import Map
from drivestack.core.parameters import parameter_table
from drivestack.core.types import Floats
from drivestack.roads.lane_tables import lanes_of
from drivestack.roads.links import links_of
from drivestack.roads.ways import STRETCHES, WAYS
from drivestack.safety.what_if.others import FACTS, ROWS, foresee
from drivestack.safety.what_if.parameters import Beliefs
from drivestack.safety.what_if.trace import COLUMNS, POINTS
from tests.scenes import bend, two_lanes

STEP, STEPS = 0.1, 40
OWN = Beliefs()


def futures(
    map: Map, state: tuple[float, ...], gain: float = 0.0, turn: float = 0.0, behind: bool = False,
    is_car: bool = True,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Facts and poses of one car of 5 x 2 m."""
    facts, poses = np.zeros((ROWS, FACTS)), np.zeros((ROWS, STEPS + 1, 4))
    rows = foresee(
        lanes_of(map), links_of(map), 7, np.array(state, np.float64), np.array([5.0, 2.0]), is_car,
        gain, turn, behind, STEP, np.zeros(WAYS, np.int64), np.zeros((WAYS, STRETCHES), np.int64),
        np.zeros((POINTS, COLUMNS)), parameter_table(OWN)[0], facts, poses, 0,
    )  # fmt: skip
    return facts[:rows], poses[:rows]


def test_who_keeps_to_a_straight_lane_goes_straight_on_or_brakes() -> None:
    facts, poses = futures(two_lanes(), (100, 0, 0, 10))
    assert facts[:, 1].tolist() == [1.0, OWN.braking]
    assert (facts[:, 0] == 7).all()
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
