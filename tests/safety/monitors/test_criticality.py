"""The measures of one tick: known answers, who is looked at, and what must hold for all."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from drivestack.core.types import Filtering, Floats, Observation, Verdict
from drivestack.safety.bounds import FREE
from drivestack.safety.monitors.criticality import NAMES, Criticality, Measure
from drivestack.safety.monitors.watched import Watched
from tests.safety.alone import alone
from tests.safety.plans import plan_at
from tests.scenes import observation, two_lanes

OWN = Criticality(0.05)
ROAD = two_lanes()


Bodies = list[tuple[float, ...]]


def seen(ego: tuple[float, ...], others: Bodies, tick: int = 0, accel: float = 0.0) -> Observation:
    found = observation([ROAD], [ego], [np.array(others, np.float64).reshape(-1, 4)], tick=tick)
    return replace(found, ego=replace(found.ego, accel=np.array([accel])))


def said(ego: tuple[float, ...], others: Bodies, gain: float = 0.0, accel: float = 0.0) -> Verdict:
    """After half a second in which the others' speeds have changed with a rate."""
    memory = OWN.start(1)
    verdict = None
    for tick in range(-20, 1):
        then = [(x, y, yaw, v + gain * 0.05 * tick) for x, y, yaw, v in others]
        now = seen(ego, then, tick + 20, accel)
        verdict, memory = alone(OWN, now, plan_at(now), np.zeros((1, 2)), memory)
    assert verdict is not None
    return verdict


def value(measure: Measure, *args: object, **more: float) -> float:
    verdict = said(*args, **more)  # pyright: ignore[reportArgumentType]
    assert verdict.names == NAMES
    failed = verdict.value > verdict.limit
    assert (failed == verdict.failed).all()
    return float(verdict.value[0, measure])


EGO = (0.0, 0.0, 0.0, 20.0)


@pytest.mark.parametrize(
    ("measure", "others", "more", "expected"),
    [
        (Measure.TTC, [(45.0, 0, 0, 10)], {}, -4.0),
        (Measure.TTC, [(45.0, 0, 0, 20)], {}, -FREE),
        (Measure.TTC, [(45.0, 0, 0, 20)], {"accel": 2.0}, -math.sqrt(40.0)),
        (Measure.THW, [(45.0, 0, 0, 25)], {}, -2.0),
        (Measure.DRAC, [(45.0, 0, 0, 10)], {}, 1.25),
        (Measure.DRAC, [(45.0, 0, 0, 25)], {}, 0.0),
        (Measure.BTN, [(45.0, 0, 0, 10)], {}, 1.25 / 8.0),
        (Measure.BTN, [(45.0, 0, 0, 0)], {}, 5.0 / 8.0),
        (Measure.STN, [(45.0, 0.0, 0, 10)], {}, 2.0 * 2.0 / 16.0 / 8.0),
        (Measure.STN, [(45.0, 0.5, 0, 10)], {}, 2.0 * 1.5 / 16.0 / 8.0),
        (Measure.TTC_PLANE, [(45.0, 0, 0, 10)], {}, -4.0),
        (Measure.TTC_PLANE, [(40.0, 19.5, -math.pi / 2, 10.0)], {}, -1.825),
        (Measure.PET, [(40.0, 30.0, -math.pi / 2, 10.0)], {}, -(2.65 - 2.175)),
        (Measure.PET, [(40.0, 20.0, -math.pi / 2, 10.0)], {}, 0.0),
        (Measure.PET, [(40.0, -20.0, -math.pi / 2, 10.0)], {}, -FREE),
        (Measure.PET, [(40.0, 20.0, 0.4, 10.0)], {}, -FREE),
    ],
)
def test_known_answers(
    measure: Measure, others: list[tuple[float, ...]], more: dict[str, float], expected: float
) -> None:
    assert value(measure, EGO, others, **more) == pytest.approx(expected)


