"""PDM-Closed's emergency brake: a straight stop, offered beside the proposals, compiled.

It is a candidate of its own (`BRAKE`), so that the record shows it. A scorer gives it the largest
total where it is due and the smallest elsewhere.
"""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.tables import Row

BRAKE = 1
"""`Candidates.source` of the emergency brake; proposals have 0."""


@kernel
def brake_chunk(
    ego: NDArray, accel: float, dt: float, law: Row, states: NDArray, controls: NDArray
) -> None:
    """Stop straight on.

    Args:
        ego: (4,). accel: present one [m/s2]. dt: [s].
        law: `brake_gain` [1/s], `brake_least` [m/s2] before `brake_scale`; up to `brake_slow`
        [m/s] `brake_slow_gain` [1/s] and `brake_slow_damping` on speed and acceleration.
        states: (T, 4), written. controls: (T, 2), written.
    """
    x, y, yaw, v = ego[0], ego[1], ego[2], max(ego[3], 0.0)
    c, s = math.cos(yaw), math.sin(yaw)
    for t in range(states.shape[0]):
        if v > law.brake_slow:
            accel = law.brake_scale * max(-law.brake_gain * v, law.brake_least)
        else:
            # without the bound the damping would set off again what has just stopped
            accel = min(-law.brake_slow_gain * v - law.brake_slow_damping * accel, 0.0)
        accel = max(accel, -v / dt)
        x += v * c * dt
        y += v * s * dt
        v = max(v + accel * dt, 0.0)
        states[t, 0], states[t, 1], states[t, 2], states[t, 3] = x, y, yaw, v
        controls[t, 0], controls[t, 1] = accel, 0.0
