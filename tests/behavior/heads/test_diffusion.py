"""DDPM and DDIM: what is known in closed form (reference notes on learning, section 3.5)."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from drivestack.behavior.heads.diffusion import Diffusion, ddim, ladder, schedule
from drivestack.behavior.sizes import Sizes
from tools.lab.traps import Trap, quantiles, shares

KEPT = schedule(100)
MU, SD = 0.7, 0.3


def oracle(x: Tensor, step: int) -> Tensor:
    """The noise in x where data are N(MU, SD^2)."""
    kept = KEPT[step]
    return math.sqrt(1.0 - kept) * (x - math.sqrt(kept) * MU) / (kept * SD**2 + 1.0 - kept)


def normal(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize("calls", [1, 2, 10, 100])
def test_ddim_of_one_gaussian_is_affine(calls: int) -> None:
    """(a): deviation by the product of each step's factor, the mean by their chain."""
    steps, factor, mean = ladder(100, calls), 1.0, 0.0
    for step, after in pairwise(steps):
        here, there = KEPT[step], KEPT[after]
        variance = here * SD**2 + 1.0 - here
        slope = math.sqrt(there * here) * SD**2 / variance
        slope += math.sqrt((1.0 - there) * (1.0 - here)) / variance
        mean = math.sqrt(there) * MU + slope * (mean - math.sqrt(here) * MU)
        factor *= slope
    x = ddim(oracle, torch.tensor([0.0, 1.0, -2.0], dtype=torch.float64), KEPT, steps)
    assert x.tolist() == pytest.approx([mean, mean + factor, mean - 2.0 * factor], abs=1e-6)
    if calls == 100:
        assert (mean, factor) == pytest.approx((MU, SD), abs=0.01)


def test_without_fresh_noise_the_first_says_all() -> None:
    """(b), first half."""
    steps, noise = ladder(100, 10), normal(50)
    fresh = [normal(50) + n for n in range(9)]
    assert torch.equal(
        ddim(oracle, noise, KEPT, steps, 0.0, fresh), ddim(oracle, noise, KEPT, steps)
    )
    assert not torch.equal(
        ddim(oracle, noise, KEPT, steps, 1.0, fresh), ddim(oracle, noise, KEPT, steps)
    )


def test_with_every_step_and_all_fresh_noise_it_is_ddpm() -> None:
    """(b), second half: mean and variance of each step are DDPM's."""
    for step in (2, 37, 99):
        here, there = KEPT[step], KEPT[step - 1]
        alpha = here / there
        x, z = normal(1_000), normal(1_000).flip(0)
        found = ddim(oracle, x, KEPT, [step, step - 1], 1.0, [z])
        mean = (x - (1.0 - alpha) / math.sqrt(1.0 - here) * oracle(x, step)) / math.sqrt(alpha)
        variance = (1.0 - alpha) * (1.0 - there) / (1.0 - here)
        assert torch.allclose(found, mean + math.sqrt(variance) * z, atol=1e-9)


def test_one_call_is_the_mean() -> None:
    """(c): of data given the noise, which says nothing of them."""
    x = ddim(oracle, normal(1_000), KEPT, ladder(100, 1))
    assert x.tolist() == pytest.approx([MU] * 1_000, abs=1e-3)


def test_more_calls_than_steps_of_training_are_refused() -> None:
    """(d)."""
    head = Diffusion(Sizes(condition=1, chunk=2, hidden=8, embedded=8, steps=20))
    head.calls = 21
    with pytest.raises(ValueError, match="1 to 20 calls"):
        head.sample(torch.zeros(1, 1), torch.zeros(1, 4, 2))
    with pytest.raises(ValueError, match="not 0"):
        ladder(100, 0)


@pytest.mark.parametrize("calls", [10, 50])
def test_modes_keep_their_mass(calls: int) -> None:
    """(e) with a perfect network: the noise of the trap, stratified."""
    trap = Trap(1)

    def noise_of(x: Tensor, step: int) -> Tensor:
        kept = KEPT[step]
        whole = kept * trap.spread**2 + 1.0 - kept
        away = x[:, None] - math.sqrt(kept) * torch.tensor(trap.modes)
        chance = (torch.tensor([0.6, 0.4]).log() - away**2 / (2.0 * whole)).softmax(-1)
        return math.sqrt(1.0 - kept) * (chance * away).sum(-1) / whole

    x = ddim(noise_of, torch.tensor(quantiles(100_000)), KEPT, ladder(100, calls))
    went = shares(trap.angle(x.numpy()))
    assert went.left == pytest.approx(0.6, abs=0.03)
    assert went.right == pytest.approx(0.4, abs=0.03)


def test_the_schedule_is_the_squared_cosine() -> None:
    assert KEPT[0] == 1.0
    assert KEPT[50] == pytest.approx(
        (math.cos(0.508 / 1.008 * math.pi / 2.0) / math.cos(0.008 / 1.008 * math.pi / 2.0)) ** 2
    )
    assert all(after < before for before, after in pairwise(KEPT))
    assert 0.0 < KEPT[100] < 1e-5


def test_fresh_noise_is_part_of_a_candidate_s() -> None:
    head = Diffusion(Sizes(condition=1, chunk=2, hidden=8, embedded=8))
    assert head.width == 2
    head.calls, head.eta = 5, 1.0
    assert head.width == 10
    noise = normal(1, 3, 10).float()
    other = noise.clone()
    other[..., -2:] += 1.0  # of the last but one call: the last adds none
    found = head.sample(torch.zeros(1, 1), noise)
    assert not torch.equal(found, head.sample(torch.zeros(1, 1), other))


def test_its_loss_is_ddpm_s_divided_by_what_is_kept() -> None:
    head = Diffusion(Sizes(condition=1, chunk=3, hidden=8, embedded=8))
    condition, chunk = torch.zeros(40, 1), normal(40, 3).float()
    fit = head.fit(condition, chunk, torch.Generator().manual_seed(5))
    draw = torch.Generator().manual_seed(5)
    noise = torch.randn(chunk.shape, generator=draw)
    step = torch.randint(1, 101, (40, 1), generator=draw)
    kept = torch.tensor(KEPT)[step].double()
    x = kept.sqrt() * chunk + (1.0 - kept).sqrt() * noise
    said = (x - kept.sqrt() * fit.estimate) / (1.0 - kept).sqrt()
    error = (said - noise).square().mean(-1)
    assert torch.allclose(fit.loss.double() * kept[:, 0], error, rtol=1e-3, atol=1e-6)
    assert torch.allclose(fit.weight.double(), kept[:, 0])
