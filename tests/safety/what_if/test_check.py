"""The what-if check in closed loop: it acts when it must, as late as it may, not for nothing."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.map import Map
from drivestack.core.rows import take_rows
from drivestack.core.types import Filtering, PlanSource, Verdict
from drivestack.roads.build import straight
from drivestack.safety.bounds import FREE
from drivestack.safety.what_if.check import Recall, WhatIf
from drivestack.safety.what_if.parameters import Judgement
from tests.safety.alone import alone
from tests.safety.what_if.driving import DT, at_speed, drive, straight_plan
from tests.scenes import observation, road_map, two_lanes

EGO = (100.0, 0.0, 0.0, 20.0)
JUDGEMENT = Judgement()

drives = pytest.mark.compiled
"""Kernels that run as Python are too slow for whole drives."""


@drives
@pytest.mark.parametrize("slower", [0.0, 5.0, 10.0, 15.0])
@pytest.mark.parametrize("gap", [30.0, 45.0, 60.0])
def test_it_brakes_for_who_is_ahead_and_not_before_it_must(slower: float, gap: float) -> None:
    found = drive(EGO, [at_speed(100.0 + gap + 5.0, 0.0, slower)], seconds=14.0)
    assert not found.touched
    assert found.acted
    # full braking from here, and a second: whoever lies farther off than that is not yet a reason
    way = (20.0 - slower) ** 2 / (2.0 * 8.0)
    first = gap - (20.0 - slower) * found.acted[0]
    assert first < way + (20.0 - slower) * 0.6 + slower**2 / 16.0 - slower**2 / 12.0 + 12.0


@drives
def test_an_open_road_is_no_reason() -> None:
    assert not drive(EGO, []).acted


@drives
@pytest.mark.parametrize(
    "other",
    [
        at_speed(130.0, 0.0, 20.0),
        at_speed(130.0, 4.0, 0.0),
        at_speed(100.0, 4.0, 20.0),
        at_speed(60.0, 0.0, 28.0),
        at_speed(300.0, 4.0, 20.0, yaw=np.pi),
        at_speed(100.0, -4.0, 5.0),
        at_speed(120.0, 30.0, 3.0, yaw=np.pi / 2),
    ],
    ids=["follows", "parked beside", "beside", "comes from behind", "oncoming beside",
         "walks along", "walks away"],
)  # fmt: skip
def test_who_is_no_danger_is_let_be(other: object) -> None:
    found = drive(EGO, [other], seconds=2.0)  # pyright: ignore[reportArgumentType]
    assert not found.acted


@drives
def test_who_brakes_hard_ahead_is_braked_for() -> None:
    found = drive(EGO, [at_speed(120.0, 0.0, 20.0, brake=6.0)], seconds=6.0)
    assert found.acted
    assert not found.touched


@drives
def test_who_crosses_is_braked_for() -> None:
    walker = at_speed(160.0, -6.0, 1.8, yaw=np.pi / 2)
    found = drive(EGO, [walker], seconds=8.0)
    assert found.acted
    assert not found.touched


@drives
def test_a_car_cuts_in_where_braking_would_only_bring_it_alongside() -> None:
    """It cuts in behind the ego's middle: braking makes the contact, going on avoids it."""

    def beside(time: float) -> tuple[float, float, float, float]:
        return 95.0 + 18.0 * time, 4.0 - min(1.0 * time, 4.0), 0.0, 18.0

    found = drive(EGO, [beside], seconds=4.0)
    assert not found.touched
    assert found.states[:, 3].min() > 18.0, "it does not brake beside him"


@drives
def test_a_lane_that_is_taken_is_not_changed_into() -> None:
    found = drive(EGO, [at_speed(98.0, 4.0, 20.0)], seconds=6.0, aside=4.0)
    assert not found.touched
    assert found.acted


def test_mirrored_scenes_are_decided_alike() -> None:
    one, other = WhatIf(DT), WhatIf(DT)
    results = []
    for side, check in ((1.0, one), (-1.0, other)):
        road = two_lanes(2000.0)
        y = 0.0 if side > 0 else 4.0
        seen = observation([road], [(100, y, 0, 20)], [[(112, y + 4 * side, -0.1 * side, 12)]])
        memory = check.start(1)
        for _ in range(3):
            verdict, memory = alone(check, seen, straight_plan(seen), np.zeros((1, 2)), memory)
        results.append(verdict)
    assert results[0].failed.tolist() == results[1].failed.tolist()
    np.testing.assert_allclose(results[0].value, results[1].value, atol=1e-9)
    np.testing.assert_allclose(results[0].low[..., 1], -results[1].high[..., 1], atol=1e-9)


@drives
def test_the_price_is_a_dial() -> None:
    """Close behind one who may brake hard, but does not: the dearer, the less it acts for that."""
    acted = []
    for price in (0.0, 0.1, 1.0, 10.0):
        check = WhatIf(DT).at_price(price)
        found = drive(EGO, [at_speed(107.0, 0.0, 20.0)], seconds=3.0, check=check)
        assert not found.touched
        acted.append(len(found.acted))
    assert acted == sorted(acted, reverse=True)
    assert acted[0] > acted[-1] == 0


def test_one_tick_is_no_reason() -> None:
    own = WhatIf(DT)
    seen = observation([two_lanes()], [EGO], [[(110, 0, 0, 5)]])
    verdict, memory = alone(own, seen, straight_plan(seen), np.zeros((1, 2)))
    assert not verdict.failed.any()
    assert verdict.value[0, 0] > verdict.limit[0, 0]
    verdict, _ = alone(own, seen, straight_plan(seen), np.zeros((1, 2)), memory)
    assert verdict.failed.all()
    assert verdict.object[0, 0] == 0
    assert (verdict.response == Filtering.EMERGENCY_BRAKE).all()
    assert verdict.high[0, 0, 0] <= -8.0


