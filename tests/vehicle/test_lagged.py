"""Actuator lags against closed forms and a solver; delay, rate limits and the friction circle."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from drivestack.vehicle.bicycle import step_kinematic
from drivestack.vehicle.lagged import lag, on_friction_circle, step_lagged
from drivestack.vehicle.parameters import Actuators, highway_env_slot, new_body, set_actuators

FREE = {"max_jerk": 1e9, "max_steer_rate": 1e9, "friction": 1e9}
IDEAL = Actuators(accel_lag=0.0, steer_lag=0.0, **FREE)


def car(actuators: Actuators, dt: float = 0.05, speed: float = 10.0) -> tuple[NDArray, NDArray]:
    bodies, slots = new_body(), highway_env_slot()
    slots["dt"], bodies["speed"] = dt, speed
    set_actuators(slots, actuators)
    return bodies, slots


def drive(bodies: NDArray, slots: NDArray, commands: NDArray) -> NDArray:
    """What was applied (T, 2) for commands (T, 2)."""
    applied = np.empty_like(commands)
    for tick, command in enumerate(commands):
        slots["tick"] = tick
        bodies["accel"], bodies["steer"] = command
        step_lagged(bodies[0], slots[0])
        applied[tick] = bodies["accel"][0], bodies["steer"][0]
    return applied


def test_without_limits_it_is_the_kinematic_plant() -> None:
    bodies, slots = car(IDEAL)
    plain = bodies.copy()
    rng = np.random.default_rng(1)
    for command in rng.normal(0, (2, 0.2), (100, 2)):
        for row, step in ((bodies, step_lagged), (plain, step_kinematic)):
            row["accel"], row["steer"] = command
            step(row[0], slots[0])
    assert (bodies == plain).all()


def test_step_response_is_exact_at_any_rate() -> None:
    for dt in (0.01, 0.05, 0.2, 1.0):
        bodies, slots = car(Actuators(accel_lag=0.2, steer_lag=0.05, **FREE), dt)
        ticks = round(1.0 / dt)
        applied = drive(bodies, slots, np.full((ticks, 2), [2.0, 0.1]))
        times = dt * np.arange(1, ticks + 1)
        np.testing.assert_allclose(applied[:, 0], 2.0 * (1 - np.exp(-times / 0.2)), rtol=1e-12)
        np.testing.assert_allclose(applied[:, 1], 0.1 * (1 - np.exp(-times / 0.05)), rtol=1e-12)


def test_lag_solves_its_equation() -> None:
    rng = np.random.default_rng(2)
    state, commands = 0.3, rng.normal(0, 2, 20)
    found = state
    for command in commands:
        found = lag(found, command, 0.2, 1e9, 0.05)
        state = solve_ivp(
            lambda _, y, u=command: (u - y) / 0.2, (0, 0.05), [state], rtol=1e-12, atol=1e-12
        ).y[0, -1]
    assert found == pytest.approx(state, abs=1e-9)


@pytest.mark.parametrize("delay", [0, 1, 3, 32])
def test_commands_arrive_after_the_delay(delay: int) -> None:
    actuators = Actuators(accel_lag=0.0, steer_lag=0.0, delay=delay, **FREE)
    commands = np.random.default_rng(3).normal(0, (1, 0.1), (80, 2))
    applied = drive(*car(actuators), commands)
    np.testing.assert_allclose(applied[delay:], commands[: len(commands) - delay], rtol=1e-12)
    assert (applied[:delay] == 0).all()


def test_rates_are_limited() -> None:
    bodies, slots = car(Actuators(accel_lag=0.0, steer_lag=0.0, friction=1e9))
    applied = drive(bodies, slots, np.full((20, 2), [-6.0, 0.3]))
    steps = np.diff(np.vstack([[0.0, 0.0], applied]), axis=0)
    assert np.abs(steps[:, 0]).max() <= 12.65 * 0.05 * (1 + 1e-12)
    assert np.abs(steps[:, 1]).max() <= 0.5 * 0.05 * (1 + 1e-12)
    np.testing.assert_allclose(applied[-1], [-6.0, 0.3])


def test_accelerations_stay_on_the_friction_circle() -> None:
    rng = np.random.default_rng(4)
    limit = 0.8 * 9.80665
    for _ in range(2000):
        accel, steer, speed = rng.normal(0, 8), rng.uniform(-0.6, 0.6), rng.uniform(0, 40)
        a, s = on_friction_circle(accel, steer, speed, 5.0, limit)
        lateral = speed * speed * math.sin(math.atan(0.5 * math.tan(s))) / 2.5
        wanted = speed * speed * math.sin(math.atan(0.5 * math.tan(steer))) / 2.5
        assert math.hypot(a, lateral) <= limit * (1 + 1e-9)
        if math.hypot(accel, wanted) <= limit:
            assert (a, s) == (accel, steer)
        else:  # the direction of the wanted acceleration is kept
            assert a * wanted == pytest.approx(accel * lateral, rel=1e-9, abs=1e-9)
        assert on_friction_circle(accel, -steer, speed, 5.0, limit) == (a, -s)


def test_crashed_car_ignores_commands() -> None:
    bodies, slots = car(Actuators(delay=3))
    bodies["crashed"] = True
    applied = drive(bodies, slots, np.full((1, 2), [5.0, 0.5]))
    assert applied.tolist() == [[-10.0, 0.0]]


def test_mirror_is_exact() -> None:
    commands = np.random.default_rng(5).normal(0, (4, 0.3), (200, 2))
    ours, theirs = car(Actuators(delay=2)), car(Actuators(delay=2))
    drive(*ours, commands)
    drive(*theirs, commands * [1, -1])
    for name, sign in (("x", 1), ("y", -1), ("heading", -1), ("speed", 1), ("steer", -1)):
        assert ours[0][name] == sign * theirs[0][name]
