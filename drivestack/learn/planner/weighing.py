"""How much each scene weighs in training: rare conditions more, whatever was done in them.

A weight that knew what was done would change how likely it is to be done (learning.md, 1, finding
7), also by way of the states that it led to. So all scenes of one *condition* weigh the same: of
one family that began in one band of speeds, which nobody chose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.tokens import Ego

from .demonstrations import Demonstrations
from .table import bands, manoeuvres


@dataclass(frozen=True, slots=True)
class Weighing:
    """How far scenes may be weighed.

    Attributes:
        cap: no family, manoeuvre or band of speeds shall be more of what is drawn; the issue's
        quarter, less a little.
        least, most: of a weight; our choice: few scenes are not learned by heart for it.
        rate, rounds: of the ascent of the multipliers; our choice: enough to come to rest.
    """

    cap: float = 0.24
    least: float = 0.25
    most: float = 4.0
    rate: float = 0.5
    rounds: int = 4000


def weighed(found: Demonstrations, how: Weighing | None = None) -> NDArray[np.float32]:
    """(S,) weights: those nearest to what they are (in relative entropy) that keep to the caps.

    The nearest ones are ``exp(level - sum_c lambda_c share_c)`` of a condition's shares of each
    class, cut off at the bounds: the multipliers lambda rise while a class is drawn too often, and
    the level keeps the mean at 1. Where no weights keep to all caps, some are broken.
    """
    how = how or Weighing()
    condition = conditions(found)
    counts = np.bincount(condition, found.weight)
    shares = _shares(found, condition) / counts[:, None]
    part = counts / counts.sum()
    beyond = shares - part @ shares
    multipliers, level = np.zeros(shares.shape[1]), 0.0
    bounds, weights = np.log((how.least, how.most)), np.ones(len(counts))
    for _ in range(how.rounds):
        weights = np.exp(np.clip(level - beyond @ multipliers, *bounds))
        drawn = part * weights / (part @ weights)
        multipliers = np.maximum(multipliers + how.rate * (drawn @ shares - how.cap), 0.0)
        level -= how.rate * (part @ weights - 1.0)
    return (found.weight * weights[condition]).astype(np.float32)


def conditions(found: Demonstrations) -> NDArray[np.intp]:
    """(S,) numbers of the conditions: family, and the band of speeds that a scene began in."""
    scenes, scene = np.unique(
        np.stack([found.family, found.seed], axis=1), axis=0, return_inverse=True
    )
    order = np.lexsort((found.tick, scene))
    first = order[np.searchsorted(scene[order], np.arange(len(scenes)))]
    began = bands(found.tokens.ego[first, Ego.SPEED])
    keys = np.stack([found.family, began[scene]], axis=1)
    return np.unique(keys, axis=0, return_inverse=True)[1]


def effective(weights: NDArray[np.float32]) -> float:
    """How many moments of equal weights say as much, as a share of those there are (Kish)."""
    exact = weights.astype(np.float64)
    return float(exact.sum() ** 2 / np.square(exact).sum() / len(exact))


def _shares(found: Demonstrations, condition: NDArray[np.intp]) -> NDArray[np.float64]:
    """(C, classes) weight of each condition in every family, manoeuvre and band of speeds."""
    columns = [
        _counted(condition, classes, found.weight)
        for classes in (found.family, manoeuvres(found), bands(found.tokens.ego[:, Ego.SPEED]))
    ]
    return np.concatenate(columns, axis=1)


def _counted(
    rows: NDArray[np.intp], columns: NDArray, weight: NDArray[np.float32]
) -> NDArray[np.float64]:
    table = np.zeros((int(rows.max()) + 1, int(columns.max()) + 1))
    np.add.at(table, (rows, columns), weight)
    return table
