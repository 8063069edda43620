"""The first contact of two futures, and what it would cost."""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel
from drivestack.core.geometry import boxes_overlap
from drivestack.core.tables import Row


@hot_kernel
def touches_first(
    ego: NDArray, size: NDArray, other: NDArray, length: float, width: float, spare: float,
    leaves: int, gaps: Row, own: Row,
) -> tuple[float, float]:  # fmt: skip
    """Time [s] and cost [collisions] of the first contact; infinite and 0 where there is none.

    A contact that another one makes from behind, while the ego keeps to its lane, is not the ego's
    to avoid: acting against it would mean to run away. Bodies that are closer than the clear
    distances may part within a second; also those that overlap, as boxes of recorded traffic do.

    Args:
        ego, other: (S + 1, 4). size: (2,). length, width: of the other [m]. spare: more length
        [m], from now on. leaves: the step from which on the ego is out of its lane.
        gaps, own: rows of `Abilities` and `Judgement`.
    """
    far = 0.5 * (math.sqrt(size[0] ** 2 + size[1] ** 2) + math.sqrt(length**2 + width**2))
    far += gaps.clear_along + spare
    near = boxes_overlap(
        ego[0, 0], ego[0, 1], ego[0, 2], size[0] + 2.0 * (gaps.clear_along + spare),
        size[1] + 2.0 * gaps.clear_aside, other[0, 0], other[0, 1], other[0, 2], length, width,
    )  # fmt: skip
    apart = not near
    for k in range(ego.shape[0]):
        dx, dy = other[k, 0] - ego[k, 0], other[k, 1] - ego[k, 1]
        if dx * dx + dy * dy > far * far:
            apart = True
            continue
        grown = min(k * gaps.step, 1.0) if near else 1.0
        along = 2.0 * (gaps.clear_along + spare) * grown
        aside = 2.0 * gaps.clear_aside * grown
        if not boxes_overlap(
            ego[k, 0], ego[k, 1], ego[k, 2], size[0] + along, size[1] + aside,
            other[k, 0], other[k, 1], other[k, 2], length, width,
        ):  # fmt: skip
            apart = True
            continue
        if not apart and boxes_overlap(
            ego[k, 0], ego[k, 1], ego[k, 2], size[0], size[1],
            other[k, 0], other[k, 1], other[k, 2], length, width,
        ):  # fmt: skip
            continue
        c, s = math.cos(ego[k, 2]), math.sin(ego[k, 2])
        oc, os = math.cos(other[k, 2]), math.sin(other[k, 2])
        ahead = dx * c + dy * s
        vx = other[k, 3] * oc - ego[k, 3] * c
        vy = other[k, 3] * os - ego[k, 3] * s
        if k < leaves and ahead < -0.25 * size[0] and c * oc + s * os > 0.5:
            return math.inf, 0.0
        share = own.standing if ego[k, 3] <= 0.0 else 1.0
        return k * gaps.step, share + own.severity * math.sqrt(vx * vx + vy * vy)
    return math.inf, 0.0
