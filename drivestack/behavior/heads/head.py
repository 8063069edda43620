"""What every policy head is: from a scene's condition to a distribution of chunks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

from drivestack.behavior.sizes import Sizes
from drivestack.behavior.torch_setup import Tensor, nn, torch


class Fit(NamedTuple):
    """How well a head explains chunks that were driven.

    Attributes:
        loss: of each row (B,).
        estimate: the chunk that the head would have said, differentiable (B, D); for a flow the
        chunk at the end of a straight line from where it was asked, `x + (1 - t) v`.
        weight: how far the estimate is a chunk and not a mean of several, 0 to 1 (B,): losses on
        positions that it leads to are to be multiplied by it.
    """

    loss: Tensor
    estimate: Tensor
    weight: Tensor


class Head(nn.Module, ABC):
    """A distribution of chunks given a condition; chunks are normalised per number.

    A candidate is a function of the condition and of `width` standard-normal numbers: nothing is
    drawn here. A row never sees another row. For several noises a scene in training, repeat rows of
    the condition: `condition.repeat_interleave(4, 0)`.
    """

    calls: int = 1
    """Evaluations of the network for a candidate; may be set where `sample` takes steps."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes

    @property
    def width(self) -> int:
        """Standard-normal numbers that a candidate takes (W)."""
        return self.sizes.chunk

    @abstractmethod
    def fit(self, condition: Tensor, chunk: Tensor, draw: torch.Generator) -> Fit:
        """Of chunks (B, D) that were driven under conditions (B, C)."""

    def loss(self, condition: Tensor, chunk: Tensor, draw: torch.Generator) -> Tensor:
        """What training lowers (B,)."""
        return self.fit(condition, chunk, draw).loss

    @abstractmethod
    def sample(self, condition: Tensor, noise: Tensor) -> Tensor:
        """Candidates (B, K, D) from conditions (B, C) and noise (B, K, W)."""

    @abstractmethod
    def surprise(self, condition: Tensor, chunk: Tensor) -> Tensor:
        """How unlikely chunks (B, K, D) are (B, K): higher is stranger.

        The negative log-likelihood where it is closed; else the mean squared residual for a fixed
        bank of times and noises.
        """
