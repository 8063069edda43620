"""The filters, against nuPlan's scenes and against polynomials they reproduce exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.core.types import Floats
from drivestack.metrics.comfort import bounded
from drivestack.metrics.errors import closest_observation
from drivestack.metrics.signals import jerk, signals, smoothed, yaw_acceleration, yaw_rate
from tests.metrics.nuplan_cases import Case, case

UPSTREAM_BOUND = {"ego_yaw_rate": 5.0, "ego_jerk": 7.0, "ego_lon_jerk": 8.0,
                  "ego_lat_acceleration": 10.0}  # fmt: skip
"""Bounds inside the BOOLEAN entries are those of nuPlan's tests (scores.md, section 11)."""


def series(found: Case, name: str) -> Floats:
    if name == "ego_yaw_rate":
        return yaw_rate(found.pose[:, 2], found.dt)
    part = {
        "ego_acceleration": np.hypot(*found.acceleration.T),
        "ego_jerk": np.hypot(*found.acceleration.T),
        "ego_lon_jerk": found.acceleration[:, 0],
    }.get(name, found.acceleration[:, 1])
    return jerk(smoothed(part), found.dt) if name.endswith("jerk") else smoothed(part)


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    ["ego_acceleration", "ego_jerk", "ego_lon_jerk", "ego_lat_jerk", "ego_lat_acceleration",
     "ego_yaw_rate"],
)  # fmt: skip
def test_nuplan_scenes(shared: Path, name: str) -> None:
    found = case(shared, f"{name}__{name}")
    values = series(found, name)
    np.testing.assert_array_equal(np.round(values, 2), found.series())
    p90 = closest_observation(np.abs(values), 0.9)
    expected = {"MAX": values.max(), "MIN": values.min(), "MEAN": values.mean(), "P90": p90}
    for statistic, value in expected.items():
        assert value == pytest.approx(found.values(statistic)[0], abs=0.01), statistic
    if name in UPSTREAM_BOUND:
        assert bool(np.all(np.abs(values) < UPSTREAM_BOUND[name])) is found.values("BOOLEAN")[0]


@pytest.mark.shared
def test_alone_upstream_always_reports_discomfort(shared: Path) -> None:
    """A known upstream artefact (scores.md, trap 3): a flag of other metrics that starts False.

    Every signal of the scene is within its bounds, so a function of the signals says otherwise.
    """
    found = case(shared, "ego_is_comfortable__ego_is_comfortable")
    assert found.values("BOOLEAN") == [False]
    ours = signals(*found.acceleration.T, found.pose[:, 2], found.dt)
    assert all((one.values < one.bound).all() for one in bounded(ours))


def test_polynomials_come_through() -> None:
    t = np.arange(40) * 0.1
    # nuPlan's window is even: inside, the smoothed value is that of half a frame later
    later = np.where((np.arange(40) > 3) & (np.arange(40) < 36), t + 0.05, t)
    np.testing.assert_allclose(
        smoothed(1.0 + 0.5 * t - 0.1 * t**2), 1.0 + 0.5 * later - 0.1 * later**2, atol=1e-3
    )
    np.testing.assert_allclose(jerk(0.3 * t**2, 0.1), 0.6 * t, atol=1e-7)
    wrapped = (0.4 * t + 3.0 + np.pi) % (2 * np.pi) - np.pi
    np.testing.assert_allclose(yaw_rate(wrapped, 0.1), 0.4, atol=1e-7)
    np.testing.assert_allclose(yaw_acceleration(0.1 * t**3, 0.1), 0.6 * t, atol=1e-6)


@pytest.mark.parametrize("length", range(10))
def test_short_series_shrink_the_window(length: int) -> None:
    values = np.arange(length, dtype=np.float64)
    found = signals(values, values, values, 0.1)
    assert found.lon_accel.shape == found.yaw_accel.shape == (length,)
    np.testing.assert_allclose(found.lon_accel, values, atol=0.5 + 1e-7)
    if length > 1:
        np.testing.assert_allclose(found.yaw_rate, 10.0, atol=1e-6)
