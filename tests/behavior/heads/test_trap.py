"""Every head in the averaging trap, trained: gates of the reference notes, section 14.

60 of 100 drivers steer -20 degrees, 40 steer +20. Nights repeat it with three seeds, longer.
"""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import numpy as np
import pytest
import torch

from drivestack.behavior.heads import Head
from drivestack.behavior.heads.autoregressive import Autoregressive
from drivestack.behavior.heads.flow import Flow
from drivestack.behavior.heads.mixture import Mixture
from drivestack.behavior.sizes import Sizes
from tools.lab.averaging_trap import SIZES, angles, learned
from tools.lab.training import Batch, trained
from tools.lab.traps import LEFT, MEAN, RIGHT, SCALE, SHARE, SPREAD, Trap, apart, shares

SMALL, FULL = 600, 3_000
"""Steps of training."""

SEEDS = [
    pytest.param(0, SMALL, id="small"),
    *(pytest.param(n, FULL, id=f"full {n}", marks=pytest.mark.nightly) for n in range(3)),
]
NOTHING = torch.zeros(1, 1)

learned = cache(learned)
every_seed = pytest.mark.parametrize(("seed", "steps"), SEEDS)


@every_seed
def test_regression_answers_with_the_obstacle(seed: int, steps: int) -> None:
    angle = angles(learned("mse", seed, steps))
    assert angle.mean() == pytest.approx(-4.0, abs=0.2)
    assert shares(angle).valley == 1.0


def five(driven: tuple[float, ...]) -> Batch:
    """Always the same demonstrations, standardised as the trap."""
    chunk = (torch.tensor([driven]).T - MEAN) / SCALE
    return lambda count, draw: (torch.zeros(len(driven), 1), chunk)


@pytest.mark.parametrize(("driven", "mean"), [((-22.0, -20.0, -18.0, 20.0, 22.0), -3.6)])
def test_five_demonstrations(driven: tuple[float, ...], mean: float) -> None:
    head = trained("mse", SIZES, five(driven), 200, seed=0, rate=3e-3)
    assert angles(head).mean() == pytest.approx(mean, abs=0.05)


@every_seed
def test_one_gaussian_is_as_wide_as_both_ways(seed: int, steps: int) -> None:
    head = learned("gaussian", seed, steps)
    angle = angles(head)
    assert angle.mean() == pytest.approx(-4.0, abs=0.2)
    assert angle.std() == pytest.approx(19.6, abs=0.3)
    assert shares(angle).valley == pytest.approx(0.382, abs=0.01)
    assert likelihood(head) == pytest.approx(4.396, abs=0.03)


@every_seed
@pytest.mark.parametrize("components", [2, 4])
def test_a_mixture_keeps_both_ways(seed: int, steps: int, components: int) -> None:
    head = learned("mixture", seed, steps, components)
    assert isinstance(head, Mixture)
    log_chance, mean, deviation = (part[0].detach().numpy() for part in head.parts(NOTHING))
    angle = mean[:, 0] * SCALE + MEAN
    left, right = abs(angle - LEFT) < 10.0, abs(angle - RIGHT) < 10.0
    assert np.exp(log_chance)[left].sum() == pytest.approx(SHARE, abs=0.02)
    assert np.exp(log_chance)[right].sum() == pytest.approx(1.0 - SHARE, abs=0.02)
    said = shares(angles(head))
    assert (said.left, said.right) == pytest.approx((0.6, 0.4), abs=0.02)
    if components == 2:
        assert sorted(angle) == pytest.approx([LEFT, RIGHT], abs=0.3)
        assert deviation * SCALE == pytest.approx(SPREAD, abs=0.15)
        assert likelihood(head) == pytest.approx(2.09, abs=0.03)


def likelihood(head: Head) -> float:
    """Mean negative log-likelihood of drivers, of angles in degrees."""
    chunk = torch.tensor(Trap(1).chunks(20_000, "likelihood"), dtype=torch.float32)
    return float(head.surprise(NOTHING, chunk[None]).mean().detach()) + np.log(SCALE)


