"""Prediction divergence: whether the plausible futures of the ego and another still separate.

A label for recorded drives, which have no twins, after arXiv:2507.07872: an activation is true when
they no longer do. Here: when every plausible future of the ego meets a plausible one of the other.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.episode import Episode
from drivestack.core.geometry import boxes_overlap
from drivestack.core.types import Floats

EGO = np.array([1.0, 0.0, -2.0, -3.5])
"""Accelerations [m/s2] of the ego's plausible futures, with its present steering; -3.5 is the most
that ISO 15622 lets a cruise control brake at speed."""

OTHER = np.array([1.0, 0.0, -3.5])
"""Of the other's, on its present heading."""

HORIZON, STEP = 3.0, 0.1
"""How far futures reach, and how finely they are looked at [s]; our choice: 3 s of `safety`."""


def separate(episode: Episode, tick: int, object: int) -> bool | None:
    """Whether the futures still separate at a tick; None: the road user is not there."""
    rows = episode.agents
    found = rows[(rows["tick"] == tick) & (rows["id"] == object)]
    (ego,) = episode.ego[episode.ego["tick"] == tick]
    if len(found) == 0:
        return None
    own = _numbers(ego, ("x", "y", "yaw", "v", "steer"))
    other = _numbers(found[0], ("x", "y", "yaw", "v"))
    box = _numbers(found[0], ("length", "width"))
    return bool(_separate(own, episode.size, other, box, EGO, OTHER, HORIZON, STEP))


def _numbers(row: np.void, names: tuple[str, ...]) -> Floats:
    return np.array([row[name] for name in names], np.float64)


@kernel
def _separate(
    ego: NDArray,
    size: NDArray,
    other: NDArray,
    box: NDArray,
    own_accels: NDArray,
    other_accels: NDArray,
    horizon: float,
    step: float,
) -> bool:
    """Whether some future of the ego is clear of all of the other's."""
    for i in range(own_accels.shape[0]):
        clear = True
        for j in range(other_accels.shape[0]):
            if _meet(ego, size, other, box, own_accels[i], other_accels[j], horizon, step):
                clear = False
                break
        if clear:
            return True
    return False


@kernel
def _meet(
    ego: NDArray,
    size: NDArray,
    other: NDArray,
    box: NDArray,
    own_accel: float,
    other_accel: float,
    horizon: float,
    step: float,
) -> bool:
    """Whether two futures touch; who stops stays where he is."""
    x, y, yaw, v = ego[0], ego[1], ego[2], ego[3]
    beta = math.atan(0.5 * math.tan(ego[4]))
    turn = math.sin(beta) / (0.5 * size[0])
    ox, oy, speed = other[0], other[1], other[3]
    c, s = math.cos(other[2]), math.sin(other[2])
    for _ in range(int(horizon / step + 0.5) + 1):
        if boxes_overlap(x, y, yaw, size[0], size[1], ox, oy, other[2], box[0], box[1]):
            return True
        x += v * math.cos(yaw + beta) * step
        y += v * math.sin(yaw + beta) * step
        yaw += v * turn * step
        v = max(v + own_accel * step, 0.0)
        ox += speed * c * step
        oy += speed * s * step
        speed = max(speed + other_accel * step, 0.0)
    return False
