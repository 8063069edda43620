"""The brake of last resort: when it comes on and goes off, and what it leaves alone."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.core.sensor import PERFECT, Sensor
from drivestack.core.types import Echoes, Filtering, Observation
from drivestack.safety.aeb import Aeb, Braking
from drivestack.world.sensing import Mount
from drivestack.world.sensing.radar import heard
from tests.motion.test_pid import stepped
from tests.safety.alone import alone
from tests.safety.plans import plan_at
from tests.scenes import observation, two_lanes
from tests.world.sensing.test_radar import scene_of

PERIOD = 0.05
AEB = Aeb(PERIOD)
ROAD = two_lanes()


def hearing(
    points: list[tuple[float, ...]], speed: float, steer: float = 0.0, accel: float = 0.0
) -> Observation:
    """An ego along x with echoes: along, lateral, closing, and some with a drift."""
    seen = observation([ROAD], [(100, 0, 0, speed)], steer=steer)
    seen = replace(seen, ego=replace(seen.ego, accel=np.array([accel])))
    table = np.array([(*point, 0.0)[:4] for point in points], np.float64)[None]
    along, lateral, closing, drift = (table[:, :, i].copy() for i in range(4))
    return replace(
        seen, echoes=Echoes(along, lateral, closing, drift, np.ones(along.shape, np.bool_))
    )


def late(
    seen: Observation, active: bool = False, control: tuple[float, float] = (0.0, 0.0),
    aeb: Aeb = AEB,
) -> float:  # fmt: skip
    memory = Braking(np.array([active]), np.array([2], np.int32))
    verdict, after = alone(aeb, seen, plan_at(seen), np.array([control]), memory)
    value = float(verdict.value[0, 0])
    assert verdict.failed[0, 0] == after.active[0] == (value > 0.0)
    assert verdict.response[0, 0] == Filtering.EMERGENCY_BRAKE
    if value > 0.0:
        assert verdict.high[0, 0, 0] == max(-8.0, -seen.ego.state[0, 3] / PERIOD)
    else:
        assert verdict.high[0, 0, 0] > 1e6
    return value


def test_a_danger_has_to_last() -> None:
    """Not at the first and second look, but at the third; a look without it begins anew."""
    danger, memory = hearing([(1.0, 0.0, 10.0)], 10.0), AEB.start(1)
    for begun in (danger, hearing([(90.0, 0.0, 1.0)], 10.0), danger):
        for _ in range(2):
            verdict, memory = alone(AEB, begun, plan_at(begun), np.zeros((1, 2)), memory)
            assert not verdict.failed[0, 0]
    verdict, memory = alone(AEB, danger, plan_at(danger), np.zeros((1, 2)), memory)
    assert verdict.failed[0, 0]
    _, memory = alone(
        AEB, hearing([(90.0, 0.0, 1.0)], 10.0), plan_at(danger), np.zeros((1, 2)), memory
    )
    assert memory.asked.tolist() == [0]


def needed(closing: float) -> float:
    return closing * 0.35 + closing**2 / 12.0 + 0.3


@pytest.mark.parametrize("closing", [1.0, 5.0, 14.0, 30.0])
def test_the_last_moment_and_when_it_is_over(closing: float) -> None:
    need = needed(closing)
    assert late(hearing([(need + 1e-6, 0.0, closing)], 30.0)) == 0.0
    assert late(hearing([(need - 0.25, 0.0, closing)], 30.0)) == pytest.approx(0.25)
    held = hearing([(1.4 * need, 0.0, closing)], 30.0)
    assert late(held) == 0.0, "it is not begun there"
    assert late(held, active=True) == pytest.approx(0.1 * need), "but not ended either"
    assert late(hearing([(1.5 * need + 1e-6, 0.0, closing)], 30.0), active=True) == 0.0


@pytest.mark.parametrize(
    ("point", "speed"),
    [
        ((5.0, 1.11, 20.0), 20.0),  # beside the path of 2 m and its margins
        ((5.0, -1.11, 20.0), 20.0),
        ((5.0, 0.0, 0.0), 20.0),  # as fast as the car
        ((5.0, 0.0, -3.0), 20.0),
        ((-1.0, 0.0, 20.0), 20.0),  # beside the bumper, not before it
        ((0.5, 0.0, 1.0), 0.1),  # hardly moving
    ],
)
def test_who_is_left_alone(point: tuple[float, float, float], speed: float) -> None:
    assert late(hearing([point], speed)) == 0.0
    assert late(hearing([point], speed), active=True) == 0.0


def test_the_worst_echo_counts_and_places_without_any_do_not() -> None:
    seen = hearing([(3.0, 0.0, 20.0), (9.0, 0.05, 20.0), (1.0, 5.0, 20.0)], 20.0)
    assert late(seen) == pytest.approx(needed(20.0) - 3.0)
    echoes = replace(seen.echoes, valid=np.array([[False, True, True]]))
    assert late(replace(seen, echoes=echoes)) == pytest.approx(needed(20.0) - 9.0)


@pytest.mark.parametrize("inside", [0.1, 0.3, 0.99])
def test_who_only_grazes_the_path_is_given_until_steering_would_not_do(inside: float) -> None:
    need = 20.0 * math.sqrt(2.0 * inside / 3.0) + 0.3
    for side in (1.1 - inside, inside - 1.1):
        assert late(hearing([(need - 0.25, side, 20.0)], 20.0)) == pytest.approx(0.25)
        assert late(hearing([(need + 1e-6, side, 20.0)], 20.0)) == 0.0
    assert late(hearing([(need + 1.0, 0.05, 20.0)], 20.0)) > 0.0


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_who_will_have_left_the_path_is_no_emergency(side: float) -> None:
    def crossing(drift: float) -> float:
        return late(hearing([(10.0, 0.5 * side, 20.0, drift * side)], 20.0))

    assert crossing(0.0) > 0.0
    assert crossing(0.3) > 0.0, "it is within the path for 0.6 m more, and there in half a second"
    assert crossing(1.3) == 0.0
    assert crossing(-2.3) > 0.0
    assert crossing(-3.3) == 0.0, "it has crossed by then"


def test_who_is_braked_for_enough_is_no_emergency() -> None:
    way = 25.0
    enough = 20.0**2 / (2.0 * (way - 0.3))
    assert late(hearing([(way, 0.0, 20.0)], 20.0)) > 0.0
    assert late(hearing([(way, 0.0, 20.0)], 20.0, accel=-enough - 1e-6)) == 0.0
    assert late(hearing([(way, 0.0, 20.0)], 20.0, accel=-enough + 1e-3)) > 0.0
    assert late(hearing([(way, 0.0, 20.0)], 20.0, accel=-enough - 1.0), active=True) > 0.0


@pytest.mark.parametrize("faster", [2.1, 15.0])
def test_who_comes_towards_the_car_is_given_until_steering_would_not_do(faster: float) -> None:
    fast = 20.0 + faster
    need = fast * (math.sqrt(2.0 * 1.1 / 3.0) + 0.35) + 0.3
    assert late(hearing([(need - 0.25, 0.0, fast)], 20.0)) == pytest.approx(0.25)
    assert late(hearing([(need + 1e-6, 0.0, fast)], 20.0)) == 0.0


def test_nothing_that_is_commanded_matters() -> None:
    seen = hearing([(3.0, 0.0, 20.0)], 20.0)
    assert late(seen) == late(seen, control=(math.nan, 5.0)) == late(seen, control=(-8.0, 0.1))


@given(st.floats(-0.25, 0.25), st.floats(0.0, 1.4), st.floats(-2.5, 2.5))
def test_the_path_is_the_arc_of_the_wheels(steer: float, share: float, aside: float) -> None:
    bend = math.sin(math.atan(0.5 * math.tan(steer))) / 2.5
    turn = share if abs(bend) * 60.0 > share else abs(bend) * 60.0
    turn = math.copysign(turn, bend)
    way = turn / bend if abs(bend) > 1e-5 else 20.0
    # the point at this way along the arc, aside to the left of it
    radius = 1.0 / bend if abs(bend) > 1e-5 else 0.0
    x = (radius - aside) * math.sin(turn) if radius else way
    y = radius - (radius - aside) * math.cos(turn) if radius else aside
    if x - 2.5 <= 0.1 or abs(abs(aside) - 1.1) < 1e-3 or (radius and abs(radius) < 5.0):
        return
    sharp = replace(AEB, aside=1e6)  # turns as the wheels say, whatever the tyres say
    found = late(hearing([(x - 2.5, y, 60.0)], 60.0, steer), aeb=sharp)
    assert (found > 0.0) <= (abs(aside) < 1.1)
    if abs(aside) < 0.1 - 1e-6:
        assert found == pytest.approx(needed(60.0) - max(way - 2.5, 0.0), abs=0.05)
    mirrored = late(hearing([(x - 2.5, -y, 60.0)], 60.0, -steer), aeb=sharp)
    assert mirrored == pytest.approx(found, abs=1e-9)


def test_no_arc_is_narrower_than_a_car_can_be_steered() -> None:
    """Parked beside a straight road: a jerk of the wheel does not lead into it."""
    assert late(hearing([(5.2, 2.0, 10.8)], 10.8, 0.2)) == 0.0
    assert late(hearing([(5.2, 2.0, 10.8)], 3.0, 0.2)) > 0.0, "one that turns slowly is led there"


def drive(
    speed: float, others: list[tuple[float, float, float, float]], steer_of: object = None,
    brakes: float = 0.0, seconds: float = 12.0, size: tuple[float, float] = (5.0, 2.0),
) -> tuple[float, float, int]:  # fmt: skip
    """Drive on at constant speed under nothing but the AEB, past others that go straight on.

    Returns: least distance left before a bumper in the path [m], last speed [m/s], ticks braked.
    """
    ego, memory, braked, least = (
        np.array([0.0, 0.0, 0.0, speed]),
        Braking(np.zeros(1, np.bool_), np.array([2], np.int32)),
        0,
        math.inf,
    )
    cars = np.array(others, np.float64).reshape(-1, 4)
    angle = 0.0
    for _ in range(int(seconds / PERIOD)):
        scene = scene_of(ego, cars, size)
        seen = observation([ROAD], [ego], steer=angle)
        seen = replace(seen, echoes=heard(scene, [Mount(PERFECT, "s", 0)]))
        verdict, memory = alone(AEB, seen, plan_at(seen), np.zeros((1, 2)), memory)
        accel = min(0.0, float(verdict.high[0, 0, 0]))
        braked += accel < 0.0
        angle = steer_of(ego) if callable(steer_of) else 0.0  # pyright: ignore
        ego = stepped(ego, accel, angle)
        cars[:, :2] += (cars[:, 3] * PERIOD)[:, None] * np.stack(
            [np.cos(cars[:, 2]), np.sin(cars[:, 2])], axis=-1
        )
        cars[:, 3] = np.maximum(cars[:, 3] - brakes * PERIOD, 0.0)
        near = np.abs(cars[:, 1] - ego[1]) < 2.0
        gaps = cars[near, 0] - ego[0] - 0.5 * (5.0 + size[0])
        least = min([least, *gaps.tolist()])
    return least, float(ego[3]), braked


@pytest.mark.compiled
@pytest.mark.parametrize("kph", [10, 20, 40, 60, 80, 100])
def test_a_standing_car_is_not_hit(kph: int) -> None:
    """FMVSS 127: no contact with a stopped lead vehicle up to 80 km/h, and beyond."""
    least, speed, braked = drive(
        kph / 3.6, [(200.0, 0.0, 0.0, 0.0)], seconds=80.0 if kph < 40 else 25.0
    )
    assert 0.0 < least < 6.0
    assert speed < 0.3
    assert braked > 0


@pytest.mark.compiled
@pytest.mark.parametrize("kph", [40, 60, 80])
def test_a_slow_car_is_not_hit(kph: int) -> None:
    """FMVSS 127: a lead vehicle at 20 km/h."""
    least, _, braked = drive(kph / 3.6, [(80.0, 0.0, 0.0, 20 / 3.6)], seconds=15.0)
    assert least > 0.0
    assert braked > 0


@pytest.mark.compiled
@pytest.mark.parametrize("kph", [40, 60, 80])
@pytest.mark.parametrize("offset", [2.2, 2.6])
def test_parked_cars_that_are_passed_do_not_matter(kph: int, offset: float) -> None:
    """FMVSS 127: false activation, pass-through between parked cars."""
    rows = [(x, side * offset, 0.0, 0.0) for x in (60.0, 66.0, 72.0) for side in (-1, 1)]
    assert drive(kph / 3.6, rows, seconds=8.0)[2] == 0


@pytest.mark.compiled
@pytest.mark.parametrize("kph", [40, 60, 80])
def test_a_plate_on_the_road_is_no_body(kph: int) -> None:
    """FMVSS 127: false activation, steel plate. A scene has bodies only; a plate is none, so what
    can be shown is that nothing comes of an empty road."""
    assert drive(kph / 3.6, [], seconds=8.0)[2] == 0


@pytest.mark.compiled
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_cars_parked_outside_a_bend_do_not_matter(side: float) -> None:
    """UN R152: 50 km/h into a bend, cars parked along the outside of its beginning."""
    radius, begins = 150.0, 60.0
    angle = math.atan(2.0 * math.tan(math.asin(2.5 / radius))) * side

    def steer_of(ego: np.ndarray) -> float:
        return angle if ego[0] >= begins else 0.0

    parked = []
    for along in (12.0, 19.0, 26.0):
        turn = along / radius
        out = radius + 3.5  # a lane of 3.5 m, and 0.75 m beyond its edge
        x = begins + out * math.sin(turn)
        parked.append((x, side * (radius - out * math.cos(turn)), side * turn, 0.0))
    assert drive(50 / 3.6, parked, steer_of, seconds=7.0)[2] == 0


def test_it_needs_no_other_sensor() -> None:
    """A blind main sensor, a radar that hears."""
    cars = np.array([[30.0, 0.0, 0.0, 0.0]])
    scene = scene_of(np.array([0.0, 0.0, 0.0, 20.0]), cars)
    mount = Mount(Sensor(range=1.0, miss_probability=1.0), "s", 0)
    assert heard(scene, [mount]).valid.any()


def test_what_lies_round_the_bend_is_not_on_the_way() -> None:
    """A radius of 9.5 m: the point is on the other side of the circle's centre."""
    assert late(hearing([(0.1, 20.0, 20.0)], 20.0, 0.5)) == 0.0
    assert late(hearing([(0.1, -20.0, 20.0)], 20.0, -0.5)) == 0.0


