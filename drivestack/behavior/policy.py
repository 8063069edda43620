"""A policy: an encoder, a head, and what makes its numbers knots (torch)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from drivestack.behavior.torch_setup import Tensor, nn, torch
from drivestack.core.types import Floats

from .encoder import Encoder, Given
from .heads import HEADS
from .knots import CHANNELS, DIMENSIONS, KNOTS
from .sizes import Shape, Sizes
from .tokens import Tokens


class Policy(nn.Module):
    """Tokens and noise to candidate knots."""

    chunk_mean: Tensor
    chunk_spread: Tensor

    def __init__(self, head: str, shape: Shape, sizes: Sizes) -> None:
        super().__init__()
        self.name = head
        self.encoder, self.head = Encoder(shape), HEADS[head](sizes)
        self.register_buffer("chunk_mean", torch.zeros(DIMENSIONS))
        self.register_buffer("chunk_spread", torch.ones(DIMENSIONS))

    @classmethod
    def of(cls, head: str) -> Policy:
        """A fresh one of the usual size; weights by torch's generator."""
        shape = Shape()
        return cls(head, shape, Sizes(condition=shape.condition, chunk=DIMENSIONS))

    @property
    def built(self) -> dict[str, Any]:
        """What it has to be built from again."""
        return {
            "head": self.name,
            "shape": asdict(self.encoder.shape),
            "sizes": asdict(self.head.sizes),
        }

    @property
    def width(self) -> int:
        """Standard-normal numbers that a candidate takes (W)."""
        return self.head.width

    def normal(self, knots: Tensor) -> Tensor:
        """(..., 20) as the head has it, of knots (..., 10, 2)."""
        return (knots.flatten(-2) - self.chunk_mean) / self.chunk_spread

    def knots(self, chunk: Tensor) -> Tensor:
        """(..., 10, 2) of what the head says (..., 20)."""
        whole = torch.addcmul(self.chunk_mean, chunk, self.chunk_spread)
        return whole.unflatten(-1, (KNOTS, CHANNELS))

    def candidates(self, tokens: Tokens, noise: Floats) -> Floats:
        """Knots (B, K, 10, 2) for noise (K, W), the same for every scenario."""
        with torch.inference_mode():
            condition = self.encoder(Given.of(tokens))
            bank = torch.tensor(noise, dtype=torch.float32).expand(len(condition), -1, -1)
            knots = self.knots(self.head.sample(condition, bank.contiguous()))
        return knots.numpy().astype(np.float64)
