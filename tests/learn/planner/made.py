"""Demonstrations for tests: nothing that was driven, but with a rule in it that can be learned."""

from __future__ import annotations

import numpy as np

from drivestack.behavior.knots import KNOTS
from drivestack.behavior.tokens import TOKENS, Ego, Tokens
from drivestack.learn.planner.demonstrations import Demonstrations


def made(count: int, first_seed: int = 0, seed: int = 0, name: str = "made") -> Demonstrations:
    """Whoever is fast brakes, whoever is to the left of the line steers right."""
    draw = np.random.default_rng(seed)
    arrays = {}
    for field, (axes, dtype) in TOKENS.items():
        shape = [count if axis == "B" else int(axis) for axis in axes.split()]
        random = draw.random(shape) < 0.7 if dtype is np.bool_ else draw.normal(size=shape)
        arrays[field] = random.astype(dtype)
    ego = arrays["ego"]
    ego[:, Ego.SPEED] = draw.uniform(0.0, 20.0, count)
    knots = np.zeros((count, KNOTS, 2), np.float32)
    knots[:, :, 0] = 1.0 - 0.2 * ego[:, Ego.SPEED, None]
    knots[:, :, 1] = -0.5 * ego[:, Ego.ASIDE, None]
    knots += draw.normal(scale=0.05, size=knots.shape).astype(np.float32)
    number = np.arange(count, dtype=np.int32)
    zero = np.zeros(count, np.int32)
    return Demonstrations(
        tokens=Tokens(**arrays),
        knots=knots,
        weight=np.ones(count, np.float32),
        family=zero,
        seed=first_seed + number % 50,
        tick=number,
        style=zero,
        manoeuvre=zero - 1,
        names=(name,),
    )
