"""Forecasts of other road users: rows of what they are, and their poses at every step to come.

A forecast is two tables: `others` (M, `OTHER`) and `poses` (M, F, 3) ``x, y, yaw``, the present
first. A road user may have several rows, one for each way that it may take.
"""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel

OTHER = 6
"""Columns of a row: length, width, radius [m], speed [m/s], what a contact leaves of the score, and
the number of the road user."""


@hot_kernel
def describe(
    others: NDArray,
    row: int,
    number: int,
    size: NDArray,
    speed: float,
    kind: int,
    obstacle: int,
    objects_left: float,
) -> None:
    """Write a row of `others`."""
    length, width = size[0], size[1]
    others[row, 0], others[row, 1] = length, width
    others[row, 2] = 0.5 * math.sqrt(length * length + width * width)
    others[row, 3] = abs(speed)
    others[row, 4] = objects_left if kind == obstacle else 0.0
    others[row, 5] = number


@hot_kernel
def straight_on(state: NDArray, dt: float, poses: NDArray) -> None:
    """Poses (F, 3) of a road user (4,) at constant speed along its heading."""
    x, y, yaw, v = state[0], state[1], state[2], state[3]
    vx, vy = v * math.cos(yaw), v * math.sin(yaw)
    for f in range(poses.shape[0]):
        time = f * dt
        poses[f, 0], poses[f, 1], poses[f, 2] = x + vx * time, y + vy * time, yaw


@hot_kernel
def all_straight_on(
    state: NDArray,
    size: NDArray,
    kind: NDArray,
    valid: NDArray,
    obstacle: int,
    objects_left: float,
    dt: float,
    others: NDArray,
    poses: NDArray,
) -> int:
    """One row for each valid road user (N, ·), straight on as in PDM-Closed; returns how many."""
    kept = 0
    for i in range(state.shape[0]):
        if not valid[i]:
            continue
        describe(others, kept, i, size[i], state[i, 3], kind[i], obstacle, objects_left)
        straight_on(state[i], dt, poses[kept])
        kept += 1
    return kept
