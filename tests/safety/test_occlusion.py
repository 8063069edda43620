"""What cannot be seen: beyond the range, and behind bodies that stand beside the way."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.tables import Kind
from drivestack.core.types import Observation, Sight, Verdict
from drivestack.safety.bounds import FREE
from drivestack.safety.occlusion import Occlusion
from tests.safety.alone import alone
from tests.safety.plans import plan_at
from tests.scenes import observation, two_lanes

OWN = Occlusion(0.05)


def scene(
    v: float,
    others: tuple[tuple[float, ...], ...] = (),
    reach: float = 1e8,
    hidden: bool = True,
    kind: Kind = Kind.PARKED,
) -> Observation:
    seen = observation([two_lanes()], [(100.0, 0, 0, v)], [np.array(others).reshape(-1, 4)])
    kinds = np.full(seen.tracks.kind.shape, kind, np.int32)
    tracks = replace(seen.tracks, kind=kinds)
    return replace(seen, tracks=tracks, sight=Sight(np.array([reach]), np.array([hidden])))


def said(seen: Observation, accel: float = 0.0) -> Verdict:
    verdict, _ = alone(OWN, seen, plan_at(seen), np.array([[accel, 0.0]]))
    assert (verdict.failed == (verdict.value > verdict.limit)).all()
    assert (verdict.high[~verdict.failed] == FREE).all()
    assert (verdict.low == -FREE).all()
    return verdict


@pytest.mark.parametrize("reach", [10.0, 30.0, 80.0])
def test_never_faster_than_the_range_allows(reach: float) -> None:
    """v reaction + v^2 / (2 brake) is what is seen before the bumper."""
    most = -0.8 + math.sqrt(0.64 + 16.0 * (reach - 2.5))
    assert not said(scene(most - 0.01, reach=reach)).failed[0, 0]
    found = said(scene(most + 0.4, reach=reach))
    assert found.failed[0, 0]
    assert -8.0 <= found.high[0, 0, 0] < -4.0
    assert not found.has_object[0, 0]
    assert not said(scene(most + 0.4, reach=reach), -8.0).failed[0, 0], "it is braking"
    assert not said(scene(60.0)).failed[0, 0]


def slow_enough(gap: float) -> float:
    return 16.0 * (gap / (5.0 / 3.6) - 0.1)


@pytest.mark.parametrize("gap", [0.4, 0.8, 1.2])
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_slower_past_who_hides_walkers(gap: float, side: float) -> None:
    most, v = slow_enough(gap), slow_enough(gap) + 6.0
    latest = (v * v - most * most) / 8.0
    for more, failed in ((0.1, False), (-0.1, True)):
        # the far edge is 2.5 m beyond the middle, the bumper 2.5 m before the ego's
        other = (100.0 + latest + more, side * (2.0 + gap), 0.0, 0.0)
        found = said(scene(v, (other,)))
        assert found.failed[0, 0] == failed
        assert found.has_object[0, 0] == failed
    beside = (100.0, side * (2.0 + gap), 0.0, 0.0)
    assert not said(scene(most - 0.01, (beside,))).failed[0, 0]
    ahead = (103.0, side * (2.0 + gap), 0.0, 0.0)
    assert said(scene(most + 9.0, (ahead,))).high[0, 0, 0] == -8.0
    across = (100.0 + latest - 1.6, side * (3.5 + gap), math.pi / 2, 0.0)
    assert said(scene(v, (across,))).failed[0, 0]


@pytest.mark.parametrize(
    ("other", "kind", "hidden"),
    [
        ((110.0, 2.8, 0.0, 0.0), Kind.PARKED, False),  # nothing hides anything
        ((110.0, 2.8, 0.0, 1.0), Kind.PARKED, True),  # it moves
        ((110.0, 2.8, 0.0, 0.0), Kind.PEDESTRIAN, True),
        ((110.0, 2.8, 0.0, 0.0), Kind.OBSTACLE, True),
        ((90.0, 2.8, 0.0, 0.0), Kind.PARKED, True),  # behind
        ((110.0, 4.1, 0.0, 0.0), Kind.PARKED, True),  # far beside
        ((110.0, 0.5, 0.0, 0.0), Kind.PARKED, True),  # in the way: others' business
    ],
)
def test_who_hides_nobody(other: tuple[float, ...], kind: Kind, hidden: bool) -> None:
    found = said(scene(20.0, (other,), hidden=hidden, kind=kind))
    assert found.value[0, 0] == 0.0


@pytest.mark.parametrize("kind", [Kind.CAR, Kind.TRUCK, Kind.BUS, Kind.PARKED, Kind.UNKNOWN])
def test_who_does(kind: Kind) -> None:
    assert said(scene(20.0, ((110.0, 2.8, 0.0, 0.0),), kind=kind)).failed[0, 0]


def test_who_stands_or_has_no_control_is_left_alone() -> None:
    assert not said(scene(0.0, reach=0.0)).failed[0, 0]
    assert not said(scene(20.0, reach=5.0), math.nan).failed[0, 0]
    assert not said(scene(20.0, reach=5.0), math.inf).failed[0, 0]
    assert not said(scene(0.0, reach=0.0), 20.0).failed[0, 0]
    nothing_steers = np.array([[0.0, math.nan]])
    seen = scene(20.0, reach=5.0)
    assert alone(OWN, seen, plan_at(seen), nothing_steers)[0].failed[0, 0]


@pytest.mark.parametrize(
    ("v", "accel", "value", "high"),
    [
        (0.5, 0.0, 5.0, -5.0),  # half of what stops it within a tick
        (0.2, 8.0, 6.0, -4.0),  # no more than what stops it
        (0.1, -8.0, 0.0, FREE),  # it will stand then
        (0.1, 0.0, 1.0, FREE),
    ],
)
def test_where_nothing_is_seen(v: float, accel: float, value: float, high: float) -> None:
    found = said(scene(v, reach=0.0), accel)
    assert found.value[0, 0] == pytest.approx(value)
    assert found.high[0, 0, 0] == pytest.approx(high)
    assert found.object[0, 0] == 0


@pytest.mark.parametrize("accel", [0.0, 1.0, -3.0])
def test_what_is_needed_where_the_range_ends(accel: float) -> None:
    """The difference of the squares over twice the way of one tick."""
    for v in np.arange(19.0, 20.5, 0.1):
        then = v + 0.05 * accel
        most = math.sqrt(16.0 * (30.0 - 2.5 - 0.1 * then))
        need = (then**2 - most**2) / (2.0 * 0.05 * then)
        found = said(scene(v, reach=30.0), accel)
        assert found.value[0, 0] == pytest.approx(min(max(need, 0.0), 8.0), abs=1e-9)


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("turn", [0.0, 0.5, 2.0, -1.2])
@pytest.mark.parametrize("yaw", [0.0, 0.9])
def test_what_is_needed_past_one_who_stands_oblique(yaw: float, turn: float, side: float) -> None:
    half = 0.5 * (abs(math.cos(turn)) * 5.0 + abs(math.sin(turn)) * 2.0)
    wide = 0.5 * (abs(math.sin(turn)) * 5.0 + abs(math.cos(turn)) * 2.0)
    ahead, beside = 40.0, side * (1.0 + wide + 0.5)
    c, s = math.cos(yaw), math.sin(yaw)
    other = (100.0 + ahead * c - beside * s, ahead * s + beside * c, yaw + turn, 0.0)
    seen = observation([two_lanes()], [(100.0, 0.0, yaw, 18.0)], [np.array([other])])
    kinds = np.full(seen.tracks.kind.shape, Kind.PARKED, np.int32)
    seen = replace(seen, tracks=replace(seen.tracks, kind=kinds),
                   sight=Sight(np.array([1e8]), np.array([True])))  # fmt: skip
    need = (18.0**2 - slow_enough(0.5) ** 2) / (2.0 * (ahead + half - 2.5))
    assert said(seen).value[0, 0] == pytest.approx(need, abs=1e-9)


def test_exactly_at_its_limits() -> None:
    """Abreast of the far edge it has been passed; it may touch the way, or stand as far beside it
    as counts; and who is as slow as a body that stands does stand."""
    assert said(scene(25.0, ((100.0, 2.8, 0.0, 0.0),))).value[0, 0] == 0.0
    assert said(scene(25.0, ((100.5, 2.8, 0.0, 0.0),))).failed[0, 0]
    gentle = said(scene(20.0, ((150.0, 2.0, 0.0, 0.0),)))
    assert gentle.value[0, 0] == 4.0
    assert said(scene(25.0, ((150.0, 4.0, 0.0, 0.0),))).value[0, 0] > 0.0
    assert said(scene(20.0, ((110.0, 2.8, 0.0, 0.5),))).failed[0, 0]
    assert said(scene(20.0, ((110.0, 2.8, 0.0, -0.5),))).failed[0, 0]
    assert said(scene(20.0, ((110.0, 2.8, 0.0, -0.6),))).value[0, 0] == 0.0


def test_of_several_who_hide_walkers_the_one_that_asks_for_most_counts() -> None:
    near, far = (125.0, 2.5, 0.0, 0.0), (140.0, 2.5, 0.0, 0.0)
    alone = said(scene(18.0, (near,)))
    assert alone.failed[0, 0]
    assert said(scene(18.0, (far,))).value[0, 0] < alone.value[0, 0] < 8.0
    for others in ((near, far), (far, near)):
        found = said(scene(18.0, others))
        assert found.value[0, 0] == alone.value[0, 0]
        assert found.object[0, 0] == others.index(near)
        assert found.has_object[0, 0]
    other_side = (125.0, -2.5, 0.0, 0.0)
    assert said(scene(18.0, (near, other_side))).object[0, 0] == 0, "the first of two alike"
