"""Regression: one chunk, the mean of what was driven. The averaging trap itself, for comparison."""

from __future__ import annotations

from drivestack.behavior.sizes import Sizes
from drivestack.behavior.torch_setup import Tensor, torch

from .head import Fit, Head
from .perceptron import Perceptron


class Mse(Head):
    """Mean squared error; every candidate is the same."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__(sizes)
        self.network = Perceptron(sizes, sizes.chunk)

    def fit(self, condition: Tensor, chunk: Tensor, draw: torch.Generator) -> Fit:
        """The squared error, averaged over the chunk."""
        mean = self.network(condition)
        return Fit((mean - chunk).square().mean(-1), mean, torch.ones(len(chunk)))

    def sample(self, condition: Tensor, noise: Tensor) -> Tensor:
        """The mean, as often as there are candidates."""
        return self.network(condition)[:, None].expand(-1, noise.shape[1], -1)

    def surprise(self, condition: Tensor, chunk: Tensor) -> Tensor:
        """The squared error: likelihood under a Gaussian of fixed spread, but for constants."""
        return (self.network(condition)[:, None] - chunk).square().mean(-1)
