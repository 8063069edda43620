"""Where a car gets that holds its steering and its speed: exactly an arc."""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel


@hot_kernel
def held_for(state: NDArray, length: float, steer: float, time: float) -> tuple[float, float]:
    """The centre [m] after some time [s]; length: of the car [m]. steer: [rad]."""
    beta = math.atan(0.5 * math.tan(steer))
    way = state[3] * time
    turn = math.sin(beta) / (0.5 * length) * way
    course = state[2] + beta
    chord = way if abs(turn) < 1e-9 else way * math.sin(0.5 * turn) / (0.5 * turn)
    return (
        state[0] + chord * math.cos(course + 0.5 * turn),
        state[1] + chord * math.sin(course + 0.5 * turn),
    )
