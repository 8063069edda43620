"""Problems with known answers, and the judge of solutions, which has to notice every defect."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivestack.motion.mpc.solve import TOLERANCE, marks, optimality_residual, solve

EYE = np.eye(2)
NONE = np.zeros(3, np.int32)
ROW = np.array([[1.0, 1.0]])
LO, HI = np.full(3, -1.0), np.full(3, 1.0)


def test_without_an_active_bound_it_is_the_linear_solution() -> None:
    found = solve(2.0 * EYE, np.array([-1.0, 0.5]), ROW, LO, HI, NONE, 0)
    np.testing.assert_allclose(found.u, [0.5, -0.25], atol=1e-12)
    assert found.residual < 1e-12
    assert not found.active.any()


def test_bounds_hold_and_are_marked() -> None:
    """Onto u0 + u1 <= 1 from (2, 2): (0.5, 0.5); below u0 >= -1 from (-3, 0): (-1, 0)."""
    found = solve(EYE, np.array([-2.0, -2.0]), ROW, LO, HI, NONE, 0)
    np.testing.assert_allclose(found.u, [0.5, 0.5], atol=1e-12)
    assert found.active.tolist() == [0, 0, 1]
    found = solve(EYE, np.array([3.0, 0.0]), ROW, LO, HI, NONE, 0)
    np.testing.assert_allclose(found.u, [-1.0, 0.0], atol=1e-12)
    assert found.active.tolist() == [3, 0, 0]


def random_problem(seed: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    n, m = 6, 9
    root = rng.normal(size=(n, n))
    bounds = rng.uniform(0.1, 1.0, n + m)
    return root @ root.T + 0.1 * EYE[0, 0] * np.eye(n), 5 * rng.normal(size=n), rng.normal(
        size=(m, n)
    ), -bounds, bounds  # fmt: skip


@given(seed=st.integers(0, 10**6), other=st.integers(0, 10**6))
@settings(max_examples=50, deadline=None)
def test_a_warm_start_changes_no_solution(seed: int, other: int) -> None:
    problem = random_problem(seed)
    cold = solve(*problem, np.zeros(15, np.int32), 0)
    assert cold.residual < TOLERANCE
    for start in (cold.active, solve(*random_problem(other), np.zeros(15, np.int32), 0).active):
        warm = solve(*problem, start, 0)
        assert warm.residual < TOLERANCE
        np.testing.assert_allclose(warm.u, cold.u, atol=1e-8)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=50, deadline=None)
def test_slack_that_is_left_out_changes_no_solution(seed: int) -> None:
    """One slack that loosens every row of a random problem, at prices where it is 0 and is not."""
    hessian, gradient, rows, lo, hi = random_problem(seed)
    n, m = 6, 9
    wide = np.zeros((n + 1, n + 1))
    wide[:n, :n], wide[n, n] = hessian, 1.0
    rows = np.vstack([np.hstack([rows, np.ones((m, 1))]), np.hstack([rows, -np.ones((m, 1))])])
    free = np.full(m, 1e30)
    lo = np.concatenate([lo[:n], [0.0], lo[n:], -free])
    hi = np.concatenate([hi[:n], [1e30], free, hi[n:]])
    for price in (0.1, 1.0, 100.0):
        problem = wide, np.append(gradient, price), rows, lo, hi, np.zeros(len(lo), np.int32)
        found, whole = solve(*problem, 1), solve(*problem, 0)
        assert max(found.residual, whole.residual) < TOLERANCE
        np.testing.assert_allclose(found.u, whole.u, atol=1e-8)


@pytest.mark.parametrize("part", range(5))
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_none_are_no_solution(part: int, value: float) -> None:
    problem = [array.copy() for array in random_problem(1)]
    problem[part].flat[0] = -value if part == 4 else value
    assert solve(*problem, np.zeros(15, np.int32), 0).residual == np.inf


def test_contradicting_limits_are_no_solution() -> None:
    rows = np.array([[1.0, 1.0], [1.0, 1.0]])
    lo, hi = np.array([-1.0, -1.0, 0.5, -2.0]), np.array([1.0, 1.0, 1.0, 0.0])
    found = solve(EYE, np.ones(2), rows, lo, hi, np.zeros(4, np.int32), 0)
    assert found.residual == np.inf
    assert np.isfinite(found.u).all()


def test_no_convexity_is_no_solution() -> None:
    assert solve(-EYE, np.ones(2), ROW, LO, HI, NONE, 0).residual == np.inf


def test_the_judge_notices_each_defect() -> None:
    """At (0.5, 0.5) with multiplier 1.5 on the row all holds; each change breaks one condition."""
    gradient, u, right = np.array([-2.0, -2.0]), np.array([0.5, 0.5]), np.array([0.0, 0.0, 1.5])

    def residual(u: np.ndarray, multipliers: np.ndarray) -> float:
        values = np.concatenate((u, ROW @ u))
        return optimality_residual(EYE, gradient, ROW, LO, HI, values, multipliers)

    assert residual(u, right) < 1e-15
    assert residual(u, np.array([0.0, 0.0, 1.4])) > 0.04, "stationarity"
    assert residual(np.array([0.6, 0.6]), np.array([0.0, 0.0, 1.4])) > 0.19, "feasibility"
    assert residual(np.array([0.4, 0.4]), np.array([0.0, 0.0, 1.6])) > 0.15, "complementarity"
    inside = np.concatenate((u, ROW @ u))
    inner = optimality_residual(EYE, -gradient, ROW, LO, HI, inside, -right * 5.0 / 3.0)
    assert inner > 0.5, "a multiplier of the wrong sign"


def test_marks() -> None:
    assert marks(np.array([0.0, 2.0, -1e-9])).tolist() == [0, 1, 3]
