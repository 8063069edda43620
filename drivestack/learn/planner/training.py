"""Trains a policy: the same bits again on one machine, also where it was interrupted.

Whatever is drawn in a step is drawn from the step's own stream, so that a state is nothing but the
weights, their averages and the optimiser's moments.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from drivestack.behavior.encoder import Given, statistics_of
from drivestack.behavior.knots import DIMENSIONS
from drivestack.behavior.policy import Policy
from drivestack.behavior.tokens import TOKENS, Ego, Tokens
from drivestack.behavior.torch_setup import torch
from drivestack.core.errors import InputError
from drivestack.core.rng import stream
from drivestack.core.tensors import Tensors

from .augmenting import augmented
from .course import Course
from .demonstrations import Demonstrations
from .positions import apart

LEAST_SPREAD = 1e-3
"""Of a knot [m/s2]; what varies less is no demonstration of anything. Our choice."""


@dataclass(slots=True)
class Trainee:
    """A policy on its way.

    Attributes:
        step: steps that are done. averaged: what is to be driven. policy: what is trained.
        loss: of the last steps, averaged over about a hundred.
    """

    course: Course
    policy: Policy
    averaged: Policy
    optimizer: torch.optim.AdamW
    step: int = 0
    loss: float = math.nan

    @classmethod
    def begun(cls, found: Demonstrations, course: Course) -> Trainee:
        """Fresh weights, and the normalisers of what is learned from.

        Raises:
            InputError: the demonstrations are all alike.
        """
        torch.manual_seed(course.seed)
        policy, averaged = Policy.of(course.head), Policy.of(course.head)
        _normalise(policy, found, course)
        averaged.load_state_dict(policy.state_dict())
        averaged.requires_grad_(False)
        optimizer = torch.optim.AdamW(
            policy.parameters(), course.rate, weight_decay=course.decay, foreach=True
        )
        return cls(course, policy, averaged, optimizer)

    def tensors(self) -> Tensors:
        """All of its state but the step."""
        found = {f"policy.{k}": v for k, v in self.policy.state_dict().items()}
        found |= {f"averaged.{k}": v for k, v in self.averaged.state_dict().items()}
        for name, weight in self.policy.named_parameters():
            moments = self.optimizer.state.get(weight, {})
            for moment in ("exp_avg", "exp_avg_sq"):
                if moment in moments:
                    found[f"{moment}.{name}"] = moments[moment]
        return {name: tensor.detach().numpy() for name, tensor in found.items()}

    def resume(self, tensors: Tensors, step: int) -> None:
        """Go on from a state.

        Raises:
            KeyError, RuntimeError: it is of something else.
        """
        for policy, kind in ((self.policy, "policy."), (self.averaged, "averaged.")):
            own = {k.removeprefix(kind): v for k, v in tensors.items() if k.startswith(kind)}
            policy.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in own.items()})
        for name, weight in self.policy.named_parameters():
            self.optimizer.state[weight] = {
                "step": torch.tensor(float(step)),
                "exp_avg": torch.from_numpy(tensors[f"exp_avg.{name}"].copy()),
                "exp_avg_sq": torch.from_numpy(tensors[f"exp_avg_sq.{name}"].copy()),
            }
        self.step = step

    def advance(self, found: Demonstrations, chances: np.ndarray) -> None:
        """One step.

        Args:
            chances: (S,) of `cumulated`.
        """
        course, step = self.course, self.step
        draw = stream(course.seed, "policy", course.head, "step", step)
        rows = np.searchsorted(chances, draw.random(course.batch), side="right")
        rows = np.minimum(rows, len(found) - 1)
        tokens = Tokens(*(getattr(found.tokens, name)[rows] for name in TOKENS))
        tokens, knots = augmented(tokens, found.knots[rows], course.augmenting, draw)
        noise = torch.Generator().manual_seed(int(draw.integers(2**62)))
        for group in self.optimizer.param_groups:
            group["lr"] = course.rate * _share(step, course)
        self.optimizer.zero_grad(set_to_none=True)
        loss = losses(self.policy, tokens, torch.from_numpy(knots), course, noise).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.policy.parameters(), course.clip)
        self.optimizer.step()
        self._average()
        said = float(loss.detach())
        self.loss = said if math.isnan(self.loss) else 0.99 * self.loss + 0.01 * said
        self.step += 1

    def _average(self) -> None:
        # the first averages are over few steps, else they would be of weights at random
        share = 1.0 - min(self.course.average, (1.0 + self.step) / (10.0 + self.step))
        pairs = zip(self.averaged.parameters(), self.policy.parameters(), strict=True)
        with torch.no_grad():
            for own, other in pairs:
                own.lerp_(other, share)


def losses(
    policy: Policy, tokens: Tokens, knots: torch.Tensor, course: Course, noise: torch.Generator
) -> torch.Tensor:
    """Of moments (B,), each with several noises: the head's, and that of places."""
    condition = policy.encoder(Given.of(tokens)).repeat_interleave(course.noises, 0)
    driven = knots.repeat_interleave(course.noises, 0)
    fit = policy.head.fit(condition, policy.normal(driven), noise)
    speed = torch.tensor(tokens.ego[:, Ego.SPEED]).repeat_interleave(course.noises, 0)
    off = apart(policy.knots(fit.estimate), driven, speed)
    whole = fit.loss + course.position * fit.weight * off
    return whole.unflatten(0, (-1, course.noises)).mean(-1)


def cumulated(found: Demonstrations) -> np.ndarray:
    """(S,) chances up to each moment: moments are drawn in proportion to their weights."""
    whole = np.cumsum(found.weight, dtype=np.float64)
    return whole / whole[-1]


def _share(step: int, course: Course) -> float:
    """Of the full rate."""
    warm = min((step + 1) / max(course.warm, 1), 1.0)
    return warm * 0.5 * (1.0 + math.cos(math.pi * step / max(course.steps, 1)))


MEASURED = 20_000
"""Moments that normalisers of tokens are measured on; our choice: spreads to half a percent."""


def _normalise(policy: Policy, found: Demonstrations, course: Course) -> None:
    """By knots and their mirror images, and by tokens as they are learned from: what only varies
    there, such as what is committed, would be taken for a constant else."""
    both = np.concatenate([found.knots, found.knots * np.array([1.0, -1.0], np.float32)])
    rows = both.reshape(len(both), DIMENSIONS).astype(np.float64)
    spread = rows.std(axis=0)
    if (spread < LEAST_SPREAD).any():
        raise InputError("nothing to learn: what was demonstrated is always the same")
    draw = stream(course.seed, "policy", "normalisers")
    some = found.some(draw.integers(0, len(found), min(MEASURED, len(found))))
    tokens, _ = augmented(some.tokens, some.knots, course.augmenting, draw)
    policy.encoder.normalise(statistics_of(tokens))
    policy.chunk_mean.copy_(torch.from_numpy(rows.mean(axis=0)))
    policy.chunk_spread.copy_(torch.from_numpy(spread))


def trained(
    found: Demonstrations, trainee: Trainee, kept: Callable[[Trainee], None]
) -> Trainee:  # fmt: skip
    """Train to the end of the course; `kept` is told of every step."""
    chances = cumulated(found)
    while trainee.step < trainee.course.steps:
        trainee.advance(found, chances)
        kept(trainee)
    return trainee
