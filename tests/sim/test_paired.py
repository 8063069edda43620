"""Statistics of pairs: published values, scipy's, and what must hold for any pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, bootstrap

from drivestack.sim.paired import Discordant, mean_of, square_and_add

COUNTS = st.integers(0, 60)


def test_pairs_are_counted() -> None:
    first = np.array([True, True, True, False, False, False])
    second = np.array([True, False, False, True, False, False])
    assert Discordant.of(first, second) == Discordant(2, 1, 1, 2)


@pytest.mark.parametrize(("b", "c", "p"), [(0, 0, 1.0), (5, 0, 0.0625), (1, 9, 0.021484375)])
def test_mcnemar_known_answers(b: int, c: int, p: float) -> None:
    """By hand: 2 * 0.5**5, and 2 * (1 + 10) * 0.5**10."""
    assert Discordant(b, c, 3, 40).p == pytest.approx(p, rel=1e-12)


@given(b=COUNTS, c=COUNTS)
def test_mcnemar_is_the_sign_test_of_discordant_pairs(b: int, c: int) -> None:
    found = Discordant(b, c, 7, 11).p
    if b + c:
        assert found == pytest.approx(binomtest(b, b + c, 0.5).pvalue, rel=1e-12)
    assert found == pytest.approx(Discordant(c, b, 7, 11).p, rel=1e-9)


def test_square_and_add_of_independent_samples() -> None:
    """Newcombe's example (1998), 56 of 70 against 48 of 80: 0.2000, 0.0524 to 0.3339."""
    found = square_and_add(56, 48, 70, 80, correlation=0.0)
    assert (round(found.value, 4), round(found.low, 4), round(found.high, 4)) == (
        0.2,
        0.0524,
        0.3339,
    )


@given(b=COUNTS, c=COUNTS, a=COUNTS, d=COUNTS)
@settings(max_examples=200)
def test_difference_of_pairs(a: int, b: int, c: int, d: int) -> None:
    if a + b + c + d == 0:
        return
    found, swapped = Discordant(b, c, a, d).difference, Discordant(c, b, a, d).difference
    assert found.value == pytest.approx((b - c) / (a + b + c + d))
    assert -1.0 <= found.low <= found.value <= found.high <= 1.0
    assert (swapped.low, swapped.high) == pytest.approx((-found.high, -found.low))


def test_agreement_of_pairs_narrows_the_interval() -> None:
    """Ten discordant pairs of a hundred that otherwise agree say more than two separate samples."""
    pairs = Discordant(8, 2, 45, 45).difference
    separate = square_and_add(53, 47, 100, 100, correlation=0.0)
    assert pairs.value == pytest.approx(separate.value)
    assert pairs.high - pairs.low < 0.5 * (separate.high - separate.low)


def test_bootstrap_agrees_with_scipy() -> None:
    values = np.random.default_rng(3).gamma(2.0, 10.0, 100)
    found = mean_of([values], "test")
    judge = bootstrap(
        (values,), np.mean, n_resamples=10_000, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    assert found.value == pytest.approx(values.mean(), rel=1e-12)
    assert (found.low, found.high) == pytest.approx((judge.low, judge.high), abs=0.3)


def test_bootstrap_is_seeded_by_names() -> None:
    values = np.arange(20.0)
    assert mean_of([values], "a") == mean_of([values], "a")
    assert mean_of([values], "a") != mean_of([values], "b")


def test_bootstrap_stays_within_strata() -> None:
    """Two scenes without any spread have a mean without any."""
    found = mean_of([np.zeros(10), np.full(30, 4.0)], "strata")
    assert (found.value, found.low, found.high) == (3.0, 3.0, 3.0)
