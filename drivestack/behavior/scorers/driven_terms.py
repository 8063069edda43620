"""Terms of what was driven that planners' scores have not: ease by degrees, how it ends, sides."""

from __future__ import annotations

import math
from dataclasses import astuple
from functools import cache

import numpy as np
from numpy.typing import NDArray

from drivestack.core.comfort import ComfortBounds
from drivestack.core.compiled import kernel
from drivestack.core.lines import project
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Table

from .comfort import Filters, comfortable

WIDER = (1.0, 1.15, 1.4, 2.0, 3.0)
"""Whoever is within the bounds of comfort times one of these is the better off, the smaller it is:
else where nothing is comfortable nothing would be worse than anything. Our choice."""


GENTLE, HARDEST = 2.5, 6.5
"""Braking [m/s2] that whoever is ahead at the end may ask for at no cost, and at which nothing is
left of the term; comfortable, and what a driver in an emergency brakes with. Our choice: a chunk
ends, but the drive goes on."""

BESIDE, APART = 0.3, 1.0
"""Kept free beside the ego [m], as in `pdm_lane`; and to who stands ahead [m], our choice."""


@kernel
def ends_well(
    end: NDArray, size: NDArray, others: NDArray, poses: NDArray, kept: int, f: int, dt: float
) -> float:
    """1, or less the harder the ego (`PATH`,) has to brake then for who is ahead; 0 at worst."""
    hardest = 0.0
    for i in range(kept):
        dx, dy = poses[i, f, 0] - end[0], poses[i, f, 1] - end[1]
        along, aside = dx * end[4] + dy * end[5], dy * end[4] - dx * end[5]
        if along <= 0.0 or abs(aside) > 0.5 * (size[1] + others[i, 1]) + BESIDE:
            continue
        gap = along - 0.5 * (size[0] + others[i, 0]) - APART
        dx, dy = poses[i, f, 0] - poses[i, f - 1, 0], poses[i, f, 1] - poses[i, f - 1, 1]
        onward = (dx * end[4] + dy * end[5]) / dt
        if onward < 0.5 * math.sqrt(dx * dx + dy * dy) / dt:
            continue  # it comes from the side or against the ego, and is somewhere else by then
        closing = end[3] - onward
        if closing > 0.0:
            hardest = max(hardest, 0.5 * closing * closing / max(gap, 0.1))
    return 1.0 - min(max((hardest - GENTLE) / (HARDEST - GENTLE), 0.0), 1.0)


WHOLE = 2.0
"""So far from where it began [m] a drive has passed on a side for good; half a lane."""


@kernel
def swings(line: NDArray, n: int, spacing: float, path: NDArray) -> float:
    """How far to the left of where it began a path goes, of `WHOLE`; negative: to the right."""
    _, before = project(line, 0, n - 1, spacing, path[0, 0], path[0, 1])
    most = 0.0
    for t in range(1, path.shape[0]):
        _, lateral = project(line, 0, n - 1, spacing, path[t, 0], path[t, 1])
        if abs(lateral - before) > abs(most):
            most = lateral - before
    return min(max(most / WHOLE, -1.0), 1.0)


@cache
def widened(bounds: ComfortBounds) -> NDArray:
    """(W,) rows of the bounds, each wider than the one before."""
    wider = [ComfortBounds(*(by * value for value in astuple(bounds))) for by in WIDER]
    return np.concatenate([parameter_table(one) for one in wider])


BEFORE = 15
"""Frames before the present, as if the ego had driven as now: the longest of nuPlan's windows. A
jump right at the beginning would be hidden by the edge of the filters."""


@kernel
def ease(
    path: NDArray,
    accel: NDArray,
    turning: float,
    dt: float,
    by: Filters,
    bounds: Table,
    whole: NDArray,
    pushed: NDArray,
) -> float:
    """1 within the first bounds, less within the wider ones, 0 beyond all of them.

    Args:
        turning: yaw rate now [rad/s]. by: for `BEFORE` more frames. whole: (BEFORE + F, `PATH`),
        pushed: (BEFORE + F,) scratch.
    """
    for f in range(BEFORE):
        ago = (BEFORE - f) * dt
        whole[f, 2] = path[0, 2] - turning * ago
        whole[f, 3] = max(path[0, 3] - accel[0] * ago, 0.0)
        pushed[f] = accel[0]
    whole[BEFORE:] = path
    pushed[BEFORE:] = accel
    for row in range(bounds.shape[0]):
        if comfortable(whole, pushed, dt, by, bounds[row]):
            return 1.0 - row / bounds.shape[0]
    return 0.0
