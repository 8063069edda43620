"""Responsibility-Sensitive Safety between the ego and everybody in sight, with public parameters.

Dangerous is who is too near along the lane and across it. The proper response goes by what was safe
last: along: brake; across: do not steer nearer, with the speed left free, which is RSS's hole at
cut-ins; first met in danger: brake, if ahead of the ego. RSS finds human traffic dangerous for more
than half of the time, so this is watched unless it is bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Kind, Row, Table
from drivestack.core.types import Filtering, Floats, Observation, Plan
from drivestack.roads.lane_tables import Lanes, lanes_of
from drivestack.roads.nearest import HEADING_WEIGHT, nearest_in

from ..reference.rss import MOST
from ..rows_by_map import rows_by_map
from .rss_rules import (
    CROSSING,
    OPPOSITE,
    constellation,
    crossing_is_safe,
    gaps,
    needed_across,
    needed_along,
    on_the_heading,
    on_the_lane,
    walker_is_safe,
)

REMEMBERED = 64
"""Most road users whose last safety is remembered; as the what-if check's."""


class Rule(IntEnum):
    """Columns: what is too near. Values and limits are distances [m], negated: less is worse."""

    RSS_LONGITUDINAL = 0
    RSS_LATERAL = 1
    RSS_OPPOSITE = 2
    RSS_INTERSECTION = 3
    RSS_UNSTRUCTURED = 4


NAMES = tuple(rule.name.lower() for rule in Rule)
_LONGITUDINAL, _LATERAL, _OPPOSITE, _INTERSECTION, _UNSTRUCTURED = 0, 1, 2, 3, 4
_WALKERS = np.isin(np.arange(len(Kind)), [Kind.PEDESTRIAN, Kind.ANIMAL])


MET = np.dtype(
    [
        ("id", np.int32),
        ("known", np.bool_),
        ("along", np.bool_),  # the distance along the lane was safe
        ("across", np.bool_),  # so was that across it
    ],
    align=True,
)
"""What was safe last between the ego and somebody."""


@dataclass(frozen=True, slots=True, eq=False)
class Safety:
    """Who was met.

    Attributes:
        met: (B, W) rows of `MET`.
    """

    met: Table

    def __post_init__(self) -> None:
        check_fields(self, {"met": ("B W", MET)})


@dataclass(frozen=True, slots=True)
class RssMonitor:
    """Asks for its bounds where it is bound: brake with `brake_min` at least.

    Attributes:
        period: time a control is held [s]. The others as in `reference.rss.Rss`, ad-rss-lib's.
        other_response: of the others [s]; ad-rss-lib's. walker_response, walker_accel,
        walker_brake: of pedestrians and animals; ad-rss-lib's for pedestrians are 0.5 s, 2 and
        4 m/s2. most: RSS's largest speed [m/s]. beyond: how far lanes are prolonged [m]; ours.
    """

    period: float
    response: float = 1.0
    other_response: float = 2.0
    accel: float = 3.5
    brake_min: float = 4.0
    brake_max: float = 8.0
    brake_correct: float = 3.0
    lateral_accel: float = 0.2
    lateral_brake: float = 0.8
    fluctuation: float = 0.1
    walker_response: float = 0.5
    walker_accel: float = 2.0
    walker_brake: float = 4.0
    most: float = MOST
    beyond: float = 20.0

    @property
    def columns(self) -> Mapping[str, Filtering]:
        """One a `Rule`."""
        return dict.fromkeys(NAMES, Filtering.CLAMPED)

    def start(self, batch: int) -> Safety:
        """Nobody was met."""
        return Safety(np.zeros((batch, REMEMBERED), MET))

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Safety, found: Table
    ) -> Safety:
        """One column a `Rule`, of the road user who is nearest to what is safe."""
        met = np.empty(memory.met.shape, MET)
        ego, tracks = observation.ego, observation.tracks
        for map, rows in rows_by_map(observation):
            _judge(rows, lanes_of(map), ego.state, ego.steer, ego.size, tracks.state[:, :, -1],
                   tracks.size, tracks.kind, tracks.id, tracks.valid[:, :, -1], _WALKERS,
                   HEADING_WEIGHT, parameter_table(self), memory.met, met, found)  # fmt: skip
        return Safety(met)


