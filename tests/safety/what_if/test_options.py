"""Options rolled out: speeds by hand, paths that are met, limits of the wheels and of grip."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.parameters import parameter_table
from drivestack.core.types import Floats
from drivestack.safety.what_if.options import (
    OPTIONS,
    RECOVERIES,
    TRIED,
    Path,
    Speeds,
    path_planned,
    path_straight,
    roll,
)
from drivestack.safety.what_if.parameters import Abilities
from drivestack.vehicle.bicycle import euler_step
from drivestack.vehicle.pursuit import pursuit_steering

ABLE = Abilities(
    step=0.1, brake=8.0, ease=3.0, stop=4.0, gain=2.5, most_gain=4.0, turn=1.0, grip=5.0,
    look_time=0.6, look_least=4.0, follow=0.5,
)  # fmt: skip
QUICK = replace(ABLE, turn=100.0)
"""Its wheels are at once where they should be."""

LENGTH, STEPS = 5.0, 40


def straight(y: float = 0.0, yaw: float = 0.0) -> Floats:
    path = np.zeros((2, 5))
    path_straight(0.0, y, yaw, 400.0, path)
    return path


def rolled(
    speeds: Speeds,
    car: tuple[float, ...] = (0.0, 0.0, 0.0, 10.0),
    path: Floats | None = None,
    shift: float = 0.0,
    late: int = 0,
    control: tuple[float, float] = (0.0, 0.0),
    plan: Floats | None = None,
    steer: float = 0.0,
    able: Abilities = ABLE,
    first: int = 0,
) -> tuple[Floats, Floats]:
    """Poses (STEPS + 1, 4) and the control that begins the option; the plan goes along x."""
    path = straight() if path is None else path
    planned = straight()
    plan = np.tile([0.0, 0.0, 0.0, 10.0], (60, 1)) if plan is None else plan
    poses, begins = np.full((STEPS + 1, 4), np.nan), np.full(2, np.nan)
    roll(np.array(car), LENGTH, steer, np.array(control), late, plan, first, 0.1, planned,
         len(planned), path, len(path), shift, int(speeds), parameter_table(able)[0], poses,
         begins)  # fmt: skip
    assert np.isfinite(poses).all()
    return poses, begins


@pytest.mark.parametrize(
    ("speeds", "accel"),
    [(Speeds.HOLD, 0.0), (Speeds.EASE, -3.0), (Speeds.BRAKE, -8.0), (Speeds.GAIN, 2.5),
     (Speeds.STOP, -4.0)],
)  # fmt: skip
def test_speeds_and_ways_are_those_of_constant_acceleration(speeds: Speeds, accel: float) -> None:
    poses, first = rolled(speeds)
    time = 0.1 * np.arange(STEPS + 1)
    ends = 10.0 / -accel if accel < 0.0 else np.inf
    moving = np.minimum(time, ends)
    np.testing.assert_allclose(poses[:, 3], np.maximum(10.0 + accel * time, 0.0), atol=1e-9)
    np.testing.assert_allclose(poses[:, 0], 10.0 * moving + 0.5 * accel * moving**2, atol=1e-9)
    np.testing.assert_allclose(poses[:, 1:3], 0.0, atol=1e-12)
    assert first.tolist() == [accel, 0.0]


def test_a_standing_car_stays_or_sets_off() -> None:
    assert (rolled(Speeds.BRAKE, (1.0, 2.0, 0.0, 0.0))[0] == [1.0, 2.0, 0.0, 0.0]).all()
    poses, _ = rolled(Speeds.GAIN, (0.0, 0.0, 0.0, 0.0))
    assert poses[10, 0] == pytest.approx(1.25)


def test_a_car_that_rolls_backwards_comes_to_a_stand() -> None:
    poses, _ = rolled(Speeds.HOLD, (0.0, 0.0, 0.0, -1.0))
    assert (poses[1:, 3] == 0.0).all()


@pytest.mark.parametrize("mirror", [1.0, -1.0])
def test_a_path_aside_is_reached_and_kept(mirror: float) -> None:
    for path, shift in ((straight(2.0 * mirror), 0.0), (straight(), 2.0 * mirror)):
        poses, first = rolled(Speeds.HOLD, path=path, shift=shift)
        assert poses[-1, 1] == pytest.approx(2.0 * mirror, abs=0.2)
        assert abs(poses[:, 1]).max() < 2.2
        assert first[1] * mirror > 0.0
    turned = straight(yaw=0.3 * mirror)
    poses, _ = rolled(Speeds.HOLD, path=turned)
    assert poses[-1, 2] == pytest.approx(0.3 * mirror, abs=0.02)
    off = poses[-1, 1] * math.cos(0.3) - poses[-1, 0] * math.sin(0.3 * mirror)
    assert abs(off) < 0.1


def test_wheels_turn_no_faster_than_they_can_from_where_they_are() -> None:
    _, first = rolled(Speeds.HOLD, (0.0, 0.0, 0.0, 3.0), straight(8.0))
    assert first[1] == pytest.approx(0.1)
    _, first = rolled(Speeds.HOLD, (0.0, 0.0, 0.0, 3.0), straight(8.0), steer=-0.5)
    assert first[1] == pytest.approx(-0.4)
    _, first = rolled(Speeds.HOLD, (0.0, 0.0, 0.0, 3.0), straight(-8.0), steer=-0.5)
    assert first[1] == pytest.approx(-0.6)


ASIDE = (0.0, -0.5, -1.3, 0.0)
"""Nearly across the path: the pursuit wants the wheels as far to the left as they go."""


@pytest.mark.parametrize("v", [4.0, 5.0, 15.0, 30.0])
@pytest.mark.parametrize("mirror", [1.0, -1.0])
def test_grip_limits_the_wheels_of_a_fast_car(v: float, mirror: float) -> None:
    """Lateral acceleration v^2 sin(slip) / (length / 2) is at most 5 m/s2."""
    x, y, yaw, _ = ASIDE
    poses, first = rolled(Speeds.HOLD, (x, mirror * y, mirror * yaw, v), able=QUICK)
    sine = min(0.5 * LENGTH * 5.0 / v**2, math.sin(math.atan(0.5 * math.tan(ABLE.steer))))
    assert math.sin(math.atan(0.5 * math.tan(first[1]))) == pytest.approx(mirror * sine)
    assert poses[1, 2] == pytest.approx(mirror * (yaw + 0.1 * v * sine / 2.5))


@pytest.mark.parametrize("v", [0.5, 1.0, 1.01])
def test_a_slow_car_may_turn_its_wheels_as_far_as_they_go(v: float) -> None:
    slippery = replace(QUICK, grip=0.1)
    _, first = rolled(Speeds.HOLD, (*ASIDE[:3], v), able=slippery)
    assert (first[1] == pytest.approx(ABLE.steer)) == (v <= 1.0)


def test_the_pursuit_looks_ahead_by_time_and_no_nearer_than_that() -> None:
    """The aim lies on the path, as far ahead as the rest of the distance."""
    for v in (1.0, 6.0, 20.0):
        look = max(0.6 * v, 4.0)
        along = math.sqrt(look**2 - 0.5**2)
        steer = math.atan2(2.0 * 0.5 / look, look / LENGTH + along / look)
        _, first = rolled(Speeds.HOLD, (0.0, -0.5, 0.0, v), able=QUICK)
        assert first[1] == pytest.approx(steer)


def test_who_is_far_beside_a_path_steers_to_a_metre_ahead() -> None:
    _, first = rolled(Speeds.HOLD, (0.0, -50.0, 0.0, 0.5), able=QUICK)
    away = math.hypot(50.0, 1.0)
    wanted = math.atan2(2.0 * 50.0 / away, away / LENGTH + 1.0 / away)
    assert first[1] == pytest.approx(min(wanted, ABLE.steer))


def test_a_path_with_a_corner_is_followed_piece_by_piece() -> None:
    path = np.zeros((60, 5))
    way = 1.0 * np.arange(60)
    path[:, 0], path[:, 1] = np.minimum(way, 5.0), np.maximum(way - 5.0, 0.0)
    path[:, 2] = np.where(way < 5.0, 0.0, np.pi / 2)
    poses, _ = rolled(Speeds.HOLD, (0.0, 0.0, 0.0, 3.0), path)
    assert abs(poses[:12, 1]).max() < 1.0
    assert poses[-1, 2] == pytest.approx(np.pi / 2, abs=0.3)
    assert poses[-1, 0] == pytest.approx(5.0, abs=1.5)


def test_points_that_coincide_have_the_heading_that_is_written_there() -> None:
    path = np.zeros((2, 5))
    path[:, 2] = 0.5
    poses, _ = rolled(Speeds.HOLD, path=path)
    assert poses[-1, 2] == pytest.approx(0.5, abs=0.05)
    one = path[:1]
    again, _ = rolled(Speeds.HOLD, path=one)
    np.testing.assert_allclose(again, poses)


def test_waiting_drives_the_commanded_control_first_and_then_the_plan() -> None:
    plan = np.tile([0.0, 0.0, 0.0, 10.0], (60, 1))
    poses, first = rolled(Speeds.BRAKE, late=2, control=(2.0, 0.04), plan=plan)
    assert poses[1, 3] == pytest.approx(10.2)
    beta = math.atan(0.5 * math.tan(0.04))
    assert poses[1, 2] == pytest.approx(0.1 * 10.1 * math.sin(beta) / 2.5)
    # then back to the plan's speed: 0.2 m/s too fast, in half a second
    assert poses[2, 3] == pytest.approx(10.2 - 0.1 * 0.2 / 0.5)
    assert poses[3, 3] == pytest.approx(poses[2, 3] - 0.8)
    assert first[0] == -8.0
    assert first[1] == pytest.approx(0.0, abs=0.1)
    alone, begins = rolled(Speeds.PLANNED, control=(2.0, 0.04), plan=plan)
    np.testing.assert_allclose(alone[:3], poses[:3])
    assert begins.tolist() == [2.0, 0.04]


def test_a_plan_is_followed_in_time() -> None:
    """It gains 1 m/s2; row i is due i + 1 steps from now, or later rows where it is older."""
    time = 0.1 * np.arange(1, 61)
    plan = np.zeros((60, 4))
    plan[:, 3] = 10.0 + time
    for first, faster in ((0, 0.0), (5, 0.5)):
        poses, _ = rolled(Speeds.PLANNED, plan=plan, first=first)
        # it lags a step, as row 0 is due in one, and is caught up with
        assert poses[30, 3] == pytest.approx(10.0 + 3.0 + faster + 0.1, abs=0.06)
    ended = plan.copy()[:10]
    poses, _ = rolled(Speeds.PLANNED, plan=ended)
    assert poses[-1, 3] == pytest.approx(11.0, abs=0.01), "its last speed is kept"
    one = plan[9:10]
    poses, _ = rolled(Speeds.PLANNED, plan=one)
    assert poses[1, 3] == 10.0, "the commanded control first"
    assert poses[2, 3] == pytest.approx(10.0 + 0.1 * 1.0 / 0.5)


def test_accelerations_are_those_that_the_car_has() -> None:
    for wanted, given in ((50.0, 4.0), (-50.0, -8.0), (-1.0, -1.0)):
        poses, first = rolled(Speeds.PLANNED, control=(wanted, 0.0))
        assert first[0] == given
        assert poses[1, 3] == pytest.approx(10.0 + 0.1 * given)


@pytest.mark.parametrize(("first", "count"), [(0, 8), (3, 5), (7, 1), (20, 1)])
def test_the_rest_of_a_plan(first: int, count: int) -> None:
    states = np.arange(32.0).reshape(8, 4)
    path = np.full((64, 5), np.nan)
    assert path_planned(states, first, path) == count
    np.testing.assert_array_equal(path[:count, :3], states[8 - count :, :3])
    assert np.isnan(path[count:]).all()
    assert np.isnan(path[:, 3:]).all()
    short = np.full((3, 5), np.nan)
    assert path_planned(states, 0, short) == 3


def test_a_straight_path() -> None:
    path = np.full((3, 5), np.nan)
    assert path_straight(1.0, 2.0, math.atan2(4, 3), 10.0, path) == 2
    np.testing.assert_allclose(path[:2, :3], [[1, 2, math.atan2(4, 3)], [7, 10, math.atan2(4, 3)]])
    assert np.isnan(path[2]).all()


def test_every_option_is_tried_and_none_twice() -> None:
    assert sorted(TRIED.tolist()) == list(range(len(OPTIONS)))
    for table in (OPTIONS, RECOVERIES):
        rows = [tuple(row) for row in table.tolist()]
        assert len(set(rows)) == len(rows)
        for path, side, speeds in rows:
            assert path in list(Path)
            assert side in (-1, 0, 1)
            assert speeds in list(Speeds)
            assert speeds != Speeds.PLANNED
            assert side == 0 or path == Path.LANE
        mirrored = {(3 if p == 2 else 2 if p == 3 else p, -side, s) for p, side, s in rows}
        beside = {row for row in rows if row[0] != Path.RIGHT or row[2] != Speeds.STOP}
        assert beside <= mirrored | {(Path.RIGHT, 0, Speeds.STOP)}, "what is left is right, too"
    assert len(set(Path)) == 4
    assert len(set(Speeds)) == 6


def steered(path: Floats, at: int, shift: float, car: Floats, able: Abilities) -> tuple[float, int]:
    """Pursuit of the piece of a path beyond the distance, written down a second time."""
    place, look = car[:2], max(able.look_time * car[3], able.look_least)
    while at + 2 < len(path) and np.hypot(*(path[at + 1, :2] - place)) < look:
        at += 1
    heading, piece = path[at, 2], path[min(at + 1, len(path) - 1), :2] - path[at, :2]
    if np.hypot(*piece) > 1e-3:
        heading = math.atan2(piece[1], piece[0])
    along = np.array([math.cos(heading), math.sin(heading)])
    aside = np.array([-along[1], along[0]])
    gone, away = (place - path[at, :2]) @ along, (place - path[at, :2]) @ aside - shift
    aim = path[at, :2] + (gone + math.sqrt(max(look**2 - away**2, 1.0))) * along + shift * aside
    steer = pursuit_steering(*car[:3], LENGTH, *aim, able.steer)
    if car[3] > 1.0:
        slip = math.asin(min(0.5 * LENGTH * able.grip / car[3] ** 2, 0.7))
        most = math.atan(2.0 * math.tan(slip))
        steer = min(max(steer, -most), most)
    return steer, at


def rolled_again(
    speeds: Speeds, car: Floats, steer: float, control: tuple[float, float], late: int,
    plan: tuple[Floats, int, float], planned: Floats, path: Floats, shift: float, steps: int,
) -> tuple[list[Floats], tuple[float, float]]:  # fmt: skip
    """Poses and the first control of an option."""
    states, first, spacing = plan
    rates = {Speeds.HOLD: 0.0, Speeds.EASE: -3.0, Speeds.BRAKE: -8.0, Speeds.GAIN: 2.5,
             Speeds.STOP: -4.0}  # fmt: skip
    poses, begins, at, along = [car], (0.0, 0.0), 0, 0
    for k in range(steps):
        now = poses[-1]
        if k < late or speeds == Speeds.PLANNED:
            due = np.minimum(first + 0.1 * k / spacing + np.array([0.0, 1e-6]), len(states) - 1)
            v, then = np.interp(due, np.arange(len(states)), states[:, 3])
            accel = (then - v) / 1e-6 / spacing + (v - now[3]) / 0.5
            wish, at = steered(planned, at, 0.0, now, ABLE)
            if k == 0:
                accel, wish = control
        else:
            accel = rates[speeds]
            wish, along = steered(path, along, shift, now, ABLE)
        accel = min(max(accel, -8.0), 4.0)
        steer = min(max(wish, steer - 0.1), steer + 0.1)
        if k == late:
            begins = accel, steer
        end = max(now[3] + 0.1 * accel, 0.0)
        moving = 0.1 if now[3] + 0.1 * accel > 0.0 or accel >= 0.0 else now[3] / -accel
        mean = 0.5 * (now[3] + end) * moving / 0.1
        poses.append(np.array([*euler_step(*now[:3], mean, 0.0, steer, LENGTH, 0.1)[:3], end]))
    return poses, begins


def winding(rng: np.random.Generator, count: int) -> Floats:
    """A path somewhere; its headings are wrong, as only directions between points are to count."""
    way, turns = rng.uniform(0.2, 6.0, count), np.cumsum(rng.normal(0.0, 0.3, count))
    path = np.zeros((count, 5))
    path[:, 0] = 50.0 + np.cumsum(way * np.cos(1.0 + turns))
    path[:, 1] = -20.0 + np.cumsum(way * np.sin(1.0 + turns))
    path[:, 2] = 1.0 + turns + 0.4
    return path


@pytest.mark.parametrize("number", range(48))
def test_what_is_written_down_is_what_is_rolled_out(number: int) -> None:
    rng, steps = np.random.default_rng(number), 24
    planned, path = winding(rng, 25), winding(rng, int(rng.choice([1, 2, 3, 20])))
    plan, first = np.zeros((int(rng.choice([1, 6, 40])), 4)), int(rng.integers(0, 4))
    plan[:, 3] = np.abs(8.0 + np.cumsum(rng.normal(0.0, 0.4, len(plan))))
    first, spacing = min(first, len(plan) - 1), float(rng.choice([0.1, 0.17]))
    car = np.array([50.0, -20.0, 1.0, 0.0]) + rng.normal(0.0, [3.0, 3.0, 0.2, 0.0])
    car[3] = rng.choice([0.7, 4.0, 12.0, 25.0])
    speeds, late = Speeds(number % 6), int(rng.integers(0, 5))
    shift, steer = rng.normal(0.0, 1.0), rng.normal(0.0, 0.2)
    control = (float(rng.uniform(-9.0, 5.0)), float(rng.normal(0.0, 0.2)))
    poses, begins = np.zeros((steps + 1, 4)), np.zeros(2)
    roll(car, LENGTH, steer, np.array(control), late, plan, first, spacing, planned, len(planned),
         path, len(path), shift, int(speeds), parameter_table(ABLE)[0], poses, begins)  # fmt: skip
    again, wanted = rolled_again(speeds, car, steer, control, late, (plan, first, spacing), planned,
                                 path, shift, steps)  # fmt: skip
    np.testing.assert_allclose(poses, again, atol=1e-5)
    assert begins == pytest.approx(wanted, abs=1e-5)
