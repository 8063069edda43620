"""Plants against highway-env's classes bit for bit, and against closed forms and symmetries."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from drivestack.vehicle.bicycle import clip_action, step_dynamic, step_kinematic, tyre_derivative
from drivestack.vehicle.parameters import highway_env_slot, new_body
from tests.portable import run_reference

SEED = 3


def roll_out(start: NDArray, actions: NDArray, dt: float, dynamic: bool = False) -> NDArray:
    """States (T, 4) of one body under actions (T, 2) from ``x, y, heading, speed``."""
    body, slot = new_body()[0], highway_env_slot()[0]
    slot["dt"] = dt
    for name, value in zip(("x", "y", "heading", "speed"), start, strict=True):
        body[name] = value
    step = step_dynamic if dynamic else step_kinematic
    states = np.empty((len(actions), 4))
    for tick, (accel, steer) in enumerate(actions):
        body["accel"], body["steer"] = accel, steer
        step(body, slot)
        states[tick] = [body["x"], body["y"], body["heading"], body["speed"]]
    return states


@pytest.mark.parametrize("dynamic", [False, True])
def test_equals_highway_env(dynamic: bool) -> None:
    run = run_reference(
        "tests.vehicle.reference", "plant", seed=SEED, n=120, ticks=40, dynamic=dynamic
    )
    given, tolerance = run.arrays, run.tolerance()
    print(f"seed {SEED}; ticks after a crash: {given['states'][..., 6].sum():.0f}")
    names = ("x", "y", "heading", "speed", "lateral_speed", "yaw_rate")
    for i in range(len(given["start"])):
        body, slot = new_body()[0], highway_env_slot()[0]
        slot["dt"] = given["dt"][i]
        for name, value in zip(names, given["start"][i], strict=True):
            body[name] = value
        for tick, (accel, steer) in enumerate(given["actions"][i]):
            if given["hit"][i, tick]:
                body["has_impact"] = True
                body["impact_x"], body["impact_y"] = given["impacts"][i, tick]
            body["accel"], body["steer"] = accel, steer
            (step_dynamic if dynamic else step_kinematic)(body, slot)
            found = [*(body[name] for name in names), body["crashed"]]
            expected = given["states"][i, tick]
            np.testing.assert_allclose(
                found, expected, rtol=0, atol=tolerance, err_msg=f"{i} {tick}"
            )


def test_crashed_body_brakes_by_its_speed() -> None:
    body, slot = new_body()[0], highway_env_slot()[0]
    body["crashed"], body["speed"], body["accel"], body["steer"] = True, 8.0, 3.0, 0.2
    clip_action(body, slot)
    assert (body["accel"], body["steer"]) == (-8.0, 0.0)


@pytest.mark.parametrize(("speed", "given", "kept"), [(41.0, 3.0, -1.0), (-41.0, -3.0, 1.0)])
def test_speed_limits_are_soft(speed: float, given: float, kept: float) -> None:
    body, slot = new_body()[0], highway_env_slot()[0]
    body["speed"], body["accel"] = speed, given
    clip_action(body, slot)
    assert body["accel"] == kept


@pytest.mark.parametrize("step", [step_kinematic, step_dynamic])
def test_clamped_physics_stops_at_zero(step: Callable[..., None]) -> None:
    body, slot = new_body()[0], highway_env_slot()[0]
    slot["dt"], slot["clamped"] = 0.1, True
    body["speed"], body["accel"] = 0.2, -6.0
    step(body, slot)
    assert body["speed"] == 0.0
    slot["clamped"] = False
    body["speed"], body["accel"] = 0.2, -6.0
    step(body, slot)
    assert body["speed"] < -0.3


def test_constant_steering_drives_a_circle() -> None:
    dt, steer, speed, ticks = 1e-3, 0.2, 10.0, 4000
    beta = math.atan(0.5 * math.tan(steer))
    radius = 2.5 / math.sin(beta)
    states = roll_out(np.array([0, 0, 0, speed]), np.full((ticks, 2), [0.0, steer]), dt)
    turned = speed * dt * ticks / radius
    exact = radius * np.array(
        [math.sin(turned + beta) - math.sin(beta), math.cos(beta) - math.cos(turned + beta)]
    )
    # explicit Euler: first order in dt
    np.testing.assert_allclose(states[-1, :2], exact, atol=0.5 * turned * speed * dt)
    assert states[-1, 2] == pytest.approx(turned, abs=1e-9)


@pytest.mark.parametrize("dynamic", [False, True])
def test_mirror_is_exact(dynamic: bool) -> None:
    rng = np.random.default_rng(SEED)
    flip = np.array([1.0, -1.0, -1.0, 1.0])
    # in reverse the tyre model's arctan2 jumps at a slip of 0, in highway-env too
    slowest = 5 if dynamic else -9
    for _ in range(50):
        start = np.array([*rng.uniform(-9, 9, 2), rng.uniform(-7, 7), rng.uniform(slowest, 30)])
        actions = rng.normal(0, (3, 0.3), (30, 2))
        ours = roll_out(start, actions, 0.05, dynamic)
        theirs = roll_out(start * flip, actions * [1, -1], 0.05, dynamic)
        assert (ours == theirs * flip).all()


@pytest.mark.parametrize("dynamic", [False, True])
def test_motion_of_the_frame_moves_the_path(dynamic: bool) -> None:
    rng = np.random.default_rng(SEED)
    for _ in range(50):
        start = np.array([*rng.uniform(-9, 9, 2), rng.uniform(-7, 7), rng.uniform(2, 30)])
        actions = rng.normal(0, (2, 0.1), (30, 2))
        turn, shift = rng.uniform(-3, 3), rng.uniform(-100, 100, 2)
        c, s = math.cos(turn), math.sin(turn)
        rotation = np.array([[c, -s], [s, c]])
        moved = np.array([*(rotation @ start[:2] + shift), start[2] + turn, start[3]])
        ours, theirs = (roll_out(at, actions, 0.05, dynamic) for at in (start, moved))
        np.testing.assert_allclose(ours[:, :2] @ rotation.T + shift, theirs[:, :2], atol=1e-9)
        np.testing.assert_allclose(ours[:, 2] + turn, theirs[:, 2], atol=1e-9)
        np.testing.assert_allclose(ours[:, 3], theirs[:, 3], rtol=0, atol=0)


def test_dynamic_plant_solves_its_own_equations() -> None:
    steer, accel, seconds, ticks = 0.05, 0.5, 2.0, 400
    slot = highway_env_slot()[0]
    inertia = (25.0 + 4.0) / 12.0

    def derivative(_: float, state: NDArray) -> list[float]:
        _, _, heading, speed, lateral, rate = state
        dx, dy, dw, dr = tyre_derivative(
            heading, speed, lateral, rate, steer, 2.5, inertia, slot["tyre_stiffness"], 1.0
        )
        return [dx, dy, rate, accel, dw, dr]

    start = np.array([0.0, 0.0, 0.3, 15.0])
    states = roll_out(start, np.full((ticks, 2), [accel, steer]), seconds / ticks, dynamic=True)
    exact = solve_ivp(derivative, (0, seconds), [*start, 0, 0], rtol=1e-11, atol=1e-11).y[:, -1]
    np.testing.assert_allclose(states[-1], exact[:4], atol=1e-6)


def test_steady_turn_of_the_dynamic_plant() -> None:
    """Equal tyres and a centred mass: neutral steering, yaw rate = v / L * steer."""
    states = roll_out(np.array([0, 0, 0, 10.0]), np.full((400, 2), [0.0, 0.02]), 0.01, True)
    rate = (states[-1, 2] - states[-2, 2]) / 0.01
    assert rate == pytest.approx(10.0 / 5.0 * 0.02, rel=1e-3)
