"""The first contact of two futures, and what it would cost."""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel
from drivestack.core.geometry import boxes_overlap
from drivestack.core.tables import Row

PARTS = 4
"""The clear distances are kept in quarters where less is there; our choice."""


@hot_kernel
def _meet(
    ego: NDArray, size: NDArray, other: NDArray, length: float, width: float, along: float,
    aside: float,
) -> bool:  # fmt: skip
    """Whether two bodies come closer than some distances along and beside the ego [m]."""
    return boxes_overlap(
        ego[0], ego[1], ego[2], size[0] + 2.0 * along,
        size[1] + 2.0 * aside, other[0], other[1], other[2], length, width,
    )  # fmt: skip


@hot_kernel
def touches_first(
    ego: NDArray, size: NDArray, other: NDArray, length: float, width: float, spare: float,
    leaves: int, gaps: Row, own: Row,
) -> float:  # fmt: skip
    """Cost of the first contact [collisions]; 0 where there is none.

    A contact that another one makes from behind, while the ego keeps to its lane, is not the ego's
    to avoid: acting against it would mean to run away. Bodies that are closer than the clear
    distances may not come closer, and are to part within a second; those that overlap, as boxes
    of recorded traffic do, are let part.

    Args:
        ego, other: (S + 1, 4). size: (2,). length, width: of the other [m]. spare: more length
        [m], from now on. leaves: the step from which on the ego is out of its lane.
        gaps, own: rows of `Abilities` and `Judgement`.
    """
    far = 0.5 * (math.sqrt(size[0] ** 2 + size[1] ** 2) + math.sqrt(length**2 + width**2))
    along = gaps.clear_along + gaps.clear_time * ego[0, 3] + spare
    aside = gaps.clear_aside
    far += along + aside
    share, apart = 1.0, False
    if (other[0, 0] - ego[0, 0]) ** 2 + (other[0, 1] - ego[0, 1]) ** 2 <= far * far:
        parts = PARTS
        while parts >= 0 and _meet(
            ego[0], size, other[0], length, width, along * parts / PARTS, aside * parts / PARTS
        ):  # fmt: skip
            parts -= 1
        share = max(parts, 0) / PARTS
    for k in range(ego.shape[0]):
        dx, dy = other[k, 0] - ego[k, 0], other[k, 1] - ego[k, 1]
        if dx * dx + dy * dy > far * far:
            apart = True
            continue
        now = 1.0 if k * gaps.step >= 1.0 - 1e-9 else share
        if not _meet(ego[k], size, other[k], length, width, along * now, aside * now):
            apart = True
            continue
        if not apart:
            continue
        c, s = math.cos(ego[k, 2]), math.sin(ego[k, 2])
        oc, os = math.cos(other[k, 2]), math.sin(other[k, 2])
        ahead, beside = dx * c + dy * s, dy * c - dx * s
        # who is struck less deep along the road than across it was run into from behind
        along_by, aside_by = 0.5 * (size[0] + length) + ahead, 0.5 * (size[1] + width) - abs(beside)
        if k < leaves and ahead < 0.0 and along_by < aside_by and c * oc + s * os > 0.5:
            return 0.0
        vx = other[k, 3] * oc - ego[k, 3] * c
        vy = other[k, 3] * os - ego[k, 3] * s
        worth = own.standing if ego[k, 3] <= 0.0 else 1.0
        return worth + own.severity * math.sqrt(vx * vx + vy * vy)
    return 0.0
