"""A mixture of Gaussians: several answers in closed form, each with its chance."""

from __future__ import annotations

from drivestack.behavior.sizes import Sizes
from drivestack.behavior.torch_setup import Tensor, functional, torch

from .gaussian import FLOOR, negative_log_likelihood
from .head import Fit, Head
from .perceptron import Perceptron


class Mixture(Head):
    """`Sizes.components` Gaussians, each with a deviation for each number, by maximum likelihood.

    The first number of a candidate's noise says which Gaussian it is of.
    """

    def __init__(self, sizes: Sizes) -> None:
        super().__init__(sizes)
        self.network = Perceptron(sizes, sizes.components * (2 * sizes.chunk + 1))

    @property
    def width(self) -> int:
        """One number more than a chunk has."""
        return self.sizes.chunk + 1

    def parts(self, condition: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logarithms of chances (B, M), means and standard deviations (B, M, D)."""
        said = self.network(condition).unflatten(-1, (self.sizes.components, -1))
        logits, mean, raw = said.split((1, self.sizes.chunk, self.sizes.chunk), dim=-1)
        deviation = functional.softplus(raw) + FLOOR
        return functional.log_softmax(logits[..., 0], dim=-1), mean, deviation

    def fit(self, condition: Tensor, chunk: Tensor, draw: torch.Generator) -> Fit:
        """The negative log-likelihood; the estimate is the mean of the likeliest Gaussian."""
        log_chance, mean, deviation = self.parts(condition)
        joint = log_chance - negative_log_likelihood(chunk[:, None], mean, deviation)
        best = joint.argmax(-1)[:, None, None].expand(-1, 1, self.sizes.chunk)
        estimate = mean.gather(1, best)[:, 0]
        return Fit(-joint.logsumexp(-1), estimate, torch.ones(len(chunk)))

    def sample(self, condition: Tensor, noise: Tensor) -> Tensor:
        """Which Gaussian by the first number, where in it by the others."""
        log_chance, mean, deviation = self.parts(condition)
        upper = log_chance.exp().cumsum(-1)[:, None, :-1]
        which = (torch.special.ndtr(noise[..., :1]) > upper).sum(-1, keepdim=True)
        place = which.expand(-1, -1, self.sizes.chunk)
        return torch.addcmul(mean.gather(1, place), deviation.gather(1, place), noise[..., 1:])

    def surprise(self, condition: Tensor, chunk: Tensor) -> Tensor:
        """The negative log-likelihood."""
        log_chance, mean, deviation = (part[:, None] for part in self.parts(condition))
        joint = log_chance - negative_log_likelihood(chunk[:, :, None], mean, deviation)
        return -joint.logsumexp(-1)
