"""The network that heads share: a residual perceptron, modulated by condition and time (FiLM).

Condition and time only scale and shift hidden layers (Perez et al., 1709.07871), so all that
depends on them is computed once a plan for all calls, and a call is a few products of matrices.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from drivestack.behavior.linear import Linear
from drivestack.behavior.sizes import PERIODS, Sizes
from drivestack.behavior.torch_setup import Tensor, functional, nn, torch


class Modulation(NamedTuple):
    """Of every hidden layer: scale and shift (..., L, H)."""

    scale: Tensor
    shift: Tensor

    def at(self, call: int) -> Modulation:
        """Of one call of (B, N, L, H), to be spread over candidates (B, 1, L, H)."""
        return Modulation(self.scale[:, call, None], self.shift[:, call, None])


class Modulated(nn.Module):
    """From chunks (..., D) to chunks; told `times` times, or lengths of steps, of each."""

    frequencies: Tensor

    def __init__(self, sizes: Sizes, times: int) -> None:
        super().__init__()
        hidden, layers = sizes.hidden, sizes.layers
        self.shape = layers, hidden
        shortest, longest = PERIODS
        periods = torch.logspace(math.log10(shortest), math.log10(longest), sizes.embedded // 4)
        self.register_buffer("frequencies", 2.0 * math.pi / periods, persistent=False)
        self.of_condition = Linear(sizes.condition, sizes.embedded)
        self.of_times = Linear(2 * len(periods) * times, sizes.embedded, bias=False)
        self.modulating = Linear(sizes.embedded, 2 * layers * hidden)
        self.first = Linear(sizes.chunk, hidden)
        self.hidden = nn.ModuleList(Linear(hidden, hidden) for _ in range(layers - 1))
        self.last = Linear(hidden, sizes.chunk)

    def modulation(self, condition: Tensor, times: Tensor) -> Modulation:
        """Of conditions (..., C) and times (..., `times`), whose leading axes are broadcast."""
        angle = times[..., None] * self.frequencies
        waves = torch.cat((angle.sin(), angle.cos()), dim=-1).flatten(-2)
        inner = functional.silu(self.of_condition(condition) + self.of_times(waves))
        both = self.modulating(inner).unflatten(-1, (2, *self.shape))
        return Modulation(1.0 + both.select(-3, 0), both.select(-3, 1))

    def forward(self, x: Tensor, modulation: Modulation) -> Tensor:
        """Under a modulation whose leading axes are those of x or broadcast to them."""
        scale, shift = modulation
        h = functional.silu(torch.addcmul(shift.select(-2, 0), self.first(x), scale.select(-2, 0)))
        for n, layer in enumerate(self.hidden, start=1):
            inner = torch.addcmul(shift.select(-2, n), layer(h), scale.select(-2, n))
            h = h + functional.silu(inner)
        return self.last(h)
