"""Trials for tests: nothing that was driven, but with a rule in it that can be learned."""

from __future__ import annotations

import numpy as np

from drivestack.behavior.described import OUTCOMES, WIDTH
from drivestack.behavior.origin import Origin
from drivestack.learn.scorer.trials import MOST, Trials
from tests.learn.planner.made import made as demonstrations


def made(count: int, first_seed: int = 0, seed: int = 0) -> Trials:
    """Whoever's first number is above 0 collides; all else is as likely as not."""
    draw = np.random.default_rng(seed)
    told = demonstrations(count, seed=seed)
    chunks = draw.normal(size=(count, MOST, WIDTH)).astype(np.float32)
    outcome = draw.random((count, MOST, len(OUTCOMES))).astype(np.float32)
    outcome[..., 0] = chunks[..., 0] <= 0.0
    number = np.arange(count, dtype=np.int32)
    return Trials(
        tokens=told.tokens,
        chunks=chunks,
        outcome=outcome,
        total=outcome[..., 0] * outcome[..., 3],
        source=np.full((count, MOST), Origin.LEARNED, np.int32),
        tried=draw.random((count, MOST)) < 0.9,
        group=np.zeros(count, np.int32),
        seed=first_seed + number % 50,
        tick=number,
    )
