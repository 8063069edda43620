"""Near misses, and stretches of driving that have none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.episode import Episode
from drivestack.core.geometry import boxes_overlap
from drivestack.core.types import Bools
from drivestack.metrics.criticality.pairs import pairs_of
from drivestack.metrics.criticality.ttc import time_to_collision
from drivestack.metrics.drive import drive_of

LEAST_TTC = 1.0
"""Time to collision with whoever leads [s]; below it is a near miss (safety.md, 2: the least of
the published thresholds)."""

LEAST_GAP = 0.3
"""Distance to anybody [m]; our choice: tracks of NGSIM are no better than that."""

BEFORE, AFTER = 1.0, 5.0
"""Ticks so long before the end of a near miss, and after its beginning, are not clean [s]; our
choice: an intervention a few seconds ahead of a near miss was about it."""


def near_misses(episode: Episode) -> Bools:
    """(T,) ticks of a near miss or a contact; T ends with the first contact."""
    drive = drive_of(episode)
    pairs = pairs_of(drive)
    ttc = time_to_collision(pairs.gap(), -pairs.velocity()[:, 0])
    found = np.zeros(len(drive.ego), np.bool_)
    found[pairs.row[pairs.leading() & (ttc < LEAST_TTC)]] = True
    _note_close(drive.ego, drive.size, drive.others, drive.boxes, drive.valid, LEAST_GAP, found)
    return found


def clean(episode: Episode) -> Bools:
    """(T,) ticks with no near miss within `AFTER` from then on, nor within `BEFORE` till then."""
    bad = near_misses(episode)
    after, before = round(AFTER / episode.dt), round(BEFORE / episode.dt)
    total = np.concatenate([[0], np.cumsum(bad)])
    ticks = np.arange(len(bad))
    high = np.minimum(ticks + after + 1, len(bad))
    return total[high] == total[np.maximum(ticks - before, 0)]


@kernel
def _note_close(
    ego: NDArray,
    size: NDArray,
    others: NDArray,
    boxes: NDArray,
    valid: NDArray,
    gap: float,
    found: NDArray,
) -> None:
    """Mark ticks at which anybody is within the ego's box, widened on all sides."""
    length, width = size[0] + 2.0 * gap, size[1] + 2.0 * gap
    for t in range(ego.shape[0]):
        x, y, yaw = ego[t, 0], ego[t, 1], ego[t, 2]
        for n in range(others.shape[1]):
            if found[t] or not valid[t, n]:
                continue
            other, box = others[t, n], boxes[t, n]
            found[t] = boxes_overlap(
                x, y, yaw, length, width, other[0], other[1], other[2], box[0], box[1]
            )
