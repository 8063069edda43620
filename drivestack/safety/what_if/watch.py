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
from drivestack.core.types import Bools, Floats, Ints

from .tables import Notes, Seen

WATCHED = 64
"""Most road users of a scenario that are remembered; our choice: all within sight in a jam."""

FORGOTTEN = 1.0
"""Who was not measured for this long is met anew [s]."""

SMOOTHING = 0.2
"""Time constant of the filters [s]; our choice: half a lane change is over after a second."""


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """The last sight of up to W road users.

    Attributes:
        id: (B, W). known: (B, W). tick: (B, W) of the last measurement.
        speed, yaw: (B, W) then [m/s], [rad]. gain, turn: (B, W) their rates [m/s2], [rad/s].
    """

    id: Ints
    known: Bools
    tick: Ints
    speed: Floats
    yaw: Floats
    gain: Floats
    turn: Floats

    def __post_init__(self) -> None:
        check_fields(self, _WATCH)

    @classmethod
    def fresh(cls, batch: int) -> Self:
        """Nobody was seen yet."""
        shape = (batch, WATCHED)
        number, known = np.zeros(shape, np.int32), np.zeros(shape, np.bool_)
        rest = [np.zeros(shape) for _ in range(4)]
        return cls(number, known, number.copy(), *rest)

    def opened(self) -> Notes:
        """Copies of its arrays, to be written to."""
        return Notes(*(getattr(self, name).copy() for name in Notes._fields))


_WATCH = {
    "id": ("B W", np.int32),
    "known": ("B W", np.bool_),
    "tick": ("B W", np.int32),
    "speed": ("B W", np.float64),
    "yaw": ("B W", np.float64),
    "gain": ("B W", np.float64),
    "turn": ("B W", np.float64),
}


@hot_kernel
def look(
    b: int, seen: Seen, notes: Notes, rates: NDArray, forgotten: float, smoothing: float
) -> None:
    """Update the notes of scenario b, and write the rates of everybody in sight.

    Args:
        rates: (N, 2) [m/s2], [rad/s], written. forgotten, smoothing: [s].
    """
    tick, dt, state, id = seen.tick[b], seen.dt[b], seen.state[b], seen.id[b]
    known, speed, yaw = notes.known[b], notes.speed[b], notes.yaw[b]
    ticks, gain, turn = notes.tick[b], notes.gain[b], notes.turn[b]
    count = known.shape[0]
    for w in range(count):
        if known[w] and (tick - ticks[w]) * dt > forgotten:
            known[w] = False
    for n in range(state.shape[0]):
        rates[n, 0], rates[n, 1] = 0.0, 0.0
        if not seen.valid[b, n]:
            continue
        place, free = -1, -1
        for w in range(count):
            if known[w] and notes.id[b, w] == id[n]:
                place = w
                break
            if free < 0 and not known[w]:
                free = w
        measured = tick - seen.age[b, n] - seen.frame_age[b]
        if place < 0:
            if free < 0:
                continue
            place = free
            known[place], notes.id[b, place], ticks[place] = True, id[n], measured
            speed[place], yaw[place], gain[place], turn[place] = state[n, 3], state[n, 2], 0.0, 0.0
        elif measured > ticks[place]:
            past = (measured - ticks[place]) * dt
            share = past / (smoothing + past)
            gain[place] += share * ((state[n, 3] - speed[place]) / past - gain[place])
            turn[place] += share * (wrap_to_pi(state[n, 2] - yaw[place]) / past - turn[place])
            ticks[place], speed[place], yaw[place] = measured, state[n, 3], state[n, 2]
        if math.isfinite(gain[place]) and math.isfinite(turn[place]):
            rates[n, 0], rates[n, 1] = gain[place], turn[place]
