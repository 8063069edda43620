"""The noise of candidates: a fixed bank, so that a plan is a function of what is seen."""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import numpy as np

from drivestack.core.arrays import frozen
from drivestack.core.rng import stream
from drivestack.core.types import Floats


@cache
def bank(candidates: int, width: int, purpose: str = "candidates") -> Floats:
    """Standard-normal noise (K, W), stratified and antithetic.

    Each column holds one number of each of K strata of equal chance (a Latin hypercube), and rows
    come in pairs of opposite sign, so that whichever way modes are split, an unlikely one is missed
    less often than by independent draws.

    Args:
        candidates: an even number K. purpose: names an independent bank.
    """
    if candidates < 2 or candidates % 2:
        raise ValueError(f"expected an even number of candidates, not {candidates}")
    half = candidates // 2
    draw = stream("noise", purpose, candidates, width)
    strata = draw.permuted(np.tile(np.arange(half)[:, None], width), axis=0)
    chance = 0.5 + (strata + draw.random((half, width))) / candidates
    size = np.vectorize(NormalDist().inv_cdf)(chance)
    signed = size * draw.choice((-1.0, 1.0), (half, width))
    return frozen(np.concatenate((signed, -signed)))
