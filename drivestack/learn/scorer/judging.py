"""How good a scoring model is: calibration of each outcome, and what its choices are worth."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.appraiser import Appraiser
from drivestack.behavior.described import OUTCOMES, PLACE, PLACES, PUSHES, RULES, chances
from drivestack.behavior.origin import Origin
from drivestack.behavior.scorers.appraised import Appraised

from .training import odds_of
from .trials import Trials

_RULES = slice(PLACES * PLACE + PUSHES, PLACES * PLACE + PUSHES + RULES)

NEAR = 1.0
"""Width of the kernel [m]; our choice: a third of a lane is another answer."""

BINS = 10
"""Of the calibration error; equal numbers in each."""


def judged(appraiser: Appraiser, found: Trials) -> dict[str, Any]:
    """Figures of moments that were held out."""
    odds = odds_of(appraiser, found)
    chance = np.zeros(odds.shape)
    chances(odds, appraiser.slope.numpy(), appraiser.shift.numpy(), chance)
    tried = found.tried
    figures: dict[str, Any] = {
        name: {
            "ece": _calibration_error(chance[tried][:, i], found.outcome[tried][:, i]),
            "mean": float(found.outcome[tried][:, i].mean()),
            "rmse": float(np.sqrt(np.mean((chance - found.outcome)[tried][:, i] ** 2))),
        }
        for i, name in enumerate(OUTCOMES)
    }
    said = found.chunks[..., _RULES].astype(np.float64)
    total = Appraised().total(chance, said, tried)
    learned = tried & (found.source == Origin.LEARNED)
    for name, among in (("all", tried), ("learned", learned)):
        if among.any(axis=1).any():
            figures[f"choice_{name}"] = choices(found.total, total, among, found.chunks)
    return figures


def choices(
    worth: NDArray, total: NDArray, among: NDArray[np.bool_], chunks: NDArray
) -> dict[str, float]:
    """What the best, the chosen, the likeliest and a random candidate are worth, and the gap that
    is closed.

    Args:
        worth: (S, M) what came of them. total: (S, M) what they are chosen by. among: (S, M).
        chunks: (S, M, `WIDTH`) see `behavior.described`.
    """
    rows = np.flatnonzero(among.sum(axis=1) >= 2)
    worth, total, among, chunks = worth[rows], total[rows], among[rows], chunks[rows]
    best = np.where(among, worth, -1.0).max(axis=1)
    chosen = _picked(worth, np.where(among, total, -1.0))
    likeliest = _picked(worth, density(chunks, among))
    random = (worth * among).sum(axis=1) / among.sum(axis=1)
    gap = float((best - random).mean())
    return {
        "moments": len(rows),
        "oracle": float(best.mean()),
        "chosen": float(chosen.mean()),
        "likeliest": float(likeliest.mean()),
        "random": float(random.mean()),
        "regret": float((best - chosen).mean()),
        "gap_closed": float((chosen - random).mean()) / gap if gap > 0.0 else 0.0,
    }


def _picked(worth: NDArray, by: NDArray) -> NDArray:
    return worth[np.arange(len(worth)), np.argmax(by, axis=1)]


def density(chunks: NDArray, among: NDArray[np.bool_]) -> NDArray:
    """(S, M) how crowded it is about each of some candidates; 0 of the others.

    Samples tell a generator's likelihood by a Gaussian kernel over the mean distance of their
    places: to be the likeliest of K is to have most of the others near.
    """
    count = chunks.shape[:2]
    places = chunks[..., : PLACES * PLACE].reshape(*count, PLACES, PLACE)[..., :2]
    found = np.zeros(count)
    for place in range(count[1]):
        away = np.linalg.norm(places - places[:, place : place + 1], axis=-1).mean(axis=-1)
        found[:, place] = (np.exp(-0.5 * np.square(away / NEAR)) * among).sum(axis=1)
    return found * among


def _calibration_error(chance: NDArray, true: NDArray) -> float:
    """Expected calibration error over bins of equal numbers."""
    order = np.argsort(chance, kind="stable")
    parts = np.array_split(order, BINS)
    off = [abs(float(chance[p].mean() - true[p].mean())) * len(p) for p in parts if len(p)]
    return sum(off) / len(chance)
