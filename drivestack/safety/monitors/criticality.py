"""How critical the traffic around the ego is now: the measures that one tick is enough for.

Along the line of the ego's heading, against who leads: time to collision with accelerations, time
headway, the braking and the steering that are needed. In the plane, against everybody: time to
collision of boxes, worst time to collision, and by how much one misses another at a crossing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.meeting import boxes_meet, gap_closes, growing_discs_meet
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Row, Table
from drivestack.core.types import Filtering, Floats, Observation, Plan

from ..bounds import FREE
from ..crossing import crossing_of
from ..what_if.tables import Notes, Seen, seen_in
from ..what_if.watch import FORGOTTEN, MET, SMOOTHING, Watch, look


class Measure(IntEnum):
    """Columns. Where less is worse the value is negated: a time of 0.8 s is -0.8, its limit -1.5;
    `FREE` is then infinite."""

    TTC = 0
    THW = 1
    DRAC = 2
    BTN = 3
    STN = 4
    TTC_PLANE = 5
    WTTC = 6
    PET = 7


NAMES = tuple(measure.name.lower() for measure in Measure)

_TTC, _THW, _DRAC, _BTN, _STN = 0, 1, 2, 3, 4
_PLANE, _WTTC, _PET = 5, 6, 7


@dataclass(frozen=True, slots=True)
class Criticality:
    """Asks for the emergency brake where it is bound.

    Attributes:
        period: time a control is held [s].
        ttc, thw, plane, wttc, pet: times below which it is critical [s]; of `safety.md`, 2 and 4:
        1.5 of several sources; 2.0 of R157's human driver; as the first; our choice, since all of
        10 m/s2 to all sides is rarely used; Autoware's at crossings.
        drac: [m/s2]; 3.4 of `safety.md`, 2. brake, aside: what the needed braking and lateral
        acceleration are shares of [m/s2]; the envelope's least, and CriMe's vehicle.
        threat: share that is critical. full: of the emergency brake [m/s2].
        same_way: headings this far apart go the same way [rad]; as in `metrics.criticality`.
        every_way: acceleration in any direction [m/s2] for the worst time; CriMe's vehicle.
        across: headings whose sine is above this cross; our choice: 30 degrees.
    """

    period: float
    ttc: float = 1.5
    thw: float = 2.0
    plane: float = 1.5
    wttc: float = 0.5
    pet: float = 1.0
    drac: float = 3.4
    brake: float = 8.0
    aside: float = 8.0
    threat: float = 1.0
    full: float = -8.0
    same_way: float = math.radians(26.0)
    every_way: float = 11.5
    across: float = 0.5

    @property
    def columns(self) -> Mapping[str, Filtering]:
        """One a `Measure`."""
        return dict.fromkeys(NAMES, Filtering.EMERGENCY_BRAKE)

    def start(self, batch: int) -> Watch:
        """Nobody was seen yet."""
        return Watch.fresh(batch)

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Watch, found: Table
    ) -> Watch:
        """One column a `Measure`, of the worst road user for each."""
        ego, seen = observation.ego, seen_in(observation)
        notes = Notes(memory.met, np.empty(memory.met.shape, MET))
        rates = np.zeros((seen.id.shape[1], 2))
        _measure(seen, ego.state, ego.accel, ego.size, notes, rates, FORGOTTEN, SMOOTHING,
                 parameter_table(self), FREE, found)  # fmt: skip
        return Watch(notes.now)


@kernel
def _measure(
    seen: Seen, ego: NDArray, accel: NDArray, size: NDArray, notes: Notes, rates: NDArray,
    forgotten: float, smoothing: float, table: Table, free: float, found: Table,
) -> None:  # fmt: skip
    """Every scenario by itself."""
    own = table[0]
    for b in range(ego.shape[0]):
        mine = found[:, b]
        mine[_TTC].limit, mine[_THW].limit, mine[_DRAC].limit = -own.ttc, -own.thw, own.drac
        mine[_BTN].limit, mine[_STN].limit = own.threat, own.threat
        mine[_PLANE].limit, mine[_WTTC].limit, mine[_PET].limit = -own.plane, -own.wttc, -own.pet
        for c in (_TTC, _THW, _PLANE, _WTTC, _PET):
            mine[c].value = -free
        look(b, seen, notes, rates, forgotten, smoothing)
        for n in range(seen.valid.shape[1]):
            if seen.valid[b, n]:
                other, box, who = seen.state[b, n], seen.size[b, n], seen.id[b, n]
                _plane(ego[b], size[b], other, box, who, own, mine)
                _line(ego[b], accel[b], size[b], other, rates[n, 0], box, who, own, mine)
        for one in mine:
            one.failed = one.value > one.limit
            if one.failed:
                one.high[0] = min(max(own.full, -ego[b, 3] / own.period), 0.0)


@hot_kernel
def _worse(value: float, who: int, one: Row) -> None:
    """Keep the worst; of equals the first."""
    if value > one.value:
        one.value, one.object, one.has_object = value, who, True


@hot_kernel
def _line(
    ego: NDArray, accel: float, size: NDArray, other: NDArray, gain: float, box: NDArray, who: int,
    own: Row, mine: Table,
) -> None:  # fmt: skip
    """Against one who leads: ahead, centres no farther beside each other than the mean width."""
    c, s = math.cos(ego[2]), math.sin(ego[2])
    dx, dy = other[0] - ego[0], other[1] - ego[1]
    x, y, yaw = dx * c + dy * s, dy * c - dx * s, wrap_to_pi(other[2] - ego[2])
    clearance = 0.5 * (size[1] + box[1])
    v, lead = ego[3], other[3] * math.cos(yaw)
    if x <= 0.0 or abs(y) >= clearance or abs(yaw) > own.same_way or v <= 0.0:
        return
    reach = abs(math.cos(yaw)) * box[0] + abs(math.sin(yaw)) * box[1]
    gap = x - 0.5 * (size[0] + reach)
    if gap <= 0.0:
        return
    _worse(-gap / v, who, mine[_THW])
    _worse(-gap_closes(gap, v, accel, max(lead, 0.0), gain), who, mine[_TTC])
    closing = v - lead
    needed = closing * closing / (2.0 * gap) if closing > 0.0 else 0.0
    _worse(needed, who, mine[_DRAC])
    braking = max(needed - gain, 0.0) if closing > 0.0 else 0.0
    if gain < 0.0 and lead > 0.0:
        to_a_stop = v * v / (2.0 * (gap + lead * lead / (-2.0 * gain)))
        if to_a_stop <= v * (-gain) / lead:  # then the lead stands first
            braking = to_a_stop
    _worse(braking / own.brake, who, mine[_BTN])
    if closing > 0.0:
        time, drift = gap / closing, other[3] * math.sin(yaw)
        if abs(y + drift * time) < clearance:
            straight = 2.0 * drift / time + 2.0 * y / (time * time)
            aside = 2.0 * clearance / (time * time)
            threat = min(abs(straight + aside), abs(straight - aside)) / own.aside
            _worse(threat, who, mine[_STN])


@hot_kernel
def _plane(
    ego: NDArray, size: NDArray, other: NDArray, box: NDArray, who: int, own: Row,
    mine: Table,
) -> None:  # fmt: skip
    """Against anybody, without lanes."""
    c, s = math.cos(ego[2]), math.sin(ego[2])
    dx, dy = other[0] - ego[0], other[1] - ego[1]
    x, y, yaw = dx * c + dy * s, dy * c - dx * s, wrap_to_pi(other[2] - ego[2])
    u, w = other[3] * math.cos(yaw) - ego[3], other[3] * math.sin(yaw)
    dd, dv, vv = x * x + y * y, x * u + y * w, u * u + w * w
    radius = 0.5 * (math.sqrt(size[0] ** 2 + size[1] ** 2) + math.sqrt(box[0] ** 2 + box[1] ** 2))
    room = math.sqrt(dd) - radius
    fast = math.sqrt(vv)
    if room <= fast * -mine[_PLANE].value:  # else another is met sooner
        time = boxes_meet(x, y, yaw, u, w, 0.5 * size[0], 0.5 * size[1], 0.5 * box[0],
                          0.5 * box[1])  # fmt: skip
        if time < math.inf:
            _worse(-time, who, mine[_PLANE])
    pull = own.every_way * (2.0 if other[3] != 0.0 else 1.0)
    soonest = -mine[_WTTC].value
    # discs that cover the boxes by their middles; a time to collision of boxes is never shorter
    if room < fast * soonest + 0.5 * pull * soonest * soonest:
        _worse(-growing_discs_meet(dd, dv, vv, radius, pull), who, mine[_WTTC])
    if abs(math.sin(yaw)) > own.across and ego[3] > 0.0 and other[3] > 0.0:
        _worse(-_missed(ego, size, other, box), who, mine[_PET])


@hot_kernel
def _missed(ego: NDArray, size: NDArray, other: NDArray, box: NDArray) -> float:
    """Time from one leaving the crossing of two straight paths to the other reaching it [s].

    0 where both are on it at a time; infinite where one has passed it.
    """
    at = crossing_of(ego, size, other, box)
    v, w = ego[3], other[3]
    if at.mine_out < 0.0 or at.theirs_out < 0.0:
        return math.inf
    return max(at.mine_in / v - at.theirs_out / w, at.theirs_in / w - at.mine_out / v, 0.0)
