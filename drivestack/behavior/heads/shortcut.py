"""Shortcut training (2410.12557): a flow that is also told how long a step it is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from drivestack.behavior.sampling import Call
from drivestack.behavior.sizes import Sizes
from drivestack.behavior.torch_setup import Tensor, functional, torch

from .flow import Flow
from .head import Fit
from .modulated import Modulated

EVERY = 4
"""One row in so many learns to agree with two steps of half the length (2410.12557)."""

LEVELS = 7
"""Steps are 1, 1/2, ... 1/64 long and made of halves (2410.12557)."""


class Shortcut(Flow):
    """Two calls of half the way each; `calls` may be set to any power of two up to 128."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__(sizes)
        self.solver, self.calls, self.power = "euler", 2, 1.0
        self.network = Modulated(sizes, times=2)
        self.times = functional.pad(self.times, (0, 1))

    def told(self, calls: Sequence[Call]) -> Tensor:
        """Times and lengths of steps."""
        return torch.tensor([[call.time, call.now] for call in calls])

    def fit(self, condition: Tensor, chunk: Tensor, draw: torch.Generator) -> Fit:
        """The velocity for steps of no length; for longer ones the mean of two half as long.

        Rows of the second kind have an estimate of weight 0.
        """
        noise = torch.randn(chunk.shape, generator=draw)
        t = torch.randn((len(chunk), 1), generator=draw).sigmoid()
        length = torch.zeros_like(t)
        long = 0.5 ** torch.randint(0, LEVELS, t[::EVERY].shape, generator=draw)
        length[::EVERY] = long
        t[::EVERY] = (torch.rand(long.shape, generator=draw) / long).floor() * long
        x = torch.lerp(noise, chunk, t)
        target = chunk - noise
        target[::EVERY] = self.halves(condition[::EVERY], x[::EVERY], t[::EVERY], long)
        velocity = self.velocity(condition, x, t, length)
        loss = (velocity - target).square().mean(-1)
        weight = torch.where(length > 0.0, 0.0, t)
        return Fit(loss, x + (1.0 - t) * velocity, weight[:, 0])

    def velocity(self, condition: Tensor, x: Tensor, t: Tensor, length: Tensor) -> Tensor:
        """Mean velocity over steps of some length, row by row."""
        told = torch.cat((t, length), dim=-1)
        return self.network(x, self.network.modulation(condition, told))

    @torch.no_grad()
    def halves(self, condition: Tensor, x: Tensor, t: Tensor, long: Tensor) -> Tensor:
        """The mean velocity of two steps half as long; the shortest are of no length."""
        half = 0.5 * long
        length = torch.where(half > 0.5**LEVELS, half, 0.0)
        one = self.velocity(condition, x, t, length)
        other = self.velocity(condition, x + half * one, t + half, length)
        return 0.5 * (one + other)
