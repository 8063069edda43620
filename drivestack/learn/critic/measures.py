"""How good probabilities are: ranking, error, calibration."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.core.types import Bools, Floats

BINS = 10
"""Of a reliability diagram, each with as many samples as the others: most chances are tiny."""


def area_under_curve(scores: Floats, unsafe: Bools) -> float:
    """Chance that an unsafe sample has the larger score; ties count half. 0.5 without any."""
    many, few = int((~unsafe).sum()), int(unsafe.sum())
    if many == 0 or few == 0:
        return 0.5
    _, at, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[at]
    return float((ranks[unsafe].sum() - few * (few + 1) / 2.0) / (few * many))


def brier(chances: Floats, unsafe: Bools) -> float:
    """Mean squared error of chances."""
    return float(np.mean((chances - unsafe) ** 2)) if len(chances) else 0.0


def reliability(chances: Floats, unsafe: Bools, bins: int = BINS) -> list[dict[str, Any]]:
    """Of equally large bins by chance: how many, the mean chance, the share that was unsafe."""
    order = np.argsort(chances, kind="stable")
    return [
        {
            "samples": len(rows),
            "foretold": float(chances[rows].mean()),
            "unsafe": float(unsafe[rows].mean()),
        }
        for rows in np.array_split(order, bins)
        if len(rows)
    ]


def expected_calibration_error(diagram: list[dict[str, Any]]) -> float:
    """Mean difference between what is foretold and what is, weighted by samples."""
    total = sum(row["samples"] for row in diagram)
    gaps = (row["samples"] * abs(row["foretold"] - row["unsafe"]) for row in diagram)
    return float(sum(gaps)) / total if total else 0.0


def conformal_threshold(scores: Floats, most_missed: float) -> float | None:
    """The threshold below which at most so large a share of unsafe episodes stays, in expectation.

    The floor(eps (n + 1))-th smallest score of n unsafe episodes (arXiv:2109.14082); an episode
    alarms where its score is at least that. None: there are too few of them for such a bound.
    """
    place = int(np.floor(most_missed * (len(scores) + 1)))
    return None if place < 1 else float(np.sort(scores)[place - 1])


def share(events: NDArray[Any]) -> float:
    """Mean of a truth table, 0 if it is empty."""
    return float(np.mean(events)) if len(events) else 0.0
