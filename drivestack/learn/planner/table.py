"""What demonstrations are of: moments by family, manoeuvre and speed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.tokens import Ego

from .demonstrations import Demonstrations
from .positions import places

BANDS = (0.5, 5.0, 10.0, 15.0, 20.0, 25.0)
"""Speeds [m/s] that bands end at."""

ASIDE, FASTER = 1.5, 1.5
"""A change of lane or a dodge ends so far [m] aside; who ends so much [m/s] faster or slower speeds
up or brakes. Our choice."""

_KINDS = ("stand", "brake", "keep", "speed up", "left", "right")


def table_of(found: Demonstrations) -> dict[str, Any]:
    """Shares of all moments by family, manoeuvre and speed band [%], and the largest of each."""
    speed = found.tokens.ego[:, Ego.SPEED]
    bands = np.digitize(speed, BANDS)
    edges = ["0", *(f"{edge:g}" for edge in BANDS)]
    names = [f"{low}-{high}" for low, high in pairwise(edges)]
    return {
        "family": _shares(found.family, found.names),
        "manoeuvre": _shares(_manoeuvres(found), _KINDS),
        "speed": _shares(bands, (*names, f"{edges[-1]}+")),
    }


def _manoeuvres(found: Demonstrations) -> NDArray[np.int64]:
    """(S,) numbers of `_KINDS`, by where chunks lead and at which speed."""
    gone, aside, fast = places(found.knots, found.tokens.ego[:, Ego.SPEED])
    change = fast - found.tokens.ego[:, Ego.SPEED]
    kind = np.full(len(found), _KINDS.index("keep"))
    kind[change < -FASTER] = _KINDS.index("brake")
    kind[change > FASTER] = _KINDS.index("speed up")
    kind[aside > ASIDE] = _KINDS.index("left")
    kind[aside < -ASIDE] = _KINDS.index("right")
    kind[gone < 0.3] = _KINDS.index("stand")
    return kind


def _shares(numbers: NDArray, names: tuple[str, ...]) -> dict[str, float]:
    counts = np.bincount(numbers, minlength=len(names))
    return {n: round(100.0 * c / len(numbers), 2) for n, c in zip(names, counts, strict=True)}
