"""The flow head around a perfect network: the exact field in place of the learned one."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from drivestack.behavior.heads.flow import ASKED, Flow
from drivestack.behavior.heads.shortcut import LEVELS, Shortcut
from drivestack.behavior.noise import bank
from drivestack.behavior.sizes import Sizes
from tools.lab.traps import Trap, quantiles, shares

TRAP = Trap(20)
NOTHING = torch.zeros(1, 1)


class Times:
    """In place of a modulation: what the network was told, call by call or row by row."""

    def __init__(self, told: Tensor) -> None:
        self.told = told

    def at(self, call: int) -> Times:
        return Times(self.told[call])


class Perfect(nn.Module):
    """In place of the network: the exact field."""

    def __init__(self, trap: Trap) -> None:
        super().__init__()
        self.trap = trap

    def modulation(self, condition: Tensor, told: Tensor) -> Times:
        return Times(told)

    def forward(self, x: Tensor, times: Times) -> Tensor:
        t = times.told[..., 0].double().expand(x.shape[:-1]).numpy()
        return torch.tensor(self.trap.velocity(x.double().numpy(), t)).float()


def perfect(trap: Trap) -> Flow:
    head = Flow(Sizes(condition=1, chunk=trap.width, hidden=8, embedded=8))
    head.network = Perfect(trap)  # pyright: ignore[reportAttributeAccessIssue]
    return head


def test_the_default_passes_the_gate_of_the_exact_field() -> None:
    noise = torch.tensor(quantiles(20_000)[:, None] * TRAP.axis, dtype=torch.float32)
    place = perfect(TRAP).sample(NOTHING, noise[None])[0].double().numpy() @ TRAP.axis
    went = shares(TRAP.angle(place))
    assert went.left == pytest.approx(0.604, abs=0.005)
    assert went.valley <= 1e-3
    assert TRAP.off(place) == pytest.approx(0.097, abs=0.01)


def test_one_call_of_euler_is_the_mean_and_fails() -> None:
    head = perfect(TRAP)
    head.solver, head.calls = "euler", 1
    noise = torch.randn((1, 100, 20), generator=torch.Generator().manual_seed(0))
    assert head.sample(NOTHING, noise).abs().max() < 1e-6
    head.calls = 4
    noise = torch.tensor(quantiles(20_000)[:, None] * TRAP.axis, dtype=torch.float32)
    place = head.sample(NOTHING, noise[None])[0].double().numpy() @ TRAP.axis
    assert abs(shares(TRAP.angle(place)).left - 0.604) > 0.005


def test_how_surprising_chunks_are() -> None:
    """Reference notes on learning, section 8; deviations between banks of 32 are 0.1 or less."""
    left, right = (mode * TRAP.axis for mode in TRAP.modes)
    middle = 0.5 * (left + right)
    asked = [left, right, right + 3.0 * TRAP.spread, right + 0.25 * (left - right), middle]
    chunk = torch.tensor(np.array(asked), dtype=torch.float32)[None]
    found = perfect(TRAP).surprise(NOTHING, chunk)[0].tolist()
    assert found == pytest.approx([0.25, 0.38, 0.78, 4.2, 15.1], rel=0.05, abs=0.25)
    assert max(found[:2]) < found[2] < found[3] < found[4]
    banks = []
    for n in range(20):
        head = perfect(TRAP)
        head.noise.copy_(torch.tensor(bank(ASKED, 20, f"surprise {n}")))
        banks.append(head.surprise(NOTHING, chunk)[0])
    mean = torch.stack(banks).mean(0).tolist()
    assert mean == pytest.approx([0.25, 0.38, 0.78, 4.2, 15.1], rel=0.03, abs=0.06)
    assert found == perfect(TRAP).surprise(NOTHING, chunk)[0].tolist()


def test_the_estimate_is_what_is_to_be_expected_and_times_lean_to_the_middle() -> None:
    head, trap = perfect(Trap(1)), Trap(1)
    head.network = Perfect(trap)  # pyright: ignore[reportAttributeAccessIssue]
    chunk = torch.tensor(trap.chunks(2_000, "fit"), dtype=torch.float32)
    fit = head.fit(torch.zeros(2_000, 1), chunk, torch.Generator().manual_seed(0))
    assert (fit.estimate - chunk).mean().item() == pytest.approx(0.0, abs=0.05)
    late = fit.weight > 0.8
    assert torch.allclose(fit.estimate[late], chunk[late], atol=6.0 * trap.spread)
    odds = (fit.weight / (1.0 - fit.weight)).log()  # logit-normal
    assert (odds.mean().item(), odds.std().item()) == pytest.approx((0.0, 1.0), abs=0.07)


def test_a_shortcut_learns_from_two_steps_of_half_the_length() -> None:
    head = Shortcut(Sizes(condition=1, chunk=2, hidden=8, embedded=8))
    told = []

    def velocity(condition: Tensor, x: Tensor, t: Tensor, length: Tensor) -> Tensor:
        told.append((t, length))
        return x * t + length

    head.velocity = velocity  # pyright: ignore[reportAttributeAccessIssue]
    x, t = torch.tensor([[1.0, 2.0]]), torch.tensor([[0.5]])
    found = head.halves(NOTHING, x, t, torch.tensor([[0.5]]))
    one = x * 0.5 + 0.25
    assert torch.allclose(found, 0.5 * (one + (x + 0.25 * one) * 0.75 + 0.25))
    assert [(float(at), float(length)) for at, length in told] == [(0.5, 0.25), (0.75, 0.25)]
    told.clear()
    head.halves(NOTHING, x, t, torch.tensor([[0.5 ** (LEVELS - 1)]]))
    assert told[0][1].item() == 0.0  # the shortest are made of the velocity itself


def test_a_shortcut_s_steps_end_at_one_and_start_on_their_grid() -> None:
    head = Shortcut(Sizes(condition=1, chunk=2, hidden=8, embedded=8))
    seen = []

    def velocity(condition: Tensor, x: Tensor, t: Tensor, length: Tensor) -> Tensor:
        seen.append((t, length))
        return x

    head.velocity = velocity  # pyright: ignore[reportAttributeAccessIssue]
    fit = head.fit(torch.zeros(4_000, 1), torch.zeros(4_000, 2), torch.Generator().manual_seed(0))
    t, length = (part[:, 0] for part in seen[-1])
    long = length > 0.0
    assert long.double().mean().item() == 0.25
    assert (t[long] + length[long] <= 1.0).all()
    assert torch.equal((t / length)[long], (t / length)[long].round())
    assert set(length[long].tolist()) == {0.5**n for n in range(LEVELS)}
    assert (fit.weight[long] == 0.0).all()
    told = head.told([type("Call", (), {"time": n / 2, "now": 0.5})() for n in range(2)])
    assert told.tolist() == [[0.0, 0.5], [0.5, 0.5]]
    assert math.isclose(head.times[:, 0].mean().item(), 0.5)
    assert (head.times[:, 1] == 0.0).all()
