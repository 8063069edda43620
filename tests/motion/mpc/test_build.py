"""The pieces of a problem against finite differences, roll-outs and plain sums."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from drivestack.core.parameters import parameter_table
from drivestack.motion.actuation import delayed
from drivestack.motion.mpc.answer import commanded
from drivestack.motion.mpc.condense import condensed, first_error
from drivestack.motion.mpc.costs import SLACKS, Cost, effort, slack, tracking
from drivestack.motion.mpc.limits import Limit, actuators, corridor, friction, inputs, speed
from drivestack.motion.mpc.model import advance, slip
from drivestack.motion.mpc.parameters import Bounds, Weights
from drivestack.motion.mpc.reference import sampled
from drivestack.vehicle.bicycle import step_kinematic
from drivestack.vehicle.lagged import lag
from tests.motion.mpc.driving import DT, LAGGED, LENGTH, REFERENCES, actuation, new_plant, rolled

BOUNDS, WEIGHTS = Bounds(), Weights()
MOST, WEIGHT = parameter_table(BOUNDS)[0], parameter_table(WEIGHTS)[0]
HOLDS = np.array([1, 2, 2, 2, 2], np.int64)
STAGES = len(HOLDS)
CASES = [(12.0, 0.1, 1.0, 2), (0.5, -0.4, -2.0, 1), (25.0, 0.02, -6.0, 3), (3.0, 0.9, 0.0, 2)]


@pytest.mark.parametrize(("v", "steer", "accel", "holds"), CASES)
def test_the_model_is_the_plant(v: float, steer: float, accel: float, holds: int) -> None:
    plant = new_plant(False, v)
    plant.body["x"] = 0.0
    for _ in range(holds):
        plant.body["accel"], plant.body["steer"] = accel, steer
        step_kinematic(plant.body[0], plant.slot[0])
    found, _ = advance(v, steer, accel, LENGTH, DT, holds)
    wanted = [plant.body[name][0] for name in ("x", "y", "heading", "speed")]
    np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize(("v", "steer", "accel", "holds"), CASES)
def test_jacobian_is_the_difference_quotient(
    v: float, steer: float, accel: float, holds: int
) -> None:
    _, jacobian = advance(v, steer, accel, LENGTH, DT, holds)
    step = 1e-6
    for i, d in enumerate(np.eye(3) * step):
        more, _ = advance(v + d[0], steer + d[1], accel + d[2], LENGTH, DT, holds)
        less, _ = advance(v - d[0], steer - d[1], accel - d[2], LENGTH, DT, holds)
        np.testing.assert_allclose(jacobian[:, i + 1], (more - less) / (2 * step), atol=1e-7)
    end, _ = advance(v, steer, accel, LENGTH, DT, holds)
    np.testing.assert_allclose(jacobian[:, 0], [-end[1], end[0], 1.0, 0.0], atol=1e-12)
    slope = (slip(steer + step)[0] - slip(steer - step)[0]) / (2 * step)
    assert slip(steer)[1] == pytest.approx(slope, abs=1e-8)


def affine(first: NDArray, plan: NDArray, feed: NDArray) -> tuple[NDArray, NDArray]:
    """Gain and free of `condensed`."""
    gain, free = np.zeros((STAGES, 6, 2 * STAGES)), np.empty((STAGES, 6))
    condensed(first, plan, feed, LENGTH, DT, HOLDS, MOST, gain, free)
    return gain, free


def added(piece: Any, *arguments: Any) -> Cost:
    """A cost by itself."""
    size = 2 * STAGES + SLACKS
    total = Cost(np.zeros((size, size)), np.zeros(size))
    piece(*arguments, total)
    return total


def written(piece: Any, *arguments: Any) -> Limit:
    """The rows of a limit, between others that it has to leave alone."""
    size, first, room = 2 * STAGES + SLACKS, 3, 12 * STAGES
    out = Limit(np.zeros((room, size)), np.full(room, np.nan), np.full(room, np.nan))
    end = piece(*arguments, out, first)
    others = np.r_[:first, end:room]
    assert np.isnan(out.lo[others]).all()
    assert np.isnan(out.hi[others]).all()
    assert (out.A[others] == 0.0).all()
    return Limit(out.A[first:end], out.lo[first:end], out.hi[first:end])


def lane_change_problem(offset: float) -> tuple[Any, ...]:
    """Plan, feed, first error, gain and free in the middle of a lane change."""
    v, controls = REFERENCES["lane change"]
    whole = rolled(controls, v)
    plan, feed = sampled(whole.states[0], whole.controls[0], 0.1, LENGTH, 2.0, DT, HOLDS)
    car = plan[0] + offset * np.array([0.3, 0.5, 0.02, 0.4])
    first = first_error(car, feed[0, 1], feed[0, 0], plan[0])
    gain, free = affine(first, plan, feed)
    return plan, feed, car, first, gain, free


def rolled_errors(car: NDArray, plan: NDArray, steer: float, accel: float, u: NDArray) -> NDArray:
    """(N, 6) errors of the nonlinear plant under inputs."""
    found = np.empty((STAGES, 6))
    for k, hold in enumerate(HOLDS):
        steer += hold * DT * BOUNDS.steer_rate * u[2 * k]
        accel += hold * DT * BOUNDS.jerk * u[2 * k + 1]
        moved, _ = advance(car[3], steer, accel, LENGTH, DT, int(hold))
        c, s = math.cos(car[2]), math.sin(car[2])
        car = np.array([car[0] + c * moved[0] - s * moved[1], car[1] + s * moved[0] + c * moved[1],
                        car[2] + moved[2], moved[3]])  # fmt: skip
        found[k] = first_error(car, steer, accel, plan[k + 1])
    return found


@pytest.mark.parametrize("scale", [1.0, 0.1, 0.01])
def test_condensed_errors_are_right_to_second_order(scale: float) -> None:
    plan, feed, car, _, gain, free = lane_change_problem(scale)
    u = scale * np.random.default_rng(0).uniform(-0.3, 0.3, 2 * STAGES)
    wanted = rolled_errors(car, plan, feed[0, 1], feed[0, 0], u)
    assert np.abs(gain @ u + free - wanted).max() < 0.2 * scale**2 + 3e-3  # chords of the plan


def test_costs_are_the_sums_they_say() -> None:
    _, feed, _, _, gain, free = lane_change_problem(1.0)
    rng = np.random.default_rng(1)
    weight = np.array([WEIGHTS.along, WEIGHTS.across, WEIGHTS.yaw, WEIGHTS.speed, WEIGHTS.steer,
                       WEIGHTS.accel])  # fmt: skip

    def direct(z: NDArray) -> float:
        u, s = z[: 2 * STAGES], z[2 * STAGES :]
        error = gain @ u + free
        error[:, 4:] -= feed[:, ::-1]
        linear = [WEIGHTS.excess_corridor, WEIGHTS.excess_friction, WEIGHTS.excess_speed]
        rates = WEIGHTS.steer_rate * u[::2] @ u[::2] + WEIGHTS.jerk * u[1::2] @ u[1::2]
        return float(0.5 * (weight * error**2).sum() + 0.5 * rates + np.dot(linear, s)
                     + 0.5 * WEIGHTS.excess * s @ s)  # fmt: skip

    parts = (
        added(tracking, gain, free, feed, WEIGHT),
        added(effort, STAGES, WEIGHT),
        added(slack, STAGES, WEIGHT),
    )
    zero = direct(np.zeros(2 * STAGES + SLACKS))
    for _ in range(5):
        z = rng.normal(size=2 * STAGES + SLACKS)
        quadratic = sum(0.5 * z @ cost.H @ z + cost.g @ z for cost in parts)
        assert quadratic == pytest.approx(direct(z) - zero, rel=1e-12)
    for cost in parts:
        np.testing.assert_array_equal(cost.H, cost.H.T)
        assert np.linalg.eigvalsh(cost.H).min() > -1e-9


def test_limits_bound_what_they_say() -> None:
    plan, _, _, _, gain, free = lane_change_problem(1.0)
    z = np.append(np.random.default_rng(2).uniform(-1, 1, 2 * STAGES), [0.2, 0.3, 0.4])
    error = gain @ z[:-3] + free
    found = written(actuators, gain, free, DT, HOLDS, MOST)
    values = (found.A @ z).reshape(STAGES, 2)
    np.testing.assert_allclose(
        values - found.lo.reshape(STAGES, 2), error[:, 4:] - [-BOUNDS.steer, -BOUNDS.friction]
    )
    np.testing.assert_allclose(
        found.hi.reshape(STAGES, 2) - values, [BOUNDS.steer, BOUNDS.most_accel] - error[:, 4:]
    )
    found = written(speed, gain, free, plan, MOST)
    np.testing.assert_allclose((found.A @ z - found.lo)[::2], error[:, 3] + plan[1:, 3] + 0.4)
    found = written(corridor, gain, free, MOST)
    np.testing.assert_allclose((found.A @ z - found.lo)[::2], error[:, 1] + 0.5 + 0.2)
    np.testing.assert_allclose((found.hi - found.A @ z)[1::2], 0.5 - error[:, 1] + 0.2)
    lo, hi = inputs(STAGES)
    assert (lo[:-3] == -1.0).all()
    assert (hi[:-3] == 1.0).all()
    assert (lo[-3:] == 0.0).all()


def test_a_car_outside_its_bounds_may_come_back() -> None:
    """No solution would be left if the bound were to hold at once."""
    plan, feed, car, _, _, _ = lane_change_problem(0.0)
    first = first_error(car, 1.5, -12.0, plan[0])
    gain, free = affine(first, plan, feed)
    found = written(actuators, gain, free, DT, HOLDS, MOST)
    back = np.append(np.tile([-1.0, 1.0], STAGES), np.zeros(3))
    assert (found.A @ back <= found.hi + 1e-12).all()
    assert (found.A @ back >= found.lo - 1e-12).all()


def test_friction_facets_lie_in_the_circle_and_touch_it() -> None:
    """At the plan itself: every admissible pair of accelerations is in it, corners are on it."""
    v = 15.0
    plan = np.zeros((STAGES + 1, 4))
    plan[:, 3] = v
    feed, first = np.zeros((STAGES, 2)), np.zeros(6)
    gain, free = affine(first, plan, feed)
    found = written(friction, gain, free, first, plan, feed, LENGTH, MOST)
    by_steer = v * v * 0.5 / (LENGTH / 2.0)
    radius = BOUNDS.friction
    for angle in np.linspace(0.0, 2.0 * math.pi, 17)[:-1]:
        for part, inside in ((0.92, True), (1.09, False)):
            accel, lateral = part * radius * math.cos(angle), part * radius * math.sin(angle)
            z = np.zeros(2 * STAGES + SLACKS)
            z[0] = lateral / by_steer / (DT * BOUNDS.steer_rate)
            z[1] = accel / (DT * BOUNDS.jerk)
            held = bool((found.A[:6] @ z <= found.hi[:6]).all())
            assert held == (inside or abs(lateral) < 0.4 * radius)


def test_the_plan_is_sampled_between_and_beyond_its_states() -> None:
    v, controls = REFERENCES["arc"]
    plan = rolled(controls, v)
    states = plan.states[0]
    found, feed = sampled(states, controls, 0.1, LENGTH, 0.0, DT, np.full(80, 2, np.int64))
    np.testing.assert_allclose(found[0], [30.0, 0.0, 0.0, v], atol=1e-12)
    np.testing.assert_allclose(found[1:], states, atol=1e-9)
    np.testing.assert_array_equal(feed, controls)
    later, after = sampled(states, controls, 0.1, LENGTH, 9.0, DT, HOLDS)
    assert np.abs(np.hypot(later[:, 0] - states[-1, 0], later[:, 1] - states[-1, 1]).max()) < 20.0
    np.testing.assert_allclose(np.diff(later[:, 2]), v / 40.0 * DT * HOLDS, rtol=1e-9)
    assert (after[:, 0] == 0.0).all()


def test_delay_is_predicted_as_the_plant_moves() -> None:
    plant = new_plant(True, 12.0)
    rng = np.random.default_rng(4)
    commands = rng.normal(0.0, (1.5, 0.1), (12, 2))
    seen = []
    for tick, command in enumerate(commands):
        body = plant.body[0]
        state = np.array([[body["x"], body["y"], body["heading"], body["speed"]]])
        seen.append((state, np.array([body["accel"]]), np.array([body["steer"]])))
        plant.step(command, tick)
    own = actuation(True).table
    for tick in range(3, 9):
        size = np.array([[LENGTH, 2.0]])
        pending = commands[None, tick - 3 : tick]
        found = delayed(*seen[tick], size, pending, own)
        wanted = np.concatenate([seen[tick + 3][0][0], *seen[tick + 3][1:]])
        np.testing.assert_allclose(found[0], wanted, atol=1e-12)


def test_commands_arrive_behind_a_lag() -> None:
    own = actuation(True).table[0]
    car = np.array([0.0, 0.0, 0.0, 12.0, -0.5, 0.05])
    accel, steer = commanded(car, 0.1, 0.06, own, MOST)
    assert lag(-0.5, accel, LAGGED.accel_lag, 1e9, DT) == pytest.approx(0.1, abs=1e-12)
    assert lag(0.05, steer, LAGGED.steer_lag, 1e9, DT) == pytest.approx(0.06, abs=1e-12)
