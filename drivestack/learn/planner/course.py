"""How a policy is trained: settings, which with the data decide every bit of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from .augmenting import Augmenting


@dataclass(frozen=True, slots=True)
class Course:
    """learning.md (4.7) unless said otherwise.

    Attributes:
        head: a name in `HEADS`. steps: of the optimiser. batch: moments a step. noises: of the
        head for each of them, whose scene is encoded once (issue).
        rate: AdamW's, falling to 0 as a cosine after `warm` steps (our choice). decay: of weights,
        torch's default. clip: of the gradient's norm. average: of weights over steps (EMA).
        position: weight of the squared distance [1/m2] of the places that a chunk leads to; our
        choice: 1 m counts as much as a third of the spread of a knot.
        seed: of weights, order and noise. keep: a state is written every so many steps.
    """

    head: str = "flow"
    steps: int = 10_000
    batch: int = 256
    noises: int = 4
    rate: float = 1e-3
    warm: int = 200
    decay: float = 0.01
    clip: float = 1.0
    average: float = 0.999
    position: float = 0.1
    seed: int = 0
    keep: int = 500
    augmenting: Augmenting = field(default_factory=Augmenting)
