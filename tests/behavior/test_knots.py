"""Knots to chunks and back: known answers, symmetries, and rows on their own."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from drivestack.behavior.knots import EASED, EVERY, KNOTS, STEPS, Drawing, knots_of, unrolled
from drivestack.core.rows import take_rows
from drivestack.core.types import EgoState, Floats, Route
from drivestack.route import ROUTERS
from tests.contracts.situations import all_of_them, rolled_out
from tests.scenes import bend, no_goal, observation, two_lanes

LENGTH = 5.0


def ego_at(
    x: float, y: float, yaw: float, v: float, steer: float = 0.0, accel: float = 0.0
) -> EgoState:
    return EgoState(
        np.array([[x, y, yaw, v]]), np.array([accel]), np.array([steer]), np.array([[LENGTH, 2.0]])
    )


def on_road(ego: EgoState, curved: bool = False) -> Route:
    x, y, yaw, v = ego.state[0].tolist()
    seen = observation([bend() if curved else two_lanes()], [(x, y, yaw, v)])
    return ROUTERS["lanes"]().route(seen, no_goal(1))


def constant(along: float, across: float) -> Floats:
    return np.broadcast_to([along, across], (1, 1, KNOTS, 2)).copy()


def some_knots(seed: int, count: int = 6) -> Floats:
    draw = np.random.default_rng(seed)
    return np.stack(
        [draw.uniform(-1.5, 1.5, (1, count, KNOTS)), draw.uniform(-1.0, 1.0, (1, count, KNOTS))], -1
    )


def test_straight_on_a_straight_route() -> None:
    ego = ego_at(20.0, 0.0, 0.0, 10.0, accel=1.0)
    states, controls = unrolled(ego, on_road(ego), constant(1.0, 0.0))
    t = 0.1 * np.arange(1, STEPS + 1)
    np.testing.assert_allclose(states[0, 0, :, 3], 10.0 + t, atol=1e-12)
    # explicit Euler: each step goes at the speed it begins with
    np.testing.assert_allclose(states[0, 0, :, 0], 20.0 + 10.0 * t + 0.5 * t * (t - 0.1), atol=1e-9)
    assert np.abs(states[0, 0, :, 1:3]).max() < 1e-12
    assert np.abs(controls[0, 0, :, 1]).max() < 1e-12


def test_across_at_constant_speed_is_a_circle() -> None:
    ego = ego_at(20.0, 0.0, 0.0, 10.0, steer=2.0 * LENGTH / 2.0 / 100.0)
    states, _ = unrolled(ego, on_road(ego), constant(0.0, 1.0))  # curvature 1 / 100
    turned = states[0, 0, -1, 2]
    assert turned == pytest.approx(0.4, abs=0.002)
    assert states[0, 0, -1, 1] == pytest.approx(100.0 * (1.0 - math.cos(0.4)), abs=1.1)


def test_across_is_reckoned_with_five_metres_a_second_below() -> None:
    ego = ego_at(20.0, 0.0, 0.0, 2.0, steer=2.0 * LENGTH / 2.0 / 50.0)
    states, _ = unrolled(ego, on_road(ego), constant(0.0, 0.5))  # curvature 1 / 50
    gone = 2.0 * 4.0
    assert states[0, 0, -1, 2] == pytest.approx(gone / 50.0, rel=0.02)


@pytest.mark.parametrize("speed", [5.0, 8.0, 12.0])
def test_nothing_across_follows_the_route_through_a_bend(speed: float) -> None:
    ego = ego_at(79.0 - speed, 0.0, 0.0, speed)
    route = on_road(ego, curved=True)
    states, _ = unrolled(ego, route, constant(0.0, 0.0))
    x, y = states[0, 0, :, 0], states[0, 0, :, 1]
    on_arc = x > 85.0
    off = np.abs(np.hypot(x - 80.0, y - 40.0) - 40.0)[on_arc]
    assert on_arc.sum() > 10
    # as wheels turn the middle of a car begins to slip inwards, sin(slip) = length / 2 radius, and
    # explicit Euler goes round a polygon: both are for whoever gives the knots to make up for
    slip, side = 0.5 * LENGTH / 40.0, 0.1 * speed
    arc = 4.0 * speed - (80.0 - (79.0 - speed))
    assert off.max() < slip * arc + side
    without, _ = unrolled(ego, on_road(ego), constant(0.0, 0.0))
    aside = np.abs(np.hypot(without[0, 0, :, 0] - 80.0, without[0, 0, :, 1] - 40.0) - 40.0)
    assert speed < 8.0 or off.max() < 0.5 * aside.max()
    straight, _ = unrolled(ego, replace(route, valid=np.zeros_like(route.valid)), constant(0, 0))
    assert np.abs(straight[0, 0, :, 1]).max() < 1e-12


@pytest.mark.parametrize("curved", [False, True])
def test_knots_come_back(curved: bool) -> None:
    ego = ego_at(50.0, 0.0, 0.0, 9.0)
    route, knots = on_road(ego, curved), some_knots(1)
    states, controls = unrolled(ego, route, knots, Drawing(steer_rate=100.0))
    np.testing.assert_allclose(knots_of(ego, route, states, controls), knots, atol=1e-9)


def test_a_chunk_goes_on_from_what_is_in_force_and_is_linear_between_knots() -> None:
    ego = ego_at(50.0, 0.0, 0.0, 20.0, accel=-2.0)
    knots = some_knots(2, 1)
    _, controls = unrolled(ego, on_road(ego), knots)
    accel = controls[0, 0, :, 0]
    times = np.arange(1, STEPS + 1) / EVERY
    values = [-2.0, *knots[0, 0, :, 0]]
    np.testing.assert_allclose(accel, np.interp(times, np.arange(KNOTS + 1), values))


def test_who_stops_stays() -> None:
    ego = ego_at(50.0, 0.0, 0.0, 2.0)
    states, controls = unrolled(ego, on_road(ego), constant(-2.0, 0.0))
    assert (states[0, 0, :, 3] >= 0.0).all()
    assert states[0, 0, -1, 3] == 0.0
    assert (controls[0, 0, 15:, 0] == 0.0).all()
    knots = knots_of(ego, on_road(ego), states, controls)
    again, _ = unrolled(ego, on_road(ego), knots)
    np.testing.assert_allclose(again[0, 0, :, 0], states[0, 0, :, 0], atol=0.15)


@pytest.mark.parametrize("creep", [0.0, 0.03])
def test_a_chunk_that_hardly_moves_is_a_stop(creep: float) -> None:
    ego = ego_at(50.0, 0.0, 0.0, 0.0)
    route = on_road(ego)
    states, controls = unrolled(ego, route, constant(creep, 3.0))
    assert states[0, 0, -1, 0] == 50.0  # 0.24 m would be 0.3 m at most
    assert (states[0, 0, :, 3] == 0.0).all()
    knots = knots_of(ego, route, states, controls)
    np.testing.assert_array_equal(knots, constant(Drawing().hold, 0.0))


def test_standing_says_nothing_of_steering() -> None:
    """One who waits with turned wheels and then goes straight on is labelled by how it goes."""
    ego = ego_at(50.0, 0.0, 0.0, 0.0)
    controls = np.zeros((40, 2))
    controls[:20, 1], controls[20:, 0] = 0.5, 2.0
    states = rolled_out(ego.state[0], LENGTH, controls, 0.1)
    knots = knots_of(ego, on_road(ego), states[None, None], controls[None, None])
    assert np.abs(knots[0, 0, 6:, 1]).max() < 1e-6
    assert np.abs(knots[0, 0, :, 1]).max() < 0.01


def test_the_steering_rate_is_bound() -> None:
    ego = ego_at(50.0, 0.0, 0.0, 5.0)
    _, controls = unrolled(ego, on_road(ego), constant(0.0, 9.0))
    turns = np.diff(controls[0, 0, :, 1], prepend=0.0)
    assert turns.max() == pytest.approx(0.1)
    assert np.abs(controls[..., 1]).max() <= math.pi / 3.0


def test_chunks_are_driven_by_their_controls() -> None:
    ego = ego_at(70.0, 0.4, 0.1, 8.0)
    states, controls = unrolled(ego, on_road(ego, curved=True), some_knots(3))
    for k in range(states.shape[1]):
        own = rolled_out(ego.state[0], LENGTH, controls[0, k], 0.1)
        np.testing.assert_allclose(states[0, k][:, [0, 1, 3]], own[:, [0, 1, 3]], atol=1e-9)


def test_a_mirrored_road_gives_mirrored_chunks() -> None:
    ego = ego_at(70.0, 0.4, 0.1, 8.0, steer=0.05)
    route, knots = on_road(ego, curved=True), some_knots(4)
    states, controls = unrolled(ego, route, knots)
    flip = np.array([1.0, -1.0, -1.0, 1.0])
    other = replace(ego, state=ego.state * flip, steer=-ego.steer)
    across = knots * np.array([1.0, -1.0])
    mirrored = replace(route, line=route.line * flip[:3])
    found, turned = unrolled(other, mirrored, across)
    np.testing.assert_array_equal(found, states * flip)
    np.testing.assert_array_equal(turned, controls * np.array([1.0, -1.0]))
    np.testing.assert_array_equal(knots_of(other, mirrored, found, turned),
                                  knots_of(ego, route, states, controls) * [1.0, -1.0])  # fmt: skip


def test_a_moved_road_moves_the_chunks() -> None:
    ego = ego_at(70.0, 0.4, 0.1, 8.0)
    route, knots = on_road(ego, curved=True), some_knots(5)
    states, controls = unrolled(ego, route, knots)

    def move(poses: Floats) -> Floats:
        c, s = math.cos(2.0), math.sin(2.0)
        moved = poses.copy()
        moved[..., 0] = c * poses[..., 0] - s * poses[..., 1] + 500.0
        moved[..., 1] = s * poses[..., 0] + c * poses[..., 1] - 300.0
        moved[..., 2] = poses[..., 2] + 2.0
        return moved

    other = replace(ego, state=move(ego.state))
    found, turned = unrolled(other, replace(route, line=move(route.line)), knots)
    np.testing.assert_allclose(found[..., [0, 1, 3]], move(states)[..., [0, 1, 3]], atol=1e-6)
    np.testing.assert_allclose(turned, controls, atol=1e-7)


def test_a_row_does_not_depend_on_its_batch() -> None:
    seen = all_of_them()
    route = ROUTERS["lanes"]().route(seen, no_goal(len(seen.tick)))
    knots = np.repeat(some_knots(6, 3), len(seen.tick), axis=0)
    states, controls = unrolled(seen.ego, route, knots)
    back = knots_of(seen.ego, route, states, controls)
    for b in range(len(seen.tick)):
        row = np.array([b])
        ego, way = take_rows(seen.ego, row), take_rows(route, row)
        alone, own = unrolled(ego, way, knots[row])
        assert alone.tobytes() == states[row].tobytes()
        assert own.tobytes() == controls[row].tobytes()
        assert knots_of(ego, way, alone, own).tobytes() == back[row].tobytes()
    assert np.isfinite(states).all()
    assert np.isfinite(back).all()


def eased(now: float, knots: np.ndarray) -> np.ndarray:
    """Accelerations of a chunk drawn with ease, at 15 m/s."""
    ego = replace(ego_at(100.0, 0.0, 0.0, 15.0), accel=np.full(1, now))
    return unrolled(ego, on_road(ego), knots[None, None], EASED)[1][0, 0, :, 0]


def test_with_ease_it_stays_within_comfort() -> None:
    knots = np.zeros((KNOTS, 2))
    knots[:, 0] = [-2.0, -4.2, -4.2, -4.2, 0.0, 0.0, 2.0, 2.0, 2.0, 2.0]
    accel = eased(0.0, knots)
    assert accel.min() == pytest.approx(EASED.gentle)
    assert np.abs(np.diff(accel, prepend=0.0)).max() <= EASED.jerk * 0.1 + 1e-9
    assert accel[-1] == pytest.approx(2.0)


def test_who_brakes_for_dear_life_is_not_softened() -> None:
    knots = np.zeros((KNOTS, 2))
    knots[:, 0] = -7.0
    accel = eased(0.0, knots)
    assert accel[3] == pytest.approx(-7.0)


def test_after_an_emergency_it_is_gentle_at_once() -> None:
    accel = eased(-8.0, np.zeros((KNOTS, 2)))
    assert accel[0] == EASED.gentle
    assert accel[15] == pytest.approx(0.0)