def test_exactly_at_its_limits() -> None:
    """What lies on the edge of the path is beside it; what is abreast of the bumper is before it;
    what needs no sooner braking than is under way, or is as deep as half a car, is no less."""
    assert late(hearing([(0.2, 1.1, 20.0)], 20.0)) == 0.0
    assert late(hearing([(0.0, 0.0, 20.0)], 20.0)) == pytest.approx(needed(20.0))
    half = replace(AEB, offset=0.5)
    assert late(hearing([(25.5, 0.0, 20.0)], 20.0, accel=-8.0), aeb=half) == 0.0
    assert late(hearing([(25.49, 0.0, 20.0)], 20.0, accel=-8.0), aeb=half) > 0.0
    exact = replace(AEB, margin=0.0)
    assert late(hearing([(20.0, 0.0, 20.0)], 20.0), aeb=exact) == pytest.approx(needed(20.0) - 20.0)
    assert late(hearing([(20.0, 1e-3, 20.0)], 20.0), aeb=exact) == 0.0
    assert late(hearing([(3.0, 0.0, 22.0)], 20.0)) == pytest.approx(needed(22.0) - 3.0)
    assert late(hearing([(0.5, 0.0, 1.0)], 0.105)) == pytest.approx(needed(1.0) - 0.5)
    nearly_straight = hearing([(0.5, 0.0, 20.0)], 20.0, 0.01)
    assert late(nearly_straight) == pytest.approx(needed(20.0) - 0.5, abs=0.01)


def test_a_car_that_speeds_up_does_not_brake_at_all() -> None:
    assert late(hearing([(0.46, 0.0, 0.5)], 5.0)) > 0.0
    assert late(hearing([(0.46, 0.0, 0.5)], 5.0, accel=2.0)) == late(hearing([(0.46, 0, 0.5)], 5.0))


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_the_arc_ends_across(side: float) -> None:
    """A radius of 9.5 m; what lies before the bumper of a car that turns so, but farther round."""
    steer = 0.5 * side
    radius = 2.5 / math.sin(math.atan(0.5 * math.tan(0.5)))
    sharp = replace(AEB, aside=1e6)
    for turn, there in ((1.5, True), (1.6, False), (1.8, False)):
        x, y = radius * math.sin(turn), side * radius * (1.0 - math.cos(turn))
        assert (late(hearing([(x - 2.5, y, 20.0)], 20.0, steer), aeb=sharp) > 0.0) == there


def test_what_is_remembered_is_checked() -> None:
    with pytest.raises(TypeError, match="asked"):
        Braking(np.zeros(1, np.bool_), np.zeros(1))  # pyright: ignore[reportArgumentType]
