"""What a scoring model is told of candidates: where they lead, and what rules say.

Not where they come from: that the plan in force was worse than others in the trials of another
planner is nothing that a chunk does, and a planner that believes it keeps to no plan.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.types import Candidates, Observation, Scores

PLACES, EVERY = 10, 4
"""Places of a chunk that are told, and steps from one to the next: those of the knots."""

PLACE = 5
"""Columns of a place: x, y [m], cosine and sine of the heading, speed [m/s], seen from the ego."""

PUSHES = 4
"""Columns of the controls: least and largest acceleration [m/s2], first one, largest steering."""

RULES = 11
"""Terms of `scorers.pdm_lane`."""

OUTCOMES = (
    "no_collision",
    "drivable_area",
    "time_to_collision",
    "progress",
    "comfort",
    "rules",
)
"""What is foretold, each in [0, 1]: see `learn.scorer.trials`."""

HIDDEN = 128
"""Of the perceptron over candidates. Our choice."""

WIDTH = PLACES * PLACE + PUSHES + RULES


def described(
    observation: Observation, candidates: Candidates, rules: Scores
) -> NDArray[np.float32]:
    """(B, K, WIDTH); rows of candidates that are not valid are 0.

    Raises:
        ValueError: the chunks are shorter than the places reach, or the rules are others.
    """
    if candidates.states.shape[2] < PLACES * EVERY or rules.terms.shape[2] != RULES:
        raise ValueError(f"expected chunks of {PLACES * EVERY} steps and {RULES} rule terms")
    out = np.zeros((*candidates.valid.shape, WIDTH), np.float32)
    _describe(
        observation.ego.state, candidates.states, candidates.controls, candidates.valid,
        rules.terms, out,
    )  # fmt: skip
    return out


@kernel
def chance(odds: float, slope: float, shift: float) -> float:
    """The chance of log-odds, by Platt's scaling."""
    return 1.0 / (1.0 + math.exp(-(odds * slope + shift)))


@kernel
def chances(odds: NDArray, slope: NDArray, shift: NDArray, out: NDArray) -> None:
    """Chances (B, K, M) of log-odds, by the scaling of each of M; one number after the other.

    torch's sigmoid computes the end of a vector in another way than its rest, so that a row would
    depend on its place.
    """
    for b in range(odds.shape[0]):
        for k in range(odds.shape[1]):
            for m in range(odds.shape[2]):
                out[b, k, m] = chance(odds[b, k, m], slope[m], shift[m])


@kernel
def _describe(
    ego: NDArray, states: NDArray, controls: NDArray, valid: NDArray, terms: NDArray, out: NDArray,
) -> None:  # fmt: skip
    """Every candidate by itself."""
    for b in range(valid.shape[0]):
        x, y = ego[b, 0], ego[b, 1]
        c, s = np.cos(ego[b, 2]), np.sin(ego[b, 2])
        for k in range(valid.shape[1]):
            if not valid[b, k]:
                continue
            at = 0
            for place in range(PLACES):
                row = states[b, k, (place + 1) * EVERY - 1]
                dx, dy = row[0] - x, row[1] - y
                out[b, k, at], out[b, k, at + 1] = c * dx + s * dy, c * dy - s * dx
                out[b, k, at + 2] = np.cos(row[2] - ego[b, 2])
                out[b, k, at + 3] = np.sin(row[2] - ego[b, 2])
                out[b, k, at + 4] = row[3]
                at += PLACE
            accel = controls[b, k, :, 0]
            out[b, k, at], out[b, k, at + 1] = accel.min(), accel.max()
            out[b, k, at + 2] = controls[b, k, 0, 0]
            out[b, k, at + 3] = np.abs(controls[b, k, :, 1]).max()
            at += PUSHES
            for m in range(RULES):
                out[b, k, at + m] = terms[b, k, m]
