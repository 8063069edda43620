"""The bank of noise: strata, signs, and how many modes it sees."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
import torch

from drivestack.behavior.noise import bank
from drivestack.core.rng import stream

NORMAL = NormalDist()


def seen(noises: np.ndarray, chance: float, ways: int = 4_000) -> float:
    """Share of ways to split the noise in two in which a mode of this chance gets a candidate."""
    way = stream("ways").standard_normal((ways, noises.shape[1]))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    return float(((way @ noises.T).max(axis=1) > NORMAL.inv_cdf(1.0 - chance)).mean())


@pytest.mark.parametrize("candidates", [2, 16, 64])
def test_each_number_holds_one_of_each_stratum(candidates: int) -> None:
    noise = bank(candidates, 20)
    stratum = np.floor(np.vectorize(NORMAL.cdf)(noise) * candidates)
    assert (np.sort(stratum, axis=0) == np.arange(candidates)[:, None]).all()
    assert (noise[: candidates // 2] == -noise[candidates // 2 :]).all()
    assert abs(bank(64, 20).std() - 1.0) < 0.03


def test_it_is_the_same_always_and_moves_no_generator() -> None:
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    first = bank(16, 20).copy()
    bank.cache_clear()
    assert (bank(16, 20) == first).all()
    assert (bank(16, 20, "surprise") != first).all()
    assert (torch.get_rng_state() == before[0]).all()
    assert (np.random.get_state()[1] == before[1]).all()  # noqa: NPY002
    assert not bank(16, 20).flags.writeable


@pytest.mark.parametrize("candidates", [4, 8, 16, 32])
@pytest.mark.parametrize("chance", [0.4, 0.2, 0.1, 0.05])
def test_it_sees_at_least_what_independent_draws_would(candidates: int, chance: float) -> None:
    """1 - (1 - p)^K; for pairs of opposite sign 1 - (1 - 2 p)^(K / 2), which is more."""
    independent = 1.0 - (1.0 - chance) ** candidates
    paired = 1.0 - (1.0 - 2.0 * chance) ** (candidates // 2)
    banks = [seen(bank(candidates, 20, f"bank {n}"), chance) for n in range(20)]
    draws = [stream("draws", n).standard_normal((candidates, 20)) for n in range(20)]
    assert np.mean([seen(noise, chance) for noise in draws]) == pytest.approx(independent, abs=0.05)
    assert np.mean(banks) == pytest.approx(paired, abs=0.03)
    assert np.mean(banks) > independent - 0.01
    if candidates >= 16:  # the one in use is no unlucky one
        assert seen(bank(candidates, 20), chance) > independent - 0.01


@pytest.mark.parametrize("candidates", [4, 16, 64])
def test_a_mode_that_one_number_decides_is_never_missed(candidates: int) -> None:
    edge = NORMAL.inv_cdf(1.0 - 1.0 / candidates)
    assert (bank(candidates, 20).max(axis=0) >= edge).all()
    # the negative control: independent draws miss it in a third of the numbers
    draws = stream("draws").standard_normal((candidates, 2_000))
    missed = (draws.max(axis=0) < edge).mean()
    assert missed == pytest.approx((1.0 - 1.0 / candidates) ** candidates, abs=0.04)


def test_pairs_need_an_even_number() -> None:
    with pytest.raises(ValueError, match="even number"):
        bank(15, 20)
