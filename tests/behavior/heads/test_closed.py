"""Heads in closed form: densities that are densities, and samples that follow them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributions import Normal

from drivestack.behavior.heads import Head
from drivestack.behavior.heads.autoregressive import Autoregressive
from drivestack.behavior.heads.gaussian import Gaussian
from drivestack.behavior.heads.mixture import Mixture
from drivestack.behavior.sizes import Sizes
from tools.lab.traps import quantiles

SIZES = Sizes(condition=3, chunk=2, hidden=32, layers=2, embedded=8, components=1, bins=40)
CONDITION = torch.tensor([[0.3, -1.0, 2.0]])


def seeded(kind: type[Head], sizes: Sizes = SIZES) -> Head:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return kind(sizes)


def noise(width: int, count: int = 100_000) -> Tensor:
    """Each number stratified, in an order of its own."""
    draw = np.random.default_rng(0)
    even = quantiles(count)
    columns = [draw.permutation(even) for _ in range(width)]
    return torch.tensor(np.stack(columns, axis=-1), dtype=torch.float32)[None]


def mass(head: Head, reach: float, steps: int) -> float:
    """The density, summed over a square."""
    place = (torch.arange(steps) + 0.5) / steps * 2.0 * reach - reach
    square = torch.cartesian_prod(place, place)[None]
    cell = (2.0 * reach / steps) ** 2
    return float((-head.surprise(CONDITION, square)).detach().exp().sum() * cell)


def test_a_mixture_of_one_is_the_gaussian() -> None:
    gaussian, mixture = seeded(Gaussian), seeded(Mixture)
    assert isinstance(gaussian, Gaussian)
    assert isinstance(mixture, Mixture)
    mixture.network.load_state_dict(
        {
            key: torch.cat((torch.full_like(part[:1], 7.0), part))
            if key.startswith("last")
            else part
            for key, part in gaussian.network.state_dict().items()
        }
    )
    chunk = torch.tensor([[[0.0, 1.0], [-3.0, 0.2]]])
    one, other = (head.surprise(CONDITION, chunk) for head in (gaussian, mixture))
    assert torch.allclose(one, other, rtol=1e-6)
    both = noise(3, 100)
    said = mixture.sample(CONDITION, both), gaussian.sample(CONDITION, both[..., 1:])
    assert torch.allclose(*said, rtol=1e-5, atol=1e-6)
    draw = torch.Generator()
    losses = [head.loss(CONDITION, chunk[:, 0], draw) for head in (gaussian, mixture)]
    assert torch.allclose(*losses, rtol=1e-6)


def test_the_gaussian_s_likelihood_is_the_textbook_s() -> None:
    head = seeded(Gaussian)
    assert isinstance(head, Gaussian)
    mean, deviation = head.parts(CONDITION)
    chunk = torch.tensor([[0.4, -2.0]])
    expected = -Normal(mean, deviation).log_prob(chunk).sum(-1)
    assert torch.allclose(head.loss(CONDITION, chunk, torch.Generator()), expected, rtol=1e-6)


@pytest.mark.parametrize("kind", [Gaussian, Mixture])
def test_densities_sum_to_one(kind: type[Head]) -> None:
    assert mass(seeded(kind, replace(SIZES, components=3)), 12.0, 1_000) == pytest.approx(
        1.0, abs=1e-3
    )


def test_bins_sum_to_one_and_samples_follow_them() -> None:
    head = seeded(Autoregressive, replace(SIZES, reach=2.0, bins=10))
    assert isinstance(head, Autoregressive)
    assert mass(head, 2.0, 100) == pytest.approx(1.0, abs=1e-5)
    chunk = head.sample(CONDITION, noise(2))[0].detach()
    place = head.place(chunk)
    found = torch.bincount(place[:, 0] * 10 + place[:, 1], minlength=100) / len(chunk)
    middle = (torch.arange(10) + 0.5) * head.size - 2.0
    cells = torch.cartesian_prod(middle, middle)[None]
    chance = (-head.surprise(CONDITION, cells)[0]).detach().exp() * head.size**2
    assert 0.5 * float((found - chance).abs().sum()) < 0.02
    assert float(chance.max() / chance.min()) > 2.0  # it says something
    within = (chunk / head.size) % 1.0  # evenly inside the bin: sd = width / sqrt(12)
    assert float(within.std()) == pytest.approx(12.0**-0.5, abs=0.002)


def test_bins_know_what_came_before_and_not_what_comes() -> None:
    sizes = replace(SIZES, chunk=5)
    head = seeded(Autoregressive, sizes)
    assert isinstance(head, Autoregressive)
    chunk = torch.randn((1, 5), generator=torch.Generator().manual_seed(0))
    before = head.logits(CONDITION, chunk)
    chunk[0, 2] += 3.0
    after = head.logits(CONDITION, chunk)
    same = (before == after).all(-1)[0].tolist()
    assert same == [True, True, True, False, False]


def test_noise_beyond_all_bins_stays_in_the_outermost() -> None:
    head = seeded(Autoregressive)
    assert isinstance(head, Autoregressive)
    chunk = head.sample(CONDITION, torch.tensor([[[-40.0, 40.0]]]))
    assert chunk.abs().max() <= SIZES.reach + 1e-5
    assert head.place(torch.tensor([[-99.0, 99.0]])).tolist() == [[0, SIZES.bins - 1]]
    assert math.isclose(head.size, 0.3)
