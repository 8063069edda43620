"""RSS: the golden vectors of ad-rss, the check values of its manual, and refused input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.safety.reference import rss
from drivestack.safety.reference.rss import R157_STUDY, Rss


def golden(shared: Path, name: str) -> np.ndarray:
    path = shared / "suites" / "rss-golden" / f"{name}.csv"
    if not path.exists():
        pytest.skip(f"shared data not found at {path}")
    return np.genfromtxt(path, delimiter=",", names=True)


@pytest.mark.shared
def test_gaps_are_those_of_ad_rss(shared: Path) -> None:
    rows = golden(shared, "longitudinal_same_direction")
    given = [rows[k] for k in ("v_rear", "v_front", "rho", "a_accel_max", "b_min", "b_max")]
    found = rss.longitudinal_same_direction(*given)
    assert len(rows) > 100
    assert found.valid.all()
    np.testing.assert_allclose(found.metres, rows["safe_distance"], atol=1e-9, rtol=0)
    np.testing.assert_array_equal(rows["gap"] > found.metres, rows["is_safe"] == 1)


@pytest.mark.shared
def test_lateral_gaps_are_those_of_ad_rss(shared: Path) -> None:
    rows = golden(shared, "lateral")
    names = ("v_left", "v_right", "rho_left", "rho_right", "a_lat_max", "b_lat_min", "mu")
    found = rss.lateral(*(rows[name] for name in names))
    assert found.valid.all()
    np.testing.assert_allclose(found.metres, rows["safe_distance"], atol=1e-9, rtol=0)


@pytest.mark.parametrize(
    ("rear", "front", "metres"),
    [(50, 50, 41.4), (100, 100, 103.6), (60, 40, 61.5), (60, 0, 69.3), (130, 100, 185.8)],
)
def test_check_values_at_the_defaults(rear: float, front: float, metres: float) -> None:
    own = Rss()
    found = rss.longitudinal_same_direction(
        rear / 3.6, front / 3.6, own.response, own.accel, own.brake_min, own.brake_max
    )
    assert float(found.metres) == pytest.approx(metres, abs=0.05)


def test_the_study_of_r157_asks_for_less() -> None:
    own = R157_STUDY
    found = rss.longitudinal_same_direction(
        50 / 3.6, 50 / 3.6, own.response, own.accel, own.brake_min, own.brake_max
    )
    assert float(found.metres) == pytest.approx(16.9, abs=0.05)


def test_two_who_come_towards_each_other_both_have_to_stop() -> None:
    own = Rss()
    found = rss.longitudinal_opposite_direction(
        10.0, 12.0, own.response, 2.0, own.accel, own.brake_correct, own.brake_min
    )
    one = 10.0 + 0.5 * 3.5 + 13.5**2 / 6.0
    other = 24.0 + 0.5 * 3.5 * 4.0 + 19.0**2 / 8.0
    assert float(found.metres) == pytest.approx(one + other)


def test_mirrored_the_lateral_gap_is_the_same() -> None:
    draws = np.random.default_rng(0)
    v1, v2 = draws.uniform(-3, 3, (2, 500))
    r1, r2 = draws.uniform(0.1, 2, (2, 500))
    one = rss.lateral(v1, v2, r1, r2, 0.2, 0.8, 0.1)
    other = rss.lateral(-v2, -v1, r2, r1, 0.2, 0.8, 0.1)
    np.testing.assert_allclose(one.metres, other.metres, rtol=1e-12)
    assert (one.metres >= 0.0).all()


def test_what_asks_for_more() -> None:
    """Faster behind, slower ahead, a longer response or weaker brakes never need less."""
    v = np.linspace(0.0, 40.0, 41)
    base = rss.longitudinal_same_direction(v, 10.0, 1.0, 3.5, 4.0, 8.0).metres
    assert (np.diff(base) >= 0.0).all()
    for given in ((v, 9.0, 1.0, 3.5, 4.0, 8.0), (v, 10.0, 1.1, 3.5, 4.0, 8.0),
                  (v, 10.0, 1.0, 3.5, 3.9, 8.0), (v, 10.0, 1.0, 3.5, 4.0, 8.5)):  # fmt: skip
        assert (rss.longitudinal_same_direction(*given).metres >= base).all()


BAD = {
    "a negative speed": (0, -1.0), "too fast": (0, 100.1), "a negative speed ahead": (1, -0.1),
    "no response time": (2, 0.0), "too long a response": (2, 10.1), "accel below 0": (3, -0.1),
    "accel above 100": (3, 100.1), "no brakes": (4, 0.0), "inverted brakes": (4, 8.1),
    "no brakes ahead": (5, 0.0), "nan": (0, np.nan), "nan response": (2, np.nan),
    "inf": (1, np.inf), "nan brakes": (5, np.nan),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_bad_input_gets_no_distance_and_no_exception(what: str) -> None:
    place, value = BAD[what]
    given = [np.full(3, v) for v in (20.0, 10.0, 1.0, 3.5, 4.0, 8.0)]
    given[place][1] = value
    found = rss.longitudinal_same_direction(*given)
    assert found.valid.tolist() == [True, False, True]
    assert found.metres[1] == 0.0
    assert (found.metres[[0, 2]] > 0.0).all()


@pytest.mark.parametrize(
    ("place", "value"),
    [(0, -100.1), (1, np.nan), (2, 0.0), (3, 11.0), (4, -0.1), (5, 0.0), (6, -0.1), (6, 1.1)],
)
def test_bad_input_to_the_side(place: int, value: float) -> None:
    given = [0.5, -0.5, 1.0, 2.0, 0.2, 0.8, 0.1]
    given[place] = value
    found = rss.lateral(*given)
    assert not found.valid
    assert float(found.metres) == 0.0


def test_nobody_gets_faster_than_the_cap_and_what_is_out_of_range_has_no_distance() -> None:
    found = rss.stopping([95.0, 95.0, -1.0], 2.0, 3.5, 4.0, [100.0, 1000.0, 100.0])
    assert found.valid.tolist() == [True, True, False]
    rising = 5.0 / 3.5
    way = 95.0 * rising + 0.5 * 3.5 * rising**2 + 100.0 * (2.0 - rising) + 100.0**2 / 8.0
    assert found.metres[0] == pytest.approx(way)
    assert found.metres[1] > way
    assert found.metres[2] == 0.0