def test_braking_leads_are_felt() -> None:
    steady = value(Measure.TTC, EGO, [(25.0, 0, 0, 20)])
    braking = value(Measure.TTC, EGO, [(25.0, 0, 0, 20)], gain=-6.0)
    assert steady == -FREE
    assert braking == pytest.approx(-math.sqrt(2.0 * 20.0 / 6.0), abs=0.05)
    needed = value(Measure.BTN, EGO, [(25.0, 0, 0, 20)], gain=-6.0)
    assert needed == pytest.approx(20.0**2 / (2.0 * (20.0 + 400.0 / 12.0)) / 8.0, abs=0.01)


@pytest.mark.parametrize(
    "other",
    [
        (-10.0, 0.0, 0.0, 30.0),  # behind
        (45.0, 2.0, 0.0, 10.0),  # beside
        (45.0, 0.0, 0.5, 10.0),  # turning off
        (4.0, 0.0, 0.0, 10.0),  # touching
    ],
)
def test_only_who_leads_counts_along_the_line(other: tuple[float, ...]) -> None:
    verdict = said(EGO, [other])
    assert verdict.value[0, [0, 1]].tolist() == [-FREE, -FREE]
    assert verdict.value[0, [2, 3, 4]].tolist() == [0.0, 0.0, 0.0]


def test_the_worst_road_user_is_named() -> None:
    verdict = said(EGO, [(60.0, 0, 0, 10), (45.0, 0, 0, 10), (90.0, 0, 0, 0)])
    assert verdict.object[0].tolist()[:5] == [1, 1, 2, 2, 1], "standing costs more than near"
    assert verdict.has_object[0, :5].all()
    assert not said(EGO, []).has_object.any()
    assert not said(EGO, []).failed.any()


def test_worst_time_is_no_longer_than_any_other() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        x, y, yaw, v = rng.uniform([-30, -30, -3, 0], [60, 30, 3, 20])
        verdict = said(EGO, [(x, y, yaw, v)])
        plane, worst = -verdict.value[0, Measure.TTC_PLANE], -verdict.value[0, Measure.WTTC]
        assert 0.0 <= worst <= plane + 1e-9


@given(
    st.floats(-3, 3), st.floats(-100, 100), st.floats(10, 60), st.floats(-3, 3), st.floats(0, 30)
)
def test_frames_and_mirrors(yaw: float, x: float, ahead: float, aside: float, v: float) -> None:
    """Wherever the scene lies, and seen in a mirror, the measures are the same."""
    assume(abs(abs(aside) - 2.0) > 1e-6)  # there it is rounding that decides who is in the way

    def one(mirror: float, turn: float, at: float) -> Floats:
        c, s = math.cos(turn), math.sin(turn)
        other = (at + ahead * c - mirror * aside * s, at + ahead * s + mirror * aside * c,
                 turn + mirror * 0.3, v)  # fmt: skip
        now = seen((at, at, turn, 15.0), [other])
        return alone(OWN, now, plan_at(now), np.zeros((1, 2)))[0].value[0]

    here = one(1.0, 0.0, 0.0)
    np.testing.assert_allclose(one(-1.0, 0.0, 0.0), here, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(one(1.0, yaw, x), here, rtol=1e-6, atol=1e-6)


def test_bound_it_brakes_and_watched_it_does_not() -> None:
    now = seen(EGO, [(20.0, 0, 0, 0)])
    verdict, _ = alone(OWN, now, plan_at(now), np.zeros((1, 2)))
    assert verdict.failed[0, Measure.TTC]
    assert verdict.high[0, Measure.TTC].tolist() == [-8.0, FREE]
    assert (verdict.response == Filtering.EMERGENCY_BRAKE).all()
    watching = Watched(OWN)
    quiet, _ = alone(watching, now, plan_at(now), np.zeros((1, 2)))
    assert (quiet.high == FREE).all()
    assert (quiet.low == -FREE).all()
    assert (quiet.response == Filtering.PASSED).all()
    assert quiet.failed.tolist() == verdict.failed.tolist()
    assert quiet.value.tobytes() == verdict.value.tobytes()
