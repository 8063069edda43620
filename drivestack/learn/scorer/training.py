"""Trains a scoring model on what came of candidates, and calibrates it on moments held out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from drivestack.behavior.appraiser import Appraiser
from drivestack.behavior.described import OUTCOMES
from drivestack.behavior.encoder import LEAST_SPREAD, Given, statistics_of, tensor_of
from drivestack.behavior.sizes import Shape
from drivestack.behavior.tokens import TOKENS, Tokens
from drivestack.behavior.torch_setup import Tensor, functional, torch
from drivestack.core.rng import stream

from .trials import Trials


@dataclass(frozen=True, slots=True)
class Course:
    """How it is trained; as policies are (`learn.planner.course`) unless said otherwise.

    Attributes:
        steps: of the optimiser. batch: moments a step, with all their candidates. rate: AdamW's.
        warm, decay, clip: see there. seed: of weights and order.
    """

    steps: int = 3000
    batch: int = 96
    rate: float = 1e-3
    warm: int = 100
    decay: float = 0.05
    clip: float = 1.0
    seed: int = 0


def trained(found: Trials, course: Course, advance: Callable[[int, int, float], None]) -> Appraiser:
    """A scoring model, not calibrated yet; `advance` is told step, steps and loss."""
    torch.manual_seed(course.seed)
    appraiser = Appraiser(Shape())
    _normalise(appraiser, found)
    optimizer = torch.optim.AdamW(
        appraiser.parameters(), course.rate, weight_decay=course.decay, foreach=True
    )
    shown = math.nan
    for step in range(course.steps):
        draw = stream(course.seed, "scorer", "step", step)
        rows = draw.integers(0, len(found), course.batch)
        for group in optimizer.param_groups:
            warm = min((step + 1) / course.warm, 1.0)
            group["lr"] = course.rate * warm * 0.5 * (1 + math.cos(math.pi * step / course.steps))
        optimizer.zero_grad(set_to_none=True)
        loss = losses(appraiser, found.some(rows)).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(appraiser.parameters(), course.clip)
        optimizer.step()
        said = float(loss.detach())
        shown = said if math.isnan(shown) else 0.99 * shown + 0.01 * said
        advance(step + 1, course.steps, shown)
    return appraiser.eval()


def losses(appraiser: Appraiser, found: Trials) -> Tensor:
    """Cross entropies (6,) with what came of the candidates that were tried."""
    odds = appraiser(Given.of(found.tokens), tensor_of(found.chunks))
    tried = tensor_of(found.tried)
    true = tensor_of(found.outcome)[tried]
    return functional.binary_cross_entropy_with_logits(odds[tried], true, reduction="none").mean(0)


def odds_of(appraiser: Appraiser, found: Trials, batch: int = 256) -> np.ndarray:
    """(S, M, 6) log-odds, not calibrated."""
    parts = []
    with torch.inference_mode():
        for first in range(0, len(found), batch):
            rows = slice(first, first + batch)
            tokens = Tokens(*(getattr(found.tokens, name)[rows] for name in TOKENS))
            chunks = tensor_of(np.ascontiguousarray(found.chunks[rows]))
            parts.append(appraiser(Given.of(tokens), chunks).numpy())
    return np.concatenate(parts)


def calibrate(appraiser: Appraiser, found: Trials) -> None:
    """Fit slope and shift of every outcome's log-odds (Platt 1999) to moments held out."""
    odds = torch.from_numpy(odds_of(appraiser, found)[found.tried])
    true = torch.from_numpy(found.outcome[found.tried])
    slope = torch.ones(len(OUTCOMES), requires_grad=True)
    shift = torch.zeros(len(OUTCOMES), requires_grad=True)
    optimizer = torch.optim.LBFGS([slope, shift], max_iter=50, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        found = functional.binary_cross_entropy_with_logits(odds * slope + shift, true)
        found.backward()
        return found

    optimizer.step(loss)
    with torch.no_grad():
        appraiser.slope.copy_(slope.clamp_min(0.05))
        appraiser.shift.copy_(shift)


def _normalise(appraiser: Appraiser, found: Trials) -> None:
    appraiser.encoder.normalise(statistics_of(found.tokens))
    rows = found.chunks[found.tried].astype(np.float64)
    spread = rows.std(axis=0)
    scale = np.where(spread > LEAST_SPREAD, 1.0 / np.maximum(spread, LEAST_SPREAD), 0.0)
    appraiser.mean.copy_(torch.from_numpy(rows.mean(axis=0)))
    appraiser.scale.copy_(torch.from_numpy(scale))
