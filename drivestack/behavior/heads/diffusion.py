"""Diffusion: trained as DDPM (2006.11239), sampled as DDIM (2010.02502).

``x_n = sqrt(kept_n) chunk + sqrt(1 - kept_n) noise``, where `kept` is the papers' alpha bar. The
network says v = sqrt(kept) noise - sqrt(1 - kept) chunk (2202.00512), from which noise and chunk
both follow; its squared error is DDPM's of the noise, divided by `kept`. A network that says the
noise knows nothing of the chunk where only noise is left, and that is where sampling starts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from drivestack.behavior.sizes import Sizes
from drivestack.behavior.torch_setup import Tensor, nn, torch

from .flow import asked
from .head import Fit, Head
from .modulated import Modulated

OFFSET = 0.008
"""Of the squared-cosine schedule, and the largest step of noise (2102.09672)."""

LARGEST = 0.999


class Diffusion(Head):
    """A squared-cosine schedule, DDIM in ten calls.

    Attributes:
        calls: of the network for a candidate, evenly over the steps of training; at most as many.
        eta: 0: a candidate depends on its first noise alone; 1: as much fresh noise as DDPM. Both
        may be set; `width` follows.
    """

    def __init__(self, sizes: Sizes) -> None:
        super().__init__(sizes)
        self.calls, self.eta = 10, 0.0
        self.network = Modulated(sizes, times=1)
        kept = torch.tensor(schedule(sizes.steps), dtype=torch.float32)
        self.kept = nn.Buffer(kept, persistent=False)
        share, noise = asked(sizes.chunk)
        steps = (share[:, 0] * sizes.steps).ceil().long()
        self.asked = nn.Buffer(steps, persistent=False)
        self.noise = nn.Buffer(noise, persistent=False)

    @property
    def width(self) -> int:
        """A chunk's numbers, and as many again for each call after the first if `eta` is not 0."""
        return self.sizes.chunk * (self.calls if self.eta else 1)

    def fit(self, condition: Tensor, chunk: Tensor, draw: torch.Generator) -> Fit:
        """The squared error of v at one random step and noise a row."""
        noise = torch.randn(chunk.shape, generator=draw)
        step = torch.randint(1, self.sizes.steps + 1, (len(chunk), 1), generator=draw)
        signal, rest = self.shares(step)
        x = signal * chunk + rest * noise
        v = self.network(x, self.network.modulation(condition, step / self.sizes.steps))
        loss = (v - (signal * noise - rest * chunk)).square().mean(-1)
        return Fit(loss, signal * x - rest * v, self.kept[step[:, 0]])

    def sample(self, condition: Tensor, noise: Tensor) -> Tensor:
        """By DDIM; condition and steps are embedded once for all calls."""
        steps = ladder(self.sizes.steps, self.calls)
        times = torch.tensor([[step / self.sizes.steps] for step in steps[:-1]])
        modulation = self.network.modulation(condition[:, None], times)

        def said(x: Tensor, step: int) -> Tensor:
            signal, rest = self.shares(torch.tensor(step))
            v = self.network(x, modulation.at(steps.index(step)))
            return rest * x + signal * v

        first, *fresh = noise.split(self.sizes.chunk, dim=-1)
        return ddim(said, first, self.kept.tolist(), steps, self.eta, fresh)

    def surprise(self, condition: Tensor, chunk: Tensor) -> Tensor:
        """The squared error of v, averaged over the same steps and noises always."""
        times = self.asked[:, None] / self.sizes.steps
        modulation = self.network.modulation(condition[:, None, None], times)
        signal, rest = self.shares(self.asked[:, None])
        whole = chunk[:, :, None]
        v = self.network(signal * whole + rest * self.noise, modulation)
        return (v - (signal * self.noise - rest * whole)).square().mean((-1, -2))

    def shares(self, step: Tensor) -> tuple[Tensor, Tensor]:
        """Of chunk and noise at a step: the square roots of what is kept and what is not."""
        kept = self.kept[step]
        return kept.sqrt(), (1.0 - kept).sqrt()


def schedule(steps: int) -> list[float]:
    """What is kept of the chunk's variance, after 0 to `steps` steps of noise (2102.09672)."""

    def level(step: int) -> float:
        return math.cos((step / steps + OFFSET) / (1.0 + OFFSET) * math.pi / 2.0) ** 2

    kept = [1.0]
    for step in range(steps):
        kept.append(kept[-1] * (1.0 - min(1.0 - level(step + 1) / level(step), LARGEST)))
    return kept


def ladder(steps: int, calls: int) -> list[int]:
    """Steps at which the network is asked, from the last one down, and 0."""
    if not 1 <= calls <= steps:
        raise ValueError(f"expected 1 to {steps} calls, the steps of training, not {calls}")
    return [round(steps * (calls - n) / calls) for n in range(calls + 1)]


def ddim(
    said: Callable[[Tensor, int], Tensor],
    noise: Tensor,
    kept: Sequence[float],
    steps: Sequence[int],
    eta: float = 0.0,
    fresh: Sequence[Tensor] = (),
) -> Tensor:
    """From noise to chunks.

    Args:
        said: the noise in x at a step, by the network or an oracle. kept: of every step of
        training, from 0. steps: at which to ask, descending, and 0. eta: 0 to 1, how much noise is
        drawn anew. fresh: that noise, for each call but the last.
    """
    x = noise
    for n, (step, after) in enumerate(pairwise(steps)):
        here, there = kept[step], kept[after]
        found = said(x, step)
        chunk = (x - math.sqrt(1.0 - here) * found) / math.sqrt(here)
        anew = eta * math.sqrt((1.0 - there) / (1.0 - here) * (1.0 - here / there))
        x = math.sqrt(there) * chunk + math.sqrt(max(1.0 - there - anew**2, 0.0)) * found
        if anew and after:
            x = x + anew * fresh[n]
    return x
