"""Noise of the tracker: by case, by seed, and what a filter leaves of it."""

from __future__ import annotations

import numpy as np

from drivestack.safety.r157.cases import high, low, ramps
from drivestack.safety.r157.noise import Noise, measured, smoothed, truth

NOISE = Noise(y=0.05, speed=0.1)


def test_a_seed_gives_the_same_noise_and_another_one_other() -> None:
    cases = low().chosen(np.arange(0, 15_930, 997))
    first, again = (measured(cases, ramps(), NOISE) for _ in range(2))
    np.testing.assert_array_equal(first.y, again.y)
    np.testing.assert_array_equal(first.speed, again.speed)
    other = measured(cases, ramps(), Noise(0.05, 0.1, seed=1))
    assert (first.y != other.y).all()


def test_a_case_has_its_noise_whatever_is_driven_beside_it() -> None:
    cases = high()
    rows = np.array([3, 500, 501, 9_000])
    few = measured(cases.chosen(rows), ramps(), NOISE)
    many = measured(cases.chosen(np.arange(0, 9_001)), ramps(), NOISE)
    np.testing.assert_array_equal(few.y, many.y[rows])
    np.testing.assert_array_equal(few.speed, many.speed[rows])


def test_it_is_white_and_as_large_as_asked() -> None:
    cases = high().chosen(np.arange(0, 14_040, 61))
    seen, known = measured(cases, ramps(), NOISE), truth(cases, ramps())
    for values, exact, wanted in (
        (seen.y, known.y, NOISE.y),
        (seen.speed, known.speed, NOISE.speed),
    ):
        off = values - exact[known.row]
        assert abs(off.mean()) < 4.0 * wanted / np.sqrt(off.size)
        assert abs(off.std() / wanted - 1.0) < 0.02
        assert abs(np.corrcoef(off[:, 1:].ravel(), off[:, :-1].ravel())[0, 1]) < 0.02
        assert abs(np.corrcoef(off[1:].ravel(), off[:-1].ravel())[0, 1]) < 0.02


def test_a_filter_of_first_order_leaves_a_third_of_the_variance() -> None:
    """weight / (2 - weight) of it, for white noise."""
    cases = high().chosen(np.arange(14))
    noise = Noise(0.05, 0.05)
    off = smoothed(measured(cases, ramps(), noise), 0.5).speed[:, 20:] - 0.0
    assert cases.aside.max() == 0
    assert abs(off.var() / (0.05**2 / 3.0) - 1.0) < 0.1
