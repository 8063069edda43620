"""What was seen of others before: how their speed and direction change, by first-order filters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.compiled import hot_kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.tables import Table

from .tables import Notes, Seen

WATCHED = 64
"""Most road users of a scenario that are remembered; our choice: all within sight in a jam."""

FORGOTTEN = 1.0
"""Who was not measured for this long is met anew [s]."""

SMOOTHING = 0.2
"""Time constant of the filters [s]; our choice: half a lane change is over after a second."""


MET = np.dtype(
    [
        ("id", np.int32),
        ("known", np.bool_),
        ("tick", np.int32),  # of the last measurement
        ("speed", np.float64),  # then [m/s]
        ("yaw", np.float64),  # then [rad]
        ("gain", np.float64),  # rate of the speed [m/s2]
        ("turn", np.float64),  # of the yaw [rad/s]
    ],
    align=True,
)
"""The last sight of somebody."""


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """Who was seen.

    Attributes:
        met: (B, W) rows of `MET`.
    """

    met: Table

    def __post_init__(self) -> None:
        check_fields(self, {"met": ("B W", MET)})

    @classmethod
    def fresh(cls, batch: int) -> Self:
        """Nobody was seen yet."""
        return cls(np.zeros((batch, WATCHED), MET))


@hot_kernel
def look(
    b: int, seen: Seen, notes: Notes, rates: NDArray, forgotten: float, smoothing: float
) -> None:
    """Bring the notes of scenario b up to date, and write the rates of everybody in sight.

    Args:
        rates: (N, 2) [m/s2], [rad/s], written. forgotten, smoothing: [s].
    """
    tick, dt, state, id = seen.tick[b], seen.dt[b], seen.state[b], seen.id[b]
    met = notes.now[b]
    for w in range(met.shape[0]):
        met[w] = notes.last[b, w]
        if met[w].known and (tick - met[w].tick) * dt > forgotten:
            met[w].known = False
    for n in range(state.shape[0]):
        rates[n, 0], rates[n, 1] = 0.0, 0.0
        if not seen.valid[b, n]:
            continue
        place, free = -1, -1
        for w in range(met.shape[0]):
            if met[w].known and met[w].id == id[n]:
                place = w
                break
            if free < 0 and not met[w].known:
                free = w
        measured = tick - seen.age[b, n] - seen.frame_age[b]
        if place < 0 and free < 0:
            continue
        one = met[place if place >= 0 else free]
        if place < 0:
            one.known, one.id, one.tick = True, id[n], measured
            one.speed, one.yaw, one.gain, one.turn = state[n, 3], state[n, 2], 0.0, 0.0
        elif measured > one.tick:
            past = (measured - one.tick) * dt
            share = past / (smoothing + past)
            one.gain += share * ((state[n, 3] - one.speed) / past - one.gain)
            one.turn += share * (wrap_to_pi(state[n, 2] - one.yaw) / past - one.turn)
            one.tick, one.speed, one.yaw = measured, state[n, 3], state[n, 2]
        if math.isfinite(one.gain) and math.isfinite(one.turn):
            rates[n, 0], rates[n, 1] = one.gain, one.turn
