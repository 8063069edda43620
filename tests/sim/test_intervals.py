"""Wilson's interval and the bootstrap: known answers, coverage, named streams."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.sim.intervals import RESAMPLES, Z_95, Mean, means, rate, wilson


@given(st.integers(1, 500), st.data())
def test_wilson_ends_solve_the_score_equation(trials: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, trials))
    share = hits / trials
    for end, expected in zip(wilson(hits, trials), (0, trials), strict=True):
        if hits == expected:
            assert end == share
            continue
        error = Z_95 * math.sqrt(end * (1 - end) / trials)
        assert abs(end - share) == pytest.approx(error, rel=1e-9)


def test_wilson_without_trials_excludes_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert rate(0, 0).high == 1.0


def mean(values: list[float], weights: list[float] | None = None, name: str = "test") -> Mean:
    column = np.array(values)[:, None]
    given = np.ones_like(column) if weights is None else np.array(weights)[:, None]
    return means(name, column, given)[0]


def test_a_mean_near_the_normal_interval() -> None:
    values = np.random.default_rng(3).normal(10.0, 2.0, 400)
    found = mean(values.tolist())
    assert found.value == pytest.approx(values.mean())
    half = Z_95 * values.std() / math.sqrt(400)
    assert found.low == pytest.approx(values.mean() - half, abs=0.02)
    assert found.high == pytest.approx(values.mean() + half, abs=0.02)


def test_zeros_and_ones_near_wilson() -> None:
    found = mean([1.0] * 60 + [0.0] * 40)
    low, high = wilson(60, 100)
    assert (found.low, found.high) == (pytest.approx(low, abs=0.02), pytest.approx(high, abs=0.02))


def test_intervals_cover_what_they_promise() -> None:
    """Of 200 samples of 40 draws from an exponential distribution of mean 1."""
    draws = np.random.default_rng(5)
    held = 0
    for number in range(200):
        found = mean(draws.exponential(1.0, 40).tolist(), name=str(number))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 1.0 <= found.high
    assert 0.87 <= held / 200 <= 0.99


def test_the_stream_is_named_and_columns_are_resampled_together() -> None:
    values = np.random.default_rng(1).random((30, 2))
    values[:, 1] = 2.0 * values[:, 0]
    one, two = means("a", values, np.ones((30, 2)))
    assert (one, two) == tuple(means("a", values, np.ones((30, 2))))
    assert two.low == pytest.approx(2.0 * (one.low or 0.0))
    assert means("b", values, np.ones((30, 2)))[0].low != one.low


def test_long_columns_are_drawn_in_parts_of_one_stream() -> None:
    assert RESAMPLES == 10_000
    values = np.random.default_rng(2).random(3000)
    found = mean(values.tolist())
    half = Z_95 * values.std() / math.sqrt(3000)
    assert found.high == pytest.approx(values.mean() + half, rel=2e-3)


def test_what_has_no_value_is_in_no_mean() -> None:
    assert mean([4.0, 9.0, 4.0], [1.0, 0.0, 1.0]) == Mean(2, 4.0, 4.0, 4.0)
    assert mean([9.0, 9.0], [0.0, 0.0]) == Mean(0, None, None, None)


def test_a_single_episode_says_nothing_of_others() -> None:
    assert mean([4.0]) == Mean(1, 4.0, None, None)
    assert mean([4.0, 9.0], [1.0, 0.0]) == Mean(1, 4.0, None, None)


def test_weights_are_those_of_a_mean_over_time() -> None:
    found = mean([10.0, 20.0], [9.0, 1.0])
    assert found.value == pytest.approx(11.0)
    assert (found.low, found.high) == (10.0, 20.0)
