"""The speed a reference line allows: limits, lateral comfort, and braking ahead of both."""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.frames import wrap_to_pi


@kernel
def comfortable_speed(
    line: NDArray,
    n: int,
    spacing: float,
    limit: NDArray,
    max_lateral: float,
    slowing: float,
    out: NDArray,
) -> None:
    """Largest speed [m/s] at each of n points of a line.

    Args:
        line: (P, 3), n rows hold, n >= 2. spacing: [m]. limit: (P,) [m/s].
        max_lateral: lateral acceleration [m/s2]. slowing: braking ahead of a slower point [m/s2].
        out: (P,), written.
    """
    for i in range(n):
        a, b = max(i - 2, 0), min(i + 2, n - 1)
        curvature = abs(wrap_to_pi(line[b, 2] - line[a, 2])) / ((b - a) * spacing)
        out[i] = limit[i]
        if curvature > 1e-6:
            out[i] = min(limit[i], math.sqrt(max_lateral / curvature))
    for i in range(n - 2, -1, -1):
        out[i] = min(out[i], math.sqrt(out[i + 1] * out[i + 1] + 2.0 * slowing * spacing))
