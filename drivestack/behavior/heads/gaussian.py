"""One Gaussian: the mean of what was driven, and how far drivers are from it."""

from __future__ import annotations

import math

from drivestack.behavior.sizes import Sizes
from drivestack.behavior.torch_setup import Tensor, functional, torch

from .head import Fit, Head
from .perceptron import Perceptron

FLOOR = 1e-2
"""Smallest standard deviation, of normalised numbers (our choice): likelihoods stay bounded."""

HALF_LOG_TAU = 0.5 * math.log(2.0 * math.pi)


class Gaussian(Head):
    """A mean and a standard deviation for each number, by maximum likelihood."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__(sizes)
        self.network = Perceptron(sizes, 2 * sizes.chunk)

    def parts(self, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation (B, D)."""
        mean, raw = self.network(condition).chunk(2, dim=-1)
        return mean, functional.softplus(raw) + FLOOR

    def fit(self, condition: Tensor, chunk: Tensor, draw: torch.Generator) -> Fit:
        """The negative log-likelihood."""
        mean, deviation = self.parts(condition)
        loss = negative_log_likelihood(chunk, mean, deviation)
        return Fit(loss, mean, torch.ones(len(chunk)))

    def sample(self, condition: Tensor, noise: Tensor) -> Tensor:
        """Noise, scaled and shifted."""
        mean, deviation = self.parts(condition)
        return torch.addcmul(mean[:, None], deviation[:, None], noise)

    def surprise(self, condition: Tensor, chunk: Tensor) -> Tensor:
        """The negative log-likelihood."""
        mean, deviation = self.parts(condition)
        return negative_log_likelihood(chunk, mean[:, None], deviation[:, None])


def negative_log_likelihood(chunk: Tensor, mean: Tensor, deviation: Tensor) -> Tensor:
    """Of independent Gaussians, summed over the last axis."""
    away = (chunk - mean) / deviation
    return (deviation.log() + 0.5 * away.square() + HALF_LOG_TAU).sum(-1)
