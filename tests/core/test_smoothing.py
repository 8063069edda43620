"""Savitzky-Golay weights against scipy's filter."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import savgol_filter

from drivestack.core.smoothing import filtered_series, savitzky_golay


@pytest.mark.parametrize(
    ("window", "order", "derivative"), [(8, 2, 0), (15, 2, 1), (5, 2, 1), (5, 3, 2)]
)
@pytest.mark.parametrize("length", [15, 16, 41])
def test_it_is_scipys(length: int, window: int, order: int, derivative: int) -> None:
    series, out = np.random.default_rng(length).normal(size=length), np.empty(length)
    filtered_series(series, *savitzky_golay(length, window, order, derivative), 2.0, out)
    wanted = 2.0 * np.asarray(savgol_filter(series, window, order, deriv=derivative))
    np.testing.assert_allclose(out, wanted, atol=1e-12)


@pytest.mark.parametrize("length", [1, 2, 3, 7])
def test_a_short_series_shrinks_the_window(length: int) -> None:
    series, out = 3.0 * np.arange(length), np.empty(length)
    filtered_series(series, *savitzky_golay(length, 15, 2, 1), 1.0, out)
    np.testing.assert_allclose(out, 3.0 if length > 1 else 0.0, atol=1e-9)