@kernel
def _judge(
    rows: NDArray, map: Lanes, ego: NDArray, steer: NDArray, size: NDArray, others: NDArray,
    boxes: NDArray, kind: NDArray, who: NDArray, valid: NDArray, walkers: NDArray, weight: float,
    table: Table, last: Table, met: Table, found: Table,
) -> None:  # fmt: skip
    """Every scenario on one map by itself."""
    own = table[0]
    for b in rows:
        mine, old, new = found[:, b], last[b], met[b]
        for w in range(new.shape[0]):
            new[w] = old[w]
            new[w].known = False
        under, _ = nearest_in(map.lanes, map.points, map.grid, map.cell_at, map.cell_lanes,
                              ego[b, 0], ego[b, 1], ego[b, 2], weight)  # fmt: skip
        for n in range(others.shape[1]):
            if not valid[b, n]:
                continue
            if walkers[kind[b, n] % walkers.shape[0]]:
                safe, way, need = walker_is_safe(ego[b], size[b], others[b, n], boxes[b, n], own)
                if not safe:
                    _note(mine[_UNSTRUCTURED], way, need, who[b, n])
                    _brake(mine[_UNSTRUCTURED], ego[b, 3], own)
                continue
            lane = map.lanes[under]
            here, one = on_the_lane(lane, map.points, ego[b], size[b], own.beyond)
            there, other = on_the_lane(lane, map.points, others[b, n], boxes[b, n], own.beyond)
            if not (here and there):
                one = on_the_heading(ego[b], ego[b], size[b])
                other = on_the_heading(ego[b], others[b, n], boxes[b, n])
            way = constellation(one, other)
            if way == CROSSING:
                _crossing(map, under, ego[b], size[b], others[b, n], boxes[b, n], who[b, n],
                          weight, own, mine)  # fmt: skip
                continue
            room, beside = gaps(one, other)
            needed, aside = (
                needed_along(one, other, way == OPPOSITE, own),
                needed_across(one, other, own),
            )
            place = _place(who[b, n], old, new)
            if room >= needed or beside >= aside:
                if place >= 0:
                    new[place].along, new[place].across = room >= needed, beside >= aside
                continue
            if place >= 0 and not (new[place].along or new[place].across):
                # met in danger: beside each other both, else along only
                new[place].along, new[place].across = True, beside >= 0.0
            rule = _OPPOSITE if way == OPPOSITE else _LONGITUDINAL
            _note(mine[rule], room, needed, who[b, n])
            _note(mine[_LATERAL], beside, aside, who[b, n])
            behind = other.s >= one.s if one.along >= 0.0 else other.s <= one.s
            if place < 0 or (new[place].along and behind):
                _brake(mine[rule], ego[b, 3], own)
            if place >= 0 and new[place].across:
                _keep_off(mine[_LATERAL], other.lateral > one.lateral, float(steer[b]))


@hot_kernel
def _crossing(
    map: Lanes, lane: int, ego: NDArray, size: NDArray, other: NDArray, box: NDArray,
    who: int, weight: float, own: Row, mine: Table,
) -> None:  # fmt: skip
    """Who drives across; the one without priority by the map has to give way."""
    his, _ = nearest_in(map.lanes, map.points, map.grid, map.cell_at, map.cell_lanes, other[0],
                        other[1], other[2], weight)  # fmt: skip
    first = map.lanes[lane].priority - map.lanes[his].priority
    safe, room, need = crossing_is_safe(ego, size, other, box, first, own)
    if not safe:
        _note(mine[_INTERSECTION], min(room, need), need, who)
        if first <= 0:
            _brake(mine[_INTERSECTION], ego[3], own)


@hot_kernel
def _place(who: int, old: Table, new: Table) -> int:
    """Where someone is remembered; -1: there is no room. Who was not known is neither safe.

    Args:
        old: (W,) those who were known. new: (W,) those who are met again, written.
    """
    free = -1
    for w in range(new.shape[0]):
        if (old[w].known or new[w].known) and new[w].id == who:
            new[w].known = True
            return w
        if free < 0 and not old[w].known and not new[w].known:
            free = w
    if free >= 0:
        one = new[free]
        one.known, one.id, one.along, one.across = True, who, False, False
    return free


@hot_kernel
def _note(one: Row, room: float, need: float, who: int) -> None:
    """Keep the road user who is nearest to what is safe, in metres."""
    if not one.failed or need - room > one.value - one.limit:
        one.value, one.limit, one.failed = -room, -need, True
        one.object, one.has_object = who, True


@hot_kernel
def _brake(one: Row, v: float, own: Row) -> None:
    """The proper response along the lane."""
    one.high[0] = min(max(-own.brake_min, -v / own.period), 0.0)


@hot_kernel
def _keep_off(one: Row, left: bool, steer: float) -> None:
    """The proper response across: the wheels turn no farther to that side than they are."""
    if left:
        one.high[1] = steer
    else:
        one.low[1] = steer
