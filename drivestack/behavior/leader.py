"""Who drives ahead: road users in a route's corridor, forecast at constant speed, compiled."""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.lines import project, sample

COLUMNS = 6
"""Of a road user along a line: s [m], lateral [m], their rates [m/s], half extents along and across
[m]."""


@kernel
def along_line(
    line: NDArray,
    n: int,
    spacing: float,
    state: NDArray,
    size: NDArray,
    valid: NDArray,
    reach: float,
    out: NDArray,
) -> int:
    """Put road users into the coordinates of a line; returns how many are kept.

    Args:
        line: (P, 3), n rows hold. state: (N, 4). size: (N, 2). valid: (N,).
        reach: lateral distance beyond which one is left out [m]. out: (N, `COLUMNS`), written.
    """
    kept = 0
    for i in range(state.shape[0]):
        if not valid[i]:
            continue
        s, lateral = project(line, 0, n - 1, spacing, state[i, 0], state[i, 1])
        if abs(lateral) > reach:
            continue
        _, _, yaw = sample(line, n, spacing, s)
        turn = wrap_to_pi(state[i, 2] - yaw)
        c, w = math.cos(turn), math.sin(turn)
        out[kept, 0], out[kept, 1] = s, lateral
        out[kept, 2], out[kept, 3] = state[i, 3] * c, state[i, 3] * w
        out[kept, 4] = 0.5 * (size[i, 0] * abs(c) + size[i, 1] * abs(w))
        out[kept, 5] = 0.5 * (size[i, 0] * abs(w) + size[i, 1] * abs(c))
        kept += 1
    return kept


@kernel
def leader(
    others: NDArray,
    kept: int,
    s: float,
    time: float,
    half_length: float,
    half_width: float,
    margin: float,
    drift: float,
) -> tuple[float, float]:
    """Bumper gap [m] to the nearest road user ahead at a time, and its speed along the line.

    Args:
        others: from `along_line`, of which `kept` hold. s: the ego's [m]. time: from now [s].
        half_length, half_width: of the ego [m]. margin: kept free beside it [m].
        drift: how long slow lateral motion is believed [s]; crossing traffic is always believed.

    Returns:
        An infinite gap if nobody is ahead.
    """
    gap = math.inf
    speed = 0.0
    for i in range(kept):
        crossing = abs(others[i, 3]) > abs(others[i, 2])
        lateral = others[i, 1] + others[i, 3] * (time if crossing else min(time, drift))
        if abs(lateral) > half_width + others[i, 5] + margin:
            continue
        there = others[i, 0] + others[i, 2] * time
        if there <= s:
            continue
        between = there - s - (half_length + others[i, 4])
        if between < gap:
            gap = between
            speed = others[i, 2]
    return gap, speed
