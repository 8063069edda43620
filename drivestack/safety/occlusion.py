"""Occlusion: never faster than what can be seen allows to stop, and slower past what hides walkers.

A sensor that sees for ever and through bodies asks for nothing. Else something may stand just
beyond its range, and somebody may step out from behind a standing body beside the way: he needs
some time for the gap to the car, and in that time it has to be able to stop.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Kind, Row, Table
from drivestack.core.types import Filtering, Floats, Observation, Plan

from .bounds import Nothing

_HIDING = np.isin(np.arange(len(Kind)), [Kind.CAR, Kind.TRUCK, Kind.BUS, Kind.PARKED, Kind.UNKNOWN])


@dataclass(frozen=True, slots=True)
class Occlusion:
    """Binds the acceleration.

    Attributes:
        period: time a control is held [s].
        brake: what it has to be able to stop with [m/s2]; the envelope's. reaction: [s]; our
        choice: two ticks. walking: of who may step out [m/s]; the 5 km/h of Euro NCAP's walkers.
        gentle: braking for which there is still time is not yet due [m/s2]; UN R157's for
        manoeuvres without emergency.
        standing: slower bodies stand [m/s]; our choice. farthest: beside the way they may stand
        [m]; our choice: beyond it, a walker needs so long that 20 m/s are slow enough.
    """

    period: float
    brake: float = 8.0
    reaction: float = 0.1
    walking: float = 5.0 / 3.6
    gentle: float = 4.0
    standing: float = 0.5
    farthest: float = 2.0

    @property
    def columns(self) -> Mapping[str, Filtering]:
        """One."""
        return {"occlusion": Filtering.CLAMPED}

    def start(self, batch: int) -> Nothing:
        """It remembers nothing."""
        return Nothing()

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Nothing, found: Table
    ) -> Nothing:
        """The value is the braking that will be needed at the next tick [m/s2]."""
        ego, tracks, sight = observation.ego, observation.tracks, observation.sight
        _check(ego.state, ego.size, control, tracks.state[:, :, -1], tracks.size, tracks.kind,
               tracks.id, tracks.valid[:, :, -1], sight.range, sight.hidden, _HIDING,
               parameter_table(self), found)  # fmt: skip
        return memory


@kernel
def _check(
    ego: NDArray, size: NDArray, control: NDArray, others: NDArray, boxes: NDArray, kind: NDArray,
    id: NDArray, valid: NDArray, reach: NDArray, hidden: NDArray, hiding: NDArray, table: Table,
    found: Table,
) -> None:  # fmt: skip
    """Every scenario by itself."""
    own = table[0]
    for b in range(ego.shape[0]):
        mine = found[0, b]
        mine.limit = own.gentle
        v = ego[b, 3]
        if not math.isfinite(control[b, 0]) or v <= 0.0:
            continue
        then = max(v + control[b, 0] * own.period, 0.0)
        seen = max(reach[b] - 0.5 * size[b, 0] - then * own.reaction, 0.0)
        _demand(mine, math.sqrt(2.0 * own.brake * seen), 0.0, then, -1, own)
        if hidden[b]:
            c, s = math.cos(ego[b, 2]), math.sin(ego[b, 2])
            for n in range(others.shape[1]):
                if not valid[b, n] or not hiding[kind[b, n] % hiding.shape[0]]:
                    continue
                if abs(others[b, n, 3]) > own.standing:
                    continue
                dx, dy = others[b, n, 0] - ego[b, 0], others[b, n, 1] - ego[b, 1]
                turn = others[b, n, 2] - ego[b, 2]
                cosine, sine = abs(math.cos(turn)), abs(math.sin(turn))
                half = 0.5 * (cosine * boxes[b, n, 0] + sine * boxes[b, n, 1])
                wide = 0.5 * (sine * boxes[b, n, 0] + cosine * boxes[b, n, 1])
                # to the far edge, behind which he may stand
                way = dx * c + dy * s + half - 0.5 * size[b, 0]
                gap = abs(dy * c - dx * s) - wide - 0.5 * size[b, 1]
                if way <= 0.0 or gap < 0.0 or gap > own.farthest:
                    continue
                most = 2.0 * own.brake * max(gap / own.walking - own.reaction, 0.0)
                _demand(mine, most, way, then, id[b, n], own)
        if mine.failed:
            # what is needed then, or as much as brings the speed down at that rate already
            mine.high[0] = -min(mine.value, v / own.period)


@hot_kernel
def _demand(mine: Row, most: float, way: float, then: float, who: int, own: Row) -> None:
    """What slows the car down to a speed within a way; the way is gone where it is too fast now."""
    if then <= most:
        return
    left = max(way, then * own.period)
    need = min((then * then - most * most) / (2.0 * left), own.brake)
    if need > mine.value:
        mine.value, mine.failed = need, need > own.gentle
        if mine.failed:
            mine.object, mine.has_object = max(who, 0), who >= 0
