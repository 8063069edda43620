"""The measures of one tick: known answers, who is looked at, and what must hold for all."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from drivestack.core.meeting import boxes_meet, gap_closes
from drivestack.core.types import Filtering, Floats, Observation, Verdict
from drivestack.safety.bounds import FREE
from drivestack.safety.crossing import crossing_of
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


def once(
    ego: tuple[float, ...], *others: tuple[float, ...], gain: float = 0.0, accel: float = 0.0,
    own: Criticality = OWN,
) -> Verdict:  # fmt: skip
    """One tick; that the speed of the first one changes with a rate is known from before."""
    now, memory = seen(ego, list(others), 5, accel), own.start(1)
    met = memory.met.copy()
    met[0, 0] = (0, True, 5, others[0][3], others[0][2], gain, 0.0)
    return alone(own, now, plan_at(now), np.zeros((1, 2)), replace(memory, met=met))[0]


def along_the_line(
    ego: tuple[float, ...], other: tuple[float, ...], gain: float, accel: float
) -> list[float]:
    """TTC, THW, DRAC, BTN, STN of bodies of 5 x 2 m."""
    found = [-FREE, -FREE, 0.0, 0.0, 0.0]
    c, s = math.cos(ego[2]), math.sin(ego[2])
    dx, dy, yaw, v = other[0] - ego[0], other[1] - ego[1], other[2] - ego[2], ego[3]
    ahead, beside = dx * c + dy * s, dy * c - dx * s
    lead, sideways = other[3] * math.cos(yaw), other[3] * math.sin(yaw)
    gap = ahead - 2.5 - 2.5 * abs(math.cos(yaw)) - abs(math.sin(yaw))
    if abs(beside) >= 2.0 or abs(yaw) > math.radians(26.0) or gap <= 0.0:
        return found
    found[0] = -min(gap_closes(gap, v, accel, lead, gain), FREE)
    found[1] = -gap / v
    if v > lead:
        time = gap / (v - lead)
        found[2] = (v - lead) / (2.0 * time)
        found[3] = max(found[2] - gain, 0.0) / 8.0
        then = beside + sideways * time
        if abs(then) < 2.0:
            found[4] = (2.0 - abs(then)) * 2.0 / time**2 / 8.0
    if gain < 0.0 < lead:
        stops = lead / -gain
        braking = v**2 / (2.0 * (gap + 0.5 * lead * stops))
        if v / braking >= stops:
            found[3] = braking / 8.0
    return found


def in_the_plane(ego: tuple[float, ...], other: tuple[float, ...]) -> list[float]:
    """TTC, worst TTC and PET of the same."""
    c, s = math.cos(ego[2]), math.sin(ego[2])
    dx, dy, yaw = other[0] - ego[0], other[1] - ego[1], other[2] - ego[2]
    x, y = dx * c + dy * s, dy * c - dx * s
    u, w = other[3] * math.cos(yaw) - ego[3], other[3] * math.sin(yaw)
    time = np.linspace(0.0, 6.0, 60001)
    apart = np.hypot(x + u * time, y + w * time) - math.hypot(5.0, 2.0)
    meets = apart <= 0.5 * 11.5 * (2.0 if other[3] else 1.0) * time**2
    pet = FREE
    if abs(math.sin(yaw)) > 0.5 and ego[3] > 0.0 and other[3] > 0.0:
        size = np.array([5.0, 2.0])
        at = crossing_of(np.array(ego), size, np.array(other), size)
        if at.mine_out >= 0.0 and at.theirs_out >= 0.0:
            mine_in, mine_out, his_in, his_out = np.array(at) / np.repeat([ego[3], other[3]], 2)
            pet = max(mine_in - his_out, his_in - mine_out, 0.0)
    plane = boxes_meet(x, y, yaw, u, w, 2.5, 1.0, 2.5, 1.0)
    return [-min(plane, FREE), -time[np.argmax(meets)], -pet]


def test_what_is_written_down_is_what_is_measured() -> None:
    rng, seldom = np.random.default_rng(8), np.zeros(8)
    for number in range(120):
        yaw, v, accel, gain = rng.uniform([-3.0, 5.0, -2.0, -6.0], [3.0, 25.0, 2.0, 2.0])
        low, high = ([4.0, -2.5, -0.5, 0.0], [60.0, 2.5, 0.5, 15.0])
        if number % 3 == 0:
            low, high = ([-30.0, -40.0, -3.1, 0.0], [50.0, 40.0, 3.1, 15.0])
        ahead, beside, turn, u = rng.uniform(low, high)
        u = 0.0 if number % 10 == 0 else u
        c, s = math.cos(yaw), math.sin(yaw)
        ego = (20.0, -10.0, yaw, v)
        other = (20.0 + ahead * c - beside * s, -10.0 + ahead * s + beside * c, yaw + turn, u)
        found = once(ego, other, gain=gain, accel=accel).value[0]
        wanted = along_the_line(ego, other, gain, accel) + in_the_plane(ego, other)
        np.testing.assert_allclose(found, wanted, atol=2e-4)
        seldom += (np.array(wanted) != 0.0) & (np.array(wanted) > -FREE)
    assert (seldom >= 5).all(), seldom


def test_limits_are_those_of_the_sources() -> None:
    limits = once(EGO, (45.0, 0, 0, 10)).limit[0].tolist()
    assert limits == [-1.5, -2.0, 3.4, 1.0, 1.0, -1.5, -0.5, -1.0]


def test_the_brake_does_not_reverse() -> None:
    found = once((0.0, 0.0, 0.0, 0.1), (5.1, 0.0, 0.0, 0.0))
    assert found.failed[0, Measure.TTC]
    assert found.high[0, Measure.TTC, 0] == pytest.approx(-2.0)
    assert found.high[0, Measure.DRAC, 0] == FREE, "what is not critical binds nothing"
    found = once((0.0, 0.0, 0.0, -1.0), (5.5, 0.0, 0.0, 0.0))
    assert found.high[0, Measure.WTTC, 0] == 0.0


@pytest.mark.parametrize(
    ("ego", "other", "leads"),
    [
        ((0, 0, 0, 10), (20, 1.99, 0, 5), True),
        ((0, 0, 0, 10), (20, -2.0, 0, 5), False),
        ((0, 0, 0, 10), (20, 0, 0.45, 5), True),
        ((0, 0, 0, 10), (20, 0, -0.46, 5), False),
        ((0, 0, 0, 0.0), (20, 0, 0, 5), False),
        ((0, 0, 0, 10), (5.0, 0, 0, 5), False),
        ((0, 0, 0, 10), (5.01, 0, 0, 5), True),
        ((0, 0, 0, 10), (0.0, 0, 0, 5), False),
    ],
)
def test_who_leads(ego: tuple[float, ...], other: tuple[float, ...], leads: bool) -> None:
    assert (once(ego, other).value[0, Measure.THW] > -FREE) == leads


def test_who_is_exactly_as_much_turned_as_may_be_leads() -> None:
    other = (20.0, 0.0, 0.5, 5.0)
    for same_way, leads in ((0.5, True), (0.4999, False)):
        own = replace(OWN, same_way=same_way)
        assert (once((0, 0, 0, 10), other, own=own).value[0, Measure.THW] > -FREE) == leads


def test_of_equals_the_first_is_named() -> None:
    found = once(EGO, (45.0, 0, 0, 10), (45.0, 0, 0, 10), (45.0, 0, 0, 10))
    assert found.object[0, found.has_object[0]].tolist() == [0] * found.has_object.sum()


def test_who_crosses_at_more_than_thirty_degrees() -> None:
    for turn, crosses in ((0.52, False), (0.53, True), (math.pi - 0.52, False), (-0.53, True)):
        other = (40.0, -20.0 * math.sin(turn) / abs(math.sin(turn)), turn, 10.0)
        assert (once(EGO, other).value[0, Measure.PET] > -FREE) == crosses
    for ego, other in (((0, 0, 0, 0.0), (9, -9, 1.5, 9.0)), ((0, 0, 0, 9.0), (9, -9, 1.5, 0.0))):
        assert once(ego, other).value[0, Measure.PET] == -FREE


def test_who_is_caught_up_with_slowly() -> None:
    """1 m ahead and half a metre a second slower, 2 s."""
    found = once((0, 0, 0, 10), (6, 0, 0, 9.5)).value[0]
    assert found[Measure.BTN] == pytest.approx(0.25 / 2.0 / 8.0)
    assert found[Measure.STN] == pytest.approx(2.0 * 2.0 / 4.0 / 8.0)


@pytest.mark.parametrize("ahead", [59.9, 60.1])
def test_whoever_is_met_a_little_sooner_is_named(ahead: float) -> None:
    found = once((0, 0, 0, 20), (60, 0, 0, 10), (ahead, 0, 0, 10))
    assert found.object[0, [Measure.TTC_PLANE, Measure.WTTC]].tolist() == [ahead < 60.0] * 2
    assert found.value[0, Measure.TTC_PLANE] == pytest.approx(-(min(ahead, 60.0) - 5.0) / 10.0)


def test_bodies_of_other_sizes_are_covered_by_discs() -> None:
    """Who stands 20 m ahead is met once 20 m are both radii and 11.5 / 2 m/s2 for this time."""
    now = seen((0.0, 0.0, 0.0, 0.0), [(20.0, 0.0, 0.0, 0.0)])
    tracks = replace(now.tracks, size=np.full((1, 1, 2), [6.0, 2.5]))
    now = replace(now, ego=replace(now.ego, size=np.array([[4.0, 1.5]])), tracks=tracks)
    found, _ = alone(OWN, now, plan_at(now), np.zeros((1, 2)))
    radii = 0.5 * math.hypot(4.0, 1.5) + 0.5 * math.hypot(6.0, 2.5)
    assert found.value[0, Measure.WTTC] == pytest.approx(-math.sqrt((20.0 - radii) / 5.75))


@pytest.mark.parametrize(
    ("ego", "other", "pet"),
    [
        ((0, 0, 0, 0.5), (10, -10, math.pi / 2, 5), 6.5 / 0.5 - 13.5 / 5.0),
        ((0, 0, 0, 8), (-3.5, -3.0, math.pi / 2, 8), 0.0),  # it leaves this very moment
        ((0, 0, 0, 8), (-3.0, -3.0, math.pi / 2, 8), 0.0),
        ((0, 0, 0, 8), (-3.6, -3.0, math.pi / 2, 8), FREE),
        ((0, 0, 0, 8), (20.0, 3.5, math.pi / 2, 8), 16.5 / 8.0),
        ((0, 0, 0, 8), (20.0, 3.0, math.pi / 2, 8), 16.0 / 8.0),
        ((0, 0, 0, 8), (20.0, 3.6, math.pi / 2, 8), FREE),
    ],
)
def test_by_how_much_one_misses_another(
    ego: tuple[float, ...], other: tuple[float, ...], pet: float
) -> None:
    assert once(ego, other).value[0, Measure.PET] == pytest.approx(-pet)
