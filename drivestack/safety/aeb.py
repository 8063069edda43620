"""Automatic emergency braking: the last line, with a radar of its own and next to no code.

It knows no planner, scorer or controller, no tracks, no map and no commanded control: only echoes,
the car's speed, and the angle its wheels have. A reflecting point in the arc that the car is
driving demands the brakes when the way to it is shorter than stopping behind it takes. The form is
UN R157's and Autoware's, the demand UN R152's and R157's emergency (safety.md, 4).

It is the last line, not the first: what will have left the arc by then, or is braked for enough
already, is no emergency. A point that only grazes the arc, which may be a car that is parked where
a road begins to bend, or one that comes towards the car, which braking alone does not avoid, is
given until a little steering would no longer pass it; and any danger, until it has lasted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.compiled import kernel
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Row, Table
from drivestack.core.types import Bools, Filtering, Floats, Ints, Observation, Plan


@dataclass(frozen=True, slots=True, eq=False)
class Braking:
    """What is remembered.

    Attributes:
        active: (B,) emergency braking is under way. asked: (B,) ticks in a row that ask for it.
    """

    active: Bools
    asked: Ints

    def __post_init__(self) -> None:
        check_fields(self, {"active": ("B", np.bool_), "asked": ("B", np.int32)})


@dataclass(frozen=True, slots=True)
class Aeb:
    """Asks for the emergency brake.

    Attributes:
        period: time a control is held [s].
        brake: deceleration counted on [m/s2]; UN R157's emergency. reaction: [s]; UN R157's.
        offset: what should be left of the way [m]; our choice, Autoware's is 1.0 at 3 m/s2.
        hold: braking goes on until the way is longer than this many times what stopping takes;
        openPASS's. full: acceleration of the emergency brake [m/s2]; the envelope's least.
        margin: of the path, to either side of the car [m]; Autoware's.
        graze: what reaches less far into the path may be steered round [m]; our choice: half
        of a car. aside: at this lateral acceleration [m/s2]; ISO 11270's. towards: so may who comes
        towards the car faster than this [m/s]; our choice: a walker's pace.
        confirm: a danger must last for this long [s]; our choice: three looks at 20 Hz, so that a
        jerk of the wheel is none.
        least_speed: slower cars brake for nobody [m/s]; Autoware's.
        most_turn: how far round the arc is looked [rad]; our choice: no farther than across.
    """

    period: float
    brake: float = 6.0
    reaction: float = 0.35
    offset: float = 0.3
    hold: float = 1.5
    full: float = -8.0
    margin: float = 0.1
    graze: float = 1.0
    aside: float = 3.0
    towards: float = 2.0
    confirm: float = 0.1
    least_speed: float = 0.1
    most_turn: float = math.pi / 2.0

    @property
    def columns(self) -> Mapping[str, Filtering]:
        """One."""
        return {"aeb": Filtering.EMERGENCY_BRAKE}

    def start(self, batch: int) -> Braking:
        """No braking."""
        return Braking(np.zeros(batch, np.bool_), np.zeros(batch, np.int32))

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Braking, found: Table
    ) -> Braking:
        """The value is by how much the way is too short [m], at least 0; the limit is 0.

        While braking is held the way may be long enough; the value then counts from what ends it.
        """
        ego, echoes = observation.ego, observation.echoes
        active, asked = memory.active.copy(), memory.asked.copy()
        _brake(ego.state, ego.size, ego.accel, ego.steer, echoes.along, echoes.lateral,
               echoes.closing, echoes.drift, echoes.valid, parameter_table(self), active,
               asked, found)  # fmt: skip
        return Braking(active, asked)


@kernel
def _brake(
    state: NDArray, size: NDArray, accel: NDArray, steer: NDArray, along: NDArray,
    lateral: NDArray, closing: NDArray, drift: NDArray, valid: NDArray, table: Table,
    active: NDArray, asked: NDArray, found: Table,
) -> None:  # fmt: skip
    """Write the worst echo of every scenario, and whether braking is under way after it."""
    own = table[0]
    for b in range(state.shape[0]):
        worst, v = 0.0, state[b, 3]
        if v > own.least_speed:
            bend = math.sin(math.atan(0.5 * math.tan(steer[b]))) / (0.5 * size[b, 0])
            most = own.aside / (v * v)  # a wheel that is turned farther will not stay so
            bend = min(max(bend, -most), most)
            half, front = 0.5 * size[b, 1] + own.margin, 0.5 * size[b, 0]
            # braking that is held already is not what makes it needless
            factor, braking = (own.hold, 0.0) if active[b] else (1.0, max(-accel[b], 0.0))
            for e in range(along.shape[1]):
                fast = closing[b, e]
                if not valid[b, e] or fast <= 0.0:
                    continue
                way, aside = _along(along[b, e], lateral[b, e], bend, front, own.most_turn)
                inside = half - max(abs(aside), abs(aside + drift[b, e] * way / fast))
                if inside <= 0.0:
                    continue
                need = factor * _needed(fast, v, inside, own)
                if need > way and fast * fast > 2.0 * braking * (way - own.offset):
                    worst = max(worst, need - way)
        asked[b] = asked[b] + 1 if worst > 0.0 else 0
        lasting = (asked[b] - 1) * own.period >= own.confirm - 1e-9
        active[b] = worst > 0.0 and (active[b] or lasting)
        mine = found[0, b]
        mine.value, mine.failed = worst, active[b]
        if active[b]:
            mine.high[0] = max(own.full, -v / own.period)


@kernel
def _needed(fast: float, v: float, inside: float, own: Row) -> float:
    """The way in which braking has to begin [m], for a point so far inside the path [m]."""
    time, steering = fast / (2.0 * own.brake), math.sqrt(2.0 * inside / own.aside)
    if fast > v + own.towards:
        time = min(time, steering)
    time += own.reaction
    if inside < own.graze:  # who only grazes it is passed by a touch of the wheel, without delay
        time = min(time, steering)
    return fast * time + own.offset


@kernel
def _along(
    along: float, lateral: float, bend: float, front: float, most_turn: float
) -> tuple[float, float]:
    """From the bumper to a point along the car's arc [m], and how far to the left of it [m].

    Args:
        along, lateral: of the point, before the bumper [m]. bend: curvature of the arc, positive to
        the left [1/m]. front: from the car's centre to its bumper [m]. most_turn: what lies
        farther round the arc is infinitely far beside it [rad].
    """
    if along < 0.0:
        return 0.0, math.inf
    if abs(bend) < 1e-6:
        return along, lateral
    x, radius, side = along + front, 1.0 / abs(bend), math.copysign(1.0, bend)
    turn = math.atan2(x, radius - side * lateral)
    if turn > most_turn:
        return 0.0, math.inf
    away = math.sqrt(x * x + (radius - side * lateral) * (radius - side * lateral))
    return max(radius * turn - front, 0.0), side * (radius - away)
