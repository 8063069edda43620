"""Trains the critic: cross-entropy on what became of plans, unsafe ones raised to a quarter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.torch_setup import torch
from drivestack.core.rng import stream
from drivestack.safety.critic_network import Network, log_odds

from .measures import area_under_curve, brier
from .network import Trained
from .samples import Samples


@dataclass(frozen=True, slots=True)
class Course:
    """How to train.

    Attributes:
        epochs: passes. batch: samples a step. rate: Adam's, falling to 0 as a cosine.
        decay: of weights. raised: share of unsafe samples; safety layers' custom of 20 to 30 %.
        seed: of weights and order.
    """

    epochs: int = 20
    batch: int = 512
    rate: float = 2e-3
    decay: float = 1e-4
    raised: float = 0.25
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Trainee:
    """What came of training.

    Attributes:
        network: of the last epoch. shift: what is added to its log-odds for the share of unsafe
        samples as it was. history: of each epoch its loss.
    """

    network: Network
    shift: float
    history: tuple[float, ...]


def trained(samples: Samples, course: Course, progress: Callable[[int, int], None]) -> Trainee:
    """Train a network; one thread, the same bits again on the same machine.

    Args:
        progress: told of epochs done, and of how many there are.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _trained(samples, course, progress)
    finally:
        torch.set_num_threads(threads)


def _trained(samples: Samples, course: Course, progress: Callable[[int, int], None]) -> Trainee:
    torch.manual_seed(course.seed)
    kept = _raised(samples, course)
    given = samples.some(kept)
    model = Trained(given.features)
    own, others, there = (torch.tensor(a) for a in (given.own, given.others, given.there))
    unsafe = torch.tensor(given.answered, dtype=torch.float32)
    optimizer = torch.optim.AdamW(model.parameters(), course.rate, weight_decay=course.decay)
    steps = course.epochs * max(len(kept) // course.batch, 1)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    loss_of = torch.nn.BCEWithLogitsLoss()
    history = []
    for epoch in range(course.epochs):
        order = stream(course.seed, "critic", "order", epoch).permutation(len(kept))
        losses = []
        for rows in np.array_split(order, max(len(kept) // course.batch, 1)):
            optimizer.zero_grad()
            loss = loss_of(model(own[rows], others[rows], there[rows]), unsafe[rows])
            loss.backward()
            optimizer.step()
            falling.step()
            losses.append(float(loss.detach()))
        history.append(float(np.mean(losses)))
        progress(epoch + 1, course.epochs)
    before, after = samples.answered.mean(), given.answered.mean()
    shift = _odds(float(before)) - _odds(float(after))
    return Trainee(model.exported(), shift, tuple(history))


def _raised(samples: Samples, course: Course) -> NDArray[np.intp]:
    """All unsafe samples, and as many of the others that the share is as wished."""
    unsafe, safe = np.flatnonzero(samples.answered), np.flatnonzero(~samples.answered)
    most = round(len(unsafe) * (1.0 - course.raised) / course.raised)
    draw = stream(course.seed, "critic", "safe")
    if len(safe) > most:
        safe = draw.choice(safe, most, replace=False)
    return np.sort(np.concatenate([unsafe, safe]))


def _odds(share: float) -> float:
    """Log-odds."""
    bounded = min(max(share, 1e-6), 1.0 - 1e-6)
    return float(np.log(bounded / (1.0 - bounded)))


def judged(network: Network, samples: Samples, shift: float) -> dict[str, float]:
    """How well a network tells unsafe samples: area under the curve, Brier score."""
    said = log_odds(network, samples.features).astype(np.float64) + shift
    chance = 1.0 / (1.0 + np.exp(-said))
    return {
        "auc": area_under_curve(said, samples.answered),
        "brier": brier(chance, samples.answered),
    }
