"""Networks that plans ask: compiled ones, and what they have in common with those of torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.described import OUTCOMES
from drivestack.behavior.knots import CHANNELS, KNOTS
from drivestack.behavior.sizes import Shape, Sizes
from drivestack.behavior.tokens import Tokens
from drivestack.core.tensors import Tensors
from drivestack.core.types import Bools, Floats

from .appraising import appraise
from .dense import Weights
from .encoding import Given, encode
from .flowing import sample
from .weights import appraiser_weights, encoder_weights, flow_weights


class Sampler(Protocol):
    """Proposes knots."""

    @property
    def width(self) -> int:
        """Standard-normal numbers that a candidate takes (W)."""
        ...

    def candidates(self, tokens: Tokens, noise: Floats) -> Floats:
        """Knots (B, K, 10, 2) for noise (K, W), the same for every scenario."""
        ...


class Foreteller(Protocol):
    """Foretells what will come of candidates."""

    def foretold(self, tokens: Tokens, chunks: NDArray[np.float32], valid: Bools) -> Floats:
        """Chances (B, K, 6) of chunks (B, K, `WIDTH`); 0 of those that are not valid (B, K)."""
        ...


def encoded(weights: Weights, condition: int, tokens: Tokens) -> NDArray[np.float32]:
    """Conditions (B, C)."""
    out = np.empty((len(tokens.ego), condition), np.float32)
    encode(weights, Given.of(tokens), out)
    return out


@dataclass(frozen=True, slots=True, eq=False)
class CompiledFlow:
    """A `Policy` whose head is a `Flow`.

    Attributes:
        width: numbers of a chunk. condition: numbers of an encoded scene (C).
    """

    width: int
    condition: int
    encoder: Weights
    head: Weights

    @classmethod
    def of(cls, tensors: Tensors, shape: Shape, sizes: Sizes) -> CompiledFlow:
        """From what a checkpoint holds; see `shapes.fits`."""
        encoder, head = encoder_weights(tensors, shape.layers), flow_weights(tensors, sizes.layers)
        return cls(sizes.chunk, shape.condition, encoder, head)

    def candidates(self, tokens: Tokens, noise: Floats) -> Floats:
        """See `Sampler`."""
        out = np.empty((len(tokens.ego), len(noise), self.width), np.float32)
        condition = encoded(self.encoder, self.condition, tokens)
        sample(self.head, condition, noise.astype(np.float32), out)
        return out.reshape(*out.shape[:2], KNOTS, CHANNELS).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class CompiledScorer:
    """An `Appraiser`; condition: numbers of an encoded scene (C)."""

    condition: int
    encoder: Weights
    own: Weights

    @classmethod
    def of(cls, tensors: Tensors, shape: Shape) -> CompiledScorer:
        """From what a checkpoint holds; see `shapes.fits`."""
        encoder = encoder_weights(tensors, shape.layers)
        return cls(shape.condition, encoder, appraiser_weights(tensors))

    def foretold(self, tokens: Tokens, chunks: NDArray[np.float32], valid: Bools) -> Floats:
        """See `Foreteller`."""
        out = np.zeros((*valid.shape, len(OUTCOMES)))
        appraise(self.own, encoded(self.encoder, self.condition, tokens), chunks, valid, out)
        return out
