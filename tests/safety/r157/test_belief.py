"""The filter that tells keeping, turning in and settled apart."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.core.parameters import parameter_table
from drivestack.core.rng import stream
from drivestack.safety.r157.belief import KEEPS, SETTLED, TURNS, Tracker, first_belief, update
from drivestack.safety.r157.cases import ramps

SIGMA = 0.05


def believed(
    k: int, samples: int, sigma: float = SIGMA
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Chances, means and covariances after some samples of the grid's lateral speed k."""
    path, tracker = ramps(), parameter_table(Tracker(sigma, sigma))[0]
    drawn = sigma * stream("belief", k).standard_normal((2, samples + 1))
    chance, mean, spread = np.zeros(3), np.zeros((3, 3)), np.zeros((3, 3, 3))
    scratch = chance.copy(), mean.copy(), spread.copy(), np.zeros((3, 3))
    first_belief(path.y[k, 0] + drawn[0, 0], chance, mean, spread, tracker)
    for i in range(1, samples + 1):
        y, speed = path.y[k, i] + drawn[0, i], path.speed[k, i] + drawn[1, i]
        update(y, speed, chance, mean, spread, *scratch, tracker)
        assert chance.sum() == pytest.approx(1.0)
        for way in range(3):
            np.testing.assert_allclose(spread[way], spread[way].T, atol=1e-12)
            assert np.linalg.eigvalsh(spread[way]).min() > -1e-9
    return chance, mean, spread


def test_who_keeps_his_distance_is_known_to() -> None:
    chance, mean, _ = believed(0, 30)
    assert mean[KEEPS, 1] == 0.0
    assert abs(chance @ mean[:, 1]) < 0.01
    assert chance[TURNS] < 0.05


@pytest.mark.parametrize("k", [8, 12, 17])
def test_who_turns_in_is_seen_within_a_few_samples(k: int) -> None:
    chance, mean, _ = believed(k, 4)
    assert chance[TURNS] > 0.5
    assert abs(mean[TURNS, 1] - 0.6) < 0.15


@pytest.mark.parametrize("k", [3, 8, 17])
def test_a_settled_speed_is_known_ever_better(k: int) -> None:
    early, late = (believed(k, int(ramps().lead[k]) + n) for n in (4, 18))
    assert late[0][SETTLED] > 0.9
    assert abs(late[1][SETTLED, 1] - 0.1 * k) < 0.03
    assert late[2][SETTLED, 1, 1] < early[2][SETTLED, 1, 1]


def test_without_noise_worth_the_name_it_is_what_was_measured() -> None:
    _, mean, _ = believed(8, 20, sigma=0.001)
    path = ramps()
    assert mean[SETTLED, 0] == pytest.approx(path.y[8, 20], abs=0.002)
    assert mean[SETTLED, 1] == pytest.approx(0.8, abs=0.002)
