"""Flow matching (2210.02747): a velocity field that carries noise (t = 0) to chunks (t = 1)."""

from __future__ import annotations

from collections.abc import Sequence

from drivestack.behavior.noise import bank
from drivestack.behavior.sampling import CALLS, POWER, SOLVER, SOLVERS, Call, integrate
from drivestack.behavior.sizes import Sizes
from drivestack.behavior.torch_setup import Tensor, nn, torch

from .head import Fit, Head
from .modulated import Modulated

ASKED = 32
"""Times and noises at which a chunk's surprise is averaged (our choice)."""


class Flow(Head):
    """Independent pairs of noise and chunk, logit-normal times, AB2E in four calls.

    Attributes:
        solver: a name of `SOLVERS`. calls: of the network for a candidate. power: of the grid
        ``t = (i / calls) ** power``; 1.5 suits 20 to 40 numbers, 1 a single one. All may be set.
    """

    def __init__(self, sizes: Sizes) -> None:
        super().__init__(sizes)
        self.solver, self.calls, self.power = SOLVER, CALLS, POWER
        self.network = Modulated(sizes, times=1)
        times, noise = asked(sizes.chunk)
        self.times = nn.Buffer(times, persistent=False)
        self.noise = nn.Buffer(noise, persistent=False)

    def fit(self, condition: Tensor, chunk: Tensor, draw: torch.Generator) -> Fit:
        """The squared error of the velocity at one random time and noise a row."""
        noise = torch.randn(chunk.shape, generator=draw)
        t = torch.randn((len(chunk), 1), generator=draw).sigmoid()
        x = torch.lerp(noise, chunk, t)
        velocity = self.network(x, self.network.modulation(condition, t))
        loss = (velocity - (chunk - noise)).square().mean(-1)
        return Fit(loss, x + (1.0 - t) * velocity, t[:, 0])

    def told(self, calls: Sequence[Call]) -> Tensor:
        """What the network is told beside the condition at each call (N, times)."""
        return torch.tensor([[call.time] for call in calls])

    def sample(self, condition: Tensor, noise: Tensor) -> Tensor:
        """By the solver; condition and times are embedded once for all calls."""
        calls = SOLVERS[self.solver](self.calls, self.power)
        modulation = self.network.modulation(condition[:, None], self.told(calls))
        place = {call.time: n for n, call in enumerate(calls)}

        def velocity(x: Tensor, t: float) -> Tensor:
            return self.network(x, modulation.at(place[t]))

        return integrate(velocity, noise, calls)

    def surprise(self, condition: Tensor, chunk: Tensor) -> Tensor:
        """The squared error of the velocity, averaged over the same times and noises always."""
        modulation = self.network.modulation(condition[:, None, None], self.times)
        x = torch.lerp(self.noise, chunk[:, :, None], self.times[:, :1])
        velocity = self.network(x, modulation)
        return (velocity - (chunk[:, :, None] - self.noise)).square().mean((-1, -2))


def asked(chunk: int) -> tuple[Tensor, Tensor]:
    """Times (`ASKED`, 1), evenly over (0, 1), and a noise (`ASKED`, D) for each."""
    times = (torch.arange(ASKED, dtype=torch.float32)[:, None] + 0.5) / ASKED
    return times, torch.tensor(bank(ASKED, chunk, "surprise"), dtype=torch.float32)