@every_seed
def test_bins_follow_the_histogram(seed: int, steps: int) -> None:
    head = learned("autoregressive", seed, steps)
    assert isinstance(head, Autoregressive)
    edges = (np.arange(SIZES.bins + 1) * head.size - SIZES.reach) * SCALE + MEAN
    ways = (SHARE, NormalDist(LEFT, SPREAD)), (1.0 - SHARE, NormalDist(RIGHT, SPREAD))
    below = sum(share * np.vectorize(way.cdf)(edges) for share, way in ways)
    found, _ = np.histogram(angles(head), edges)
    assert 0.5 * abs(found / found.sum() - np.diff(below)).sum() < 0.02
    entropy = 0.6 * np.log(1 / 0.6) + 0.4 * np.log(1 / 0.4) + 0.5 * np.log(2 * np.pi * np.e)
    assert entropy == pytest.approx(2.092, abs=1e-3)
    assert likelihood(head) == pytest.approx(entropy, abs=0.06)  # a bin is as wide as the spread


def corners(count: int, draw: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Two numbers that agree: both -1 or both +1, half and half."""
    sign = torch.where(torch.arange(count) % 2 == 0, 1.0, -1.0)
    near = 0.05 * torch.randn((count, 2), generator=draw)
    return torch.zeros(count, 1), sign[:, None] + near


def test_bins_that_agree_agree_and_independent_ones_do_not() -> None:
    sizes = Sizes(condition=1, chunk=2, hidden=32, layers=2, bins=20, reach=2.0)
    head = trained("autoregressive", sizes, corners, 300, seed=0, rows=128, rate=3e-3)
    noise = torch.randn((1, 20_000, 2), generator=torch.Generator().manual_seed(0))
    said = head.sample(NOTHING, noise)[0].sign()
    assert (said[:, 0] != said[:, 1]).double().mean() < 0.01
    assert (said[:, 0] > 0).double().mean() == pytest.approx(0.5, abs=0.02)
    # independent bins: each number of another candidate's
    apart = torch.stack((said[:, 0], said[:, 1].roll(1)), dim=1)
    assert (apart[:, 0] != apart[:, 1]).double().mean() == pytest.approx(0.5, abs=0.02)


@every_seed
def test_diffusion_keeps_both_ways(seed: int, steps: int) -> None:
    head = learned("diffusion", seed, steps)
    said = shares(angles(head))
    assert (said.left, said.right) == pytest.approx((0.6, 0.4), abs=0.03)
    head.calls = 1
    assert angles(head).mean() == pytest.approx(-4.0, abs=1.0)
    assert shares(angles(head)).valley > 0.95
    head.calls = 10


@every_seed
def test_flow_keeps_both_ways_and_one_call_does_not(seed: int, steps: int) -> None:
    head = learned("flow", seed, steps)
    assert isinstance(head, Flow)
    head.solver, head.calls, head.power = "ab2e", 6, 1.0  # for one number: 1
    angle = angles(head)
    passes(angle)
    assert apart(angle) < 2.0
    head.solver, head.calls = "euler", 1
    with pytest.raises(AssertionError):
        passes(angles(head))
    assert shares(angles(head)).valley > 0.95
    assert angles(head).mean() == pytest.approx(-4.0, abs=1.0)


def passes(angle: np.ndarray) -> None:
    """The gate of a flow in the trap."""
    said = shares(angle)
    assert (said.left, said.right) == pytest.approx((0.6, 0.4), abs=0.03)
    assert said.valley <= 0.03


@every_seed
def test_a_shortcut_keeps_both_ways_in_two_calls(seed: int, steps: int) -> None:
    """Of masses 0.04 may be missing, and 5 % be in the valley: 3.4 % are by the notes' own run."""
    head = learned("shortcut", seed, steps)
    said = shares(angles(head))
    assert (said.left, said.right) == pytest.approx((0.6, 0.4), abs=0.045)
    assert said.valley <= 0.05
    plain = learned("flow", seed, steps)
    assert isinstance(plain, Flow)
    plain.solver, plain.calls, plain.power = "euler", 2, 1.0
    assert shares(angles(plain)).valley > 0.2  # what two plain calls leave there
