"""The other side of the road: entered only if that is meant and clear."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.types import Observation, Plan, PlanSource, Verdict
from drivestack.roads.build import straight
from drivestack.safety.bounds import FREE
from drivestack.safety.wrong_way import WrongWay
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
) -> Verdict:
    seen = observation([road], [ego], [np.array(others, np.float64).reshape(-1, 4)])  # pyright: ignore
    plan = planned(seen, ego[1] if aim is None else aim)
    verdict, _ = alone(OWN, seen, plan, np.array([[0.0, steer]]))
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
    assert not said(ASTRAY[0], math.nan).failed[0, 0]


def test_the_wrong_way_where_there_is_no_right_one() -> None:
    found = said((300.0, 2.0, math.pi, 9.0), road=two_lanes())
    assert found.failed[0, 0]
    assert found.high[0, 0].tolist() == [-4.0, FREE]
    slow = said((300.0, 2.0, math.pi, 0.1), road=two_lanes())
    assert slow.high[0, 0, 0] == pytest.approx(-2.0)


def test_where_lanes_overlap_any_right_one_will_do() -> None:
    both = road_map("both", {
        ("a", "b"): [straight((0, 0), (600, 0))],
        ("b", "a"): [straight((600, 4), (0, 4))],
        ("c", "d"): [straight((0, 4), (600, 4))],
    })  # fmt: skip
    assert not said(*ASTRAY, road=both).failed[0, 0]


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
