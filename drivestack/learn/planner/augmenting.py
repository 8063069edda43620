"""What is learned of a moment each time it is drawn: its mirror image, with errors, less of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.random import Generator

from drivestack.behavior.committed import prefix_of
from drivestack.behavior.tokens import (
    TOKENS,
    Singles,
    Tokens,
    mirrored,
    untold,
    with_prefix,
)
from drivestack.core.types import Bools

from .unsure import Unsure, seen_again


@dataclass(frozen=True, slots=True)
class Augmenting:
    """How often; chances.

    Attributes:
        mirrored: traffic keeps to the right in half of the scenarios' countries at most, and a
        network that knows both sides has seen twice as much.
        untold: the ego's acceleration and steering angle are left out; issue: at least a half.
        prefixed: controls are committed. ticks, tick: most of them, and how long one is [s]; issue.
        unsure: how much the sensors err.
    """

    mirrored: float = 0.5
    untold: float = 0.5
    prefixed: float = 0.5
    ticks: int = 8
    tick: float = 0.05
    unsure: Unsure = field(default_factory=Unsure)


def augmented(
    tokens: Tokens, knots: Singles, how: Augmenting, draw: Generator
) -> tuple[Tokens, Singles]:
    """Moments (B) as they are learned from this time."""
    batch = len(knots)
    flip, leave, commit = (
        draw.random(batch) < chance for chance in (how.mirrored, how.untold, how.prefixed)
    )
    ticks = np.where(commit, draw.integers(1, how.ticks + 1, batch), 0)
    tokens, knots = _chosen(flip, mirrored(tokens), tokens), knots.copy()
    knots[flip, :, 1] *= -1.0
    tokens = seen_again(tokens, how.unsure, draw)
    return with_prefix(untold(tokens, leave), prefix_of(knots, ticks * how.tick)), knots


def _chosen(rows: Bools, one: Tokens, other: Tokens) -> Tokens:
    """Some rows of one, the others of the other."""
    arrays = {}
    for name in TOKENS:
        array = getattr(other, name).copy()
        array[rows] = getattr(one, name)[rows]
        arrays[name] = array
    return replace(other, **arrays)
