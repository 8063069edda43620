"""Known answers of what probabilities are judged by, and of the threshold's bound."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.learn.critic.calibrating import fitted
from drivestack.learn.critic.measures import (
    area_under_curve,
    brier,
    conformal_threshold,
    expected_calibration_error,
    reliability,
)

UNSAFE = np.array([True, True, False, False])


@pytest.mark.parametrize(
    ("scores", "area"),
    [
        ([4, 3, 2, 1], 1.0),
        ([1, 2, 3, 4], 0.0),
        ([1, 1, 1, 1], 0.5),
        ([3, 1, 2, 0], 0.75),
        ([2, 1, 2, 0], 0.625),
    ],
)
def test_area_is_the_share_of_pairs_in_order(scores: list[float], area: float) -> None:
    assert area_under_curve(np.array(scores, np.float64), UNSAFE) == area


def test_area_without_pairs_is_a_half() -> None:
    assert area_under_curve(np.arange(3.0), np.zeros(3, np.bool_)) == 0.5


def test_brier_of_a_coin_and_of_a_prophet() -> None:
    assert brier(np.full(4, 0.5), UNSAFE) == 0.25
    assert brier(UNSAFE.astype(np.float64), UNSAFE) == 0.0
    assert brier(np.zeros(0), np.zeros(0, np.bool_)) == 0.0


def test_reliability_of_what_is_right_and_of_what_says_too_much() -> None:
    draw = np.random.default_rng(0)
    chance = draw.uniform(0.0, 1.0, 200_000)
    unsafe = draw.uniform(0.0, 1.0, len(chance)) < chance
    right = reliability(chance, unsafe)
    assert [row["samples"] for row in right] == [20_000] * 10
    assert expected_calibration_error(right) < 0.005
    halves = expected_calibration_error(reliability(0.5 * chance, unsafe))
    assert halves == pytest.approx(0.25, abs=0.01)
    assert expected_calibration_error([]) == 0.0


def test_threshold_is_the_stated_order_statistic() -> None:
    scores = np.arange(99.0)[::-1]
    assert conformal_threshold(scores, 0.05) == 4.0  # the fifth smallest: floor(0.05 * 100)
    assert conformal_threshold(scores, 0.01) == 0.0
    assert conformal_threshold(scores[:98], 0.01) is None


def test_what_is_missed_stays_below_the_bound_in_the_mean() -> None:
    """Over many draws of the calibration set, the share of new episodes below the threshold."""
    draw = np.random.default_rng(1)
    missed = []
    for _ in range(2000):
        threshold = conformal_threshold(draw.normal(size=99), 0.05)
        assert threshold is not None
        missed.append((draw.normal(size=200) < threshold).mean())
    assert 0.045 < np.mean(missed) <= 0.0505


def test_slope_and_offset_are_found_again() -> None:
    draw = np.random.default_rng(2)
    odds = draw.normal(0.0, 2.0, 200_000)
    unsafe = draw.uniform(size=len(odds)) < 1.0 / (1.0 + np.exp(-(0.6 * odds - 3.0)))
    assert fitted(odds, unsafe, 0.0) == pytest.approx((0.6, -3.0), abs=0.05)


def test_without_unsafe_samples_only_the_shift_of_their_share_is_known() -> None:
    assert fitted(np.arange(3.0), np.zeros(3, np.bool_), -1.5) == (1.0, -1.5)
    backwards = fitted(np.array([-1.0, 1.0] * 50), np.array([True, False] * 50), -1.5)
    assert backwards == (1.0, -1.5)