JUNCTION = road_map("junction", {
    ("a", "b"): [straight((0, 0), (600, 0))],
    ("c", "d"): [straight((104, -100), (104, 100))],
})  # fmt: skip
"""A road crosses where the ego is."""


@pytest.mark.parametrize(
    ("map", "other", "ticks"),
    [
        (JUNCTION, (110, 0, 0, 5), JUDGEMENT.patient),
        (JUNCTION, (110, 0, math.radians(59), 5), JUDGEMENT.patient),
        (JUNCTION, (110, 0, math.radians(61), 0), JUDGEMENT.brisk),
        (two_lanes(), (110, 0, 0, 5), JUDGEMENT.brisk),
    ],
    ids=["same way", "nearly so", "another way", "no junction"],
)
def test_in_a_junction_it_is_patient_with_who_goes_the_same_way(
    map: Map, other: tuple[float, ...], ticks: float
) -> None:
    own, memory, asked = WhatIf(DT), None, 0
    seen = observation([map], [EGO], [[other]])
    while asked < 30:
        verdict, memory = alone(own, seen, straight_plan(seen), np.zeros((1, 2)), memory)
        asked += 1
        if verdict.failed.all():
            break
    assert asked == ticks


def test_who_goes_another_way_is_enough_for_haste() -> None:
    others = [(110, 0, 0, 5), (108, 1.0, math.pi / 2, 0)]
    own, seen = WhatIf(DT), observation([JUNCTION], [EGO], [others])
    verdict, memory = alone(own, seen, straight_plan(seen), np.zeros((1, 2)))
    verdict, _ = alone(own, seen, straight_plan(seen), np.zeros((1, 2)), memory)
    assert verdict.failed.all()


def test_what_is_not_finite_is_left_to_the_guards() -> None:
    own = WhatIf(DT)
    seen = observation([two_lanes()], [EGO], [[(110, 0, 0, 5)]])
    for control in ((np.nan, 0.0), (0.0, np.inf)):
        verdict, _ = alone(own, seen, straight_plan(seen), np.array([control]))
        assert not verdict.failed.any()


BLOCKED = [(115, 0.3, 0, 0), (115, 4, 0, 0)]
"""Both lanes are: whatever it does now is a contact."""


def asked_for(
    steer: float, others: list[tuple[float, ...]], tick: int = 4
) -> tuple[Verdict, Recall]:
    """In two scenarios, alone in the first one; so many ticks have asked for acting."""
    road, own = two_lanes(), WhatIf(DT)
    seen = observation([road], [EGO, (100, 0.0, 0.0, 20.0)], [np.zeros((0, 4)), np.array(others)],
                       steer=steer)  # fmt: skip
    plan = take_rows(straight_plan(observation([road], [EGO])), np.zeros(2, np.intp))
    memory = own.start(2)
    memory = replace(memory, asked=memory.asked + tick)
    return alone(own, seen, plan, np.array([[0.3, 0.0]] * 2), memory)


@pytest.mark.parametrize("steer", [0.3, 0.0, -0.3])
def test_it_binds_to_the_first_control_of_its_option(steer: float) -> None:
    found, memory = asked_for(steer, BLOCKED)
    assert found.names == ("what_if",)
    assert found.failed[:, 0].tolist() == memory.acting.tolist() == [False, True]
    assert memory.asked.tolist() == [3, 5]
    assert found.value[1, 0] > found.limit[1, 0] > found.value[0, 0] == found.limit[0, 0] == 0.0
    assert found.has_object[:, 0].tolist() == [False, True]
    assert found.object[1, 0] == 0
    assert found.low[0].tolist() == [[-FREE, -FREE]]
    assert found.high[0].tolist() == [[FREE, FREE]]
    assert found.low[1].tolist() == found.high[1].tolist()
    accel, angle = found.high[1, 0]
    assert accel == -8.0
    # no wheel turns by more than 0.05 rad in a tick
    assert abs(angle - steer) <= 0.05 + 1e-12
    if steer != 0.0:
        assert angle == pytest.approx(steer - math.copysign(0.05, steer))


def test_who_is_feared_is_named_before_it_acts() -> None:
    found, memory = asked_for(0.0, BLOCKED, 0)
    assert not found.failed.any()
    assert found.has_object[:, 0].tolist() == [False, True]
    assert memory.asked.tolist() == [0, 1]


def test_a_plan_leads_around_somebody_if_it_is_one() -> None:
    seen = observation([two_lanes()], [EGO], [[(165, 0, 0, 0)]])
    plan, own = straight_plan(seen, aside=4.0), WhatIf(DT)
    for source, fears in ((PlanSource.CANDIDATE, False), (PlanSource.FALLBACK, True)):
        made = replace(plan, source=np.full(1, source, np.int32))
        found, _ = alone(own, seen, made, np.array([[0.0, 0.0]]))
        assert found.has_object[0, 0] == fears


def test_what_is_remembered_is_checked() -> None:
    memory = WhatIf(DT).start(2)
    assert memory.acting.tolist() == [False, False]
    assert memory.asked.tolist() == [0, 0]
    with pytest.raises(TypeError, match="asked"):
        replace(memory, asked=np.zeros(2))


def test_another_price_is_all_that_changes() -> None:
    own = WhatIf(DT)
    assert own.at_price(0.7) == replace(own, judgement=replace(own.judgement, price=0.7))
    assert own.columns == {"what_if": Filtering.EMERGENCY_BRAKE}
