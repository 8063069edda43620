"""How good a policy's candidates are, before anybody drives by them: figures of held-out moments.

They say whether training works, not whether driving does (nuPlan: 2306.07962).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from drivestack.behavior.knots import Drawing
from drivestack.behavior.noise import bank
from drivestack.behavior.policy import Policy
from drivestack.behavior.tokens import Ego, Tokens
from drivestack.behavior.torch_setup import torch
from drivestack.core.rng import stream

from .course import Course
from .demonstrations import Demonstrations
from .positions import along, aside
from .training import losses

CANDIDATES, PART, MOST = 16, 256, 4096
"""K; moments at once; the most that are looked at, evenly chosen."""

_STANDS = Drawing().held
_DRIVES = 2.0
"""Who goes so far in 4 s has started [m]; our choice."""


def judged(policy: Policy, found: Demonstrations, course: Course) -> dict[str, float]:
    """Figures of moments that were not learned from.

    loss: as in training. min_ade: mean distance [m] of the nearest of K candidates. ade: of the
    first. spread: mean distance of candidates to their mean [m]. stop_recall: of moments in which
    the expert stood, the share with a candidate that stands; stop_chance: mean share of candidates
    that stand there. start_recall: of moments in which the expert stood and then drove, the share
    with a candidate that drives. What there is no moment of is left out.
    """
    step = max(len(found) // MOST, 1)
    found = found.some(np.arange(0, len(found), step))
    parts = [
        _part(policy, found.some(rows), course)
        for rows in np.array_split(np.arange(len(found)), -(-len(found) // PART))
    ]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return {name: float(values.mean()) for name, values in joined.items() if len(values)}


def _part(policy: Policy, found: Demonstrations, course: Course) -> dict[str, Any]:
    tokens, speed = found.tokens, torch.tensor(found.tokens.ego[:, Ego.SPEED])
    driven = torch.tensor(found.knots)
    noise = torch.Generator().manual_seed(
        int(stream(course.seed, "policy", "judged").integers(2**62))
    )
    with torch.no_grad():
        loss = losses(policy, tokens, driven, course, noise)
    knots = torch.tensor(_candidates(policy, tokens), dtype=torch.float32)
    count = knots.shape[1]
    fast = speed.repeat_interleave(count)
    places = _places(knots.flatten(0, 1), fast).unflatten(0, (-1, count))
    true = _places(driven, speed)
    error = (places - true[:, None]).square().sum(-1).sqrt().mean(-1)
    gone, went = places[:, :, -1, 0], true[:, -1, 0]
    stood = (went < _STANDS).numpy()
    started = ((speed < Drawing().still) & (went > _DRIVES)).numpy()
    stands, drives = (gone < _STANDS).numpy(), (gone > _DRIVES).numpy()
    middle = places.mean(dim=1, keepdim=True)
    return {
        "loss": loss.numpy(),
        "min_ade": error.min(dim=1).values.numpy(),
        "ade": error[:, 0].numpy(),
        "spread": (places - middle).square().sum(-1).sqrt().mean((1, 2)).numpy(),
        "stop_recall": stands[stood].any(axis=1),
        "stop_chance": stands[stood].mean(axis=1),
        "start_recall": drives[started].any(axis=1),
    }


def _candidates(policy: Policy, tokens: Tokens) -> np.ndarray:
    return policy.candidates(tokens, bank(CANDIDATES, policy.head.width))


def _places(knots: torch.Tensor, speed: torch.Tensor) -> torch.Tensor:
    """(B, 40, 2) along the route and to its left [m]."""
    gone, fast = along(knots, speed)
    return torch.stack([gone, aside(knots, fast)], dim=-1)
