"""Which checks a layer is made of, and how much it minds braking for nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layer:
    """What is to be built.

    Attributes:
        checks: names in `CHECKS`, beside the guards, which every control passes. bound: names in
        `MONITORS` that act; all others only watch. price: of a needless intervention, in
        collisions; our choice: a tenth, at which human drivers are hardly ever disturbed. critic:
        the checkpoint of a learned critic, which acts where `critic` is among the checks, and else
        advises.
    """

    checks: tuple[str, ...]
    bound: tuple[str, ...] = ()
    price: float = 0.1
    critic: str | None = None

    def __post_init__(self) -> None:
        if not (self.price >= 0.0 and math.isfinite(self.price)):
            raise ValueError(f"Layer.price: expected at least 0, got {self.price}")
