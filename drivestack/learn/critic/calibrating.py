"""From log-odds to chances at natural rates, and the threshold with a bound of what it misses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from drivestack.core.types import Bools, Floats
from drivestack.safety.critic import Calibration
from drivestack.safety.critic_network import Network, log_odds
from drivestack.sim.intervals import wilson

from .measures import (
    area_under_curve,
    brier,
    conformal_threshold,
    expected_calibration_error,
    reliability,
)
from .samples import Samples
from .watching import Episodes

BOUNDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
"""Shares of missed unsafe episodes for which thresholds are shown."""

LEAST_UNSAFE = 500
"""Unsafe episodes from which on a threshold is taken; the project's own bound."""


def odds_of(network: Network, samples: Samples) -> Floats:
    """What a network says of samples."""
    return log_odds(network, samples.features).astype(np.float64)


def fitted(odds: Floats, unsafe: Bools, shift: float) -> tuple[float, float]:
    """Slope and offset of the log-odds (Platt 1999), by Newton's method on the cross-entropy.

    Args:
        shift: of the log-odds for the share of unsafe samples in training: the start, and what
        remains where there is nothing to fit to.
    """
    slope, offset = 1.0, shift
    if unsafe.all() or not unsafe.any():
        return slope, offset
    # Platt's targets: no chance is 0 or 1 for sure
    many, few = float((~unsafe).sum()), float(unsafe.sum())
    target = np.where(unsafe, (few + 1.0) / (few + 2.0), 1.0 / (many + 2.0))
    columns = np.stack([odds, np.ones_like(odds)], axis=1)
    weights = np.array([slope, offset])
    for _ in range(50):
        chance = 1.0 / (1.0 + np.exp(-np.clip(columns @ weights, -40.0, 40.0)))
        slack = columns.T @ (chance - target)
        curve = (columns * (chance * (1.0 - chance))[:, None]).T @ columns + 1e-9 * np.eye(2)
        step = np.linalg.solve(curve, slack)
        weights = weights - np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-10:
            break
    return (float(weights[0]), float(weights[1])) if weights[0] > 0.0 else (1.0, shift)


@dataclass(frozen=True, slots=True)
class Threshold:
    """One row of the table of thresholds.

    Attributes:
        bound: of the share of unsafe episodes that are missed. odds: from which on it alarms.
        false_alarms: share of quiet nominal episodes with an alarm. low, high: its 95 % interval.
        per_hour: such episodes per hour of nominal driving.
    """

    bound: float
    odds: float
    false_alarms: float
    low: float
    high: float
    per_hour: float


def thresholds(unsafe: Episodes, nominal: Episodes) -> list[Threshold]:
    """The table; rows for whose bound there are too few unsafe episodes are left out."""
    scores = np.sort(unsafe.peak[unsafe.unsafe & unsafe.heard])
    quiet = nominal.peak[nominal.quiet & nominal.heard]
    hours = max(float(nominal.hours[nominal.quiet].sum()), 1e-9)
    found = []
    for bound in BOUNDS:
        odds = conformal_threshold(scores, bound)
        if odds is None:
            continue
        alarms = int((quiet >= odds).sum())
        low, high = wilson(alarms, len(quiet))
        rate = alarms / max(len(quiet), 1)
        found.append(Threshold(bound, odds, rate, low, high, alarms / hours))
    return found


def chosen(table: list[Threshold], bound: float) -> Threshold | None:
    """The row of a bound, or None if there is none."""
    return next((row for row in table if row.bound == bound), None)


def figures(calibration: Calibration, odds: Floats, unsafe: Bools) -> dict[str, Any]:
    """How good the chances of samples are."""
    chance = calibration.chance(odds)
    diagram = reliability(chance, unsafe)
    return {
        "samples": len(odds),
        "unsafe": int(unsafe.sum()),
        "auc": area_under_curve(odds, unsafe),
        "brier": brier(chance, unsafe),
        "brier_of_rate": brier(np.full(len(odds), unsafe.mean() if len(odds) else 0.0), unsafe),
        "ece": expected_calibration_error(diagram),
        "reliability": diagram,
    }


def alarms(calibration: Calibration, episodes: Episodes) -> dict[str, Any]:
    """What becomes of the threshold on other episodes: misses and false alarms with intervals."""
    alarmed = calibration.chance(episodes.peak) >= calibration.threshold
    unsafe, quiet = episodes.unsafe & episodes.heard, episodes.quiet & episodes.heard
    missed, false = int((unsafe & ~alarmed).sum()), int((quiet & alarmed).sum())
    return {
        "unsafe_episodes": int(unsafe.sum()),
        "missed": missed,
        "missed_interval": wilson(missed, int(unsafe.sum())),
        "quiet_episodes": int(quiet.sum()),
        "false_alarms": false,
        "false_alarms_interval": wilson(false, int(quiet.sum())),
        "hours": float(episodes.hours.sum()),
    }
