"""What networks are built from; checkpoints keep it."""

from __future__ import annotations

from dataclasses import dataclass

from .tokens import Agent, Ego, Piece, Point

KINDS = {"ego": len(Ego), "route": len(Point), "lanes": len(Piece), "agents": len(Agent)}
"""Of tokens, with their columns."""

PERIODS = 4e-3, 4.0
"""Shortest and longest period of a head's embedding of time (pi0, 2410.24164)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Of an encoder; our choice, so that it and a head have 0.8 million weights.

    Attributes:
        condition: numbers of what it says (C). tokens, width: of tokens and of latents, multiples
        of 32: a vector's end would be computed in another way. latents, heads: their numbers.
        layers: in which latents look at each other. said: numbers that each latent says.
    """

    condition: int = 128
    tokens: int = 64
    width: int = 96
    latents: int = 16
    heads: int = 3
    layers: int = 2
    said: int = 16


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a head is built from; a checkpoint keeps it. Widths and counts are our choice.

    Attributes:
        condition: numbers of the encoded scene (C). chunk: numbers of a chunk (D).
        hidden: width of a layer. layers: hidden layers. embedded: width of the embedded condition.
        components: Gaussians of `mixture`.
        bins: of each number, and reach: where the outermost end, in standard deviations;
        `autoregressive`.
        steps: of noise in training; `diffusion`.
    """

    condition: int
    chunk: int
    hidden: int = 256
    layers: int = 3
    embedded: int = 128
    components: int = 8
    bins: int = 96
    reach: float = 6.0
    steps: int = 100
