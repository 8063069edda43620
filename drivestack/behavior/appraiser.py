"""A scoring model: tokens and candidates to the chances of what will come of them (torch)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.core.types import Bools

from .described import HIDDEN, OUTCOMES, WIDTH, chances
from .encoder import Encoder, Given, tensor_of
from .linear import Linear
from .sizes import Shape
from .tokens import Tokens
from .torch_setup import Tensor, functional, nn, torch


class Appraiser(nn.Module):
    """The scene is encoded once; every candidate then takes three layers."""

    mean: Tensor
    scale: Tensor
    slope: Tensor
    shift: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.encoder = Encoder(shape)
        self.register_buffer("mean", torch.zeros(WIDTH))
        self.register_buffer("scale", torch.zeros(WIDTH))
        self.register_buffer("slope", torch.ones(len(OUTCOMES)))
        self.register_buffer("shift", torch.zeros(len(OUTCOMES)))
        self.scene = Linear(shape.condition, HIDDEN)
        self.chunk = Linear(WIDTH, HIDDEN, bias=False)
        self.first, self.second = Linear(HIDDEN, HIDDEN), Linear(HIDDEN, HIDDEN)
        self.last = Linear(HIDDEN, len(OUTCOMES))

    @property
    def built(self) -> dict[str, Any]:
        """What it has to be built from again."""
        return {"shape": asdict(self.encoder.shape)}

    def forward(self, given: Given, chunks: Tensor) -> Tensor:
        """Log-odds (B, K, 6) of chunks (B, K, `WIDTH`); not calibrated."""
        scene = self.scene(self.encoder(given))[:, None]
        hidden = functional.silu(scene + self.chunk((chunks - self.mean) * self.scale))
        hidden = hidden + functional.silu(self.first(hidden))
        hidden = hidden + functional.silu(self.second(hidden))
        return self.last(hidden)

    def foretold(
        self, tokens: Tokens, chunks: NDArray[np.float32], valid: Bools
    ) -> NDArray[np.float64]:
        """Chances (B, K, 6), by Platt's scaling of what was held out; 0 of what is not valid."""
        with torch.inference_mode():
            odds = self(Given.of(tokens), tensor_of(np.ascontiguousarray(chunks))).numpy()
        found = np.zeros(odds.shape)
        chances(odds, self.slope.numpy(), self.shift.numpy(), found)
        found[~valid] = 0.0
        return found
