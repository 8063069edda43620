"""RSS between the ego and one other: where they are to each other, and whether that is safe."""

from __future__ import annotations

import math
from typing import NamedTuple

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.tables import Row, Table
from drivestack.roads.lanes import heading_at, local_coordinates

from ..crossing import crossing_of
from ..reference.rss import drift, same_direction, stopping_distance

SAME, OPPOSITE, CROSSING = 0, 1, 2
"""How two road users go to each other."""


class Place(NamedTuple):
    """A road user on the ego's lane, or along the ego's heading where that is no use.

    s, lateral: of the centre [m]. along, across: speeds [m/s]. length, width: of the box in this
    frame [m]. turn: heading less the lane's [rad].
    """

    s: float
    lateral: float
    along: float
    across: float
    length: float
    width: float
    turn: float


@hot_kernel
def on_the_lane(
    lane: Row, points: Table, state: NDArray, box: NDArray, far: float
) -> tuple[bool, Place]:
    """Where someone is on a lane, and whether that is at most `far` beyond its ends."""
    s, lateral = local_coordinates(lane, points, state[0], state[1])
    turn = wrap_to_pi(state[2] - heading_at(lane, points, s))
    near = -far <= s and s <= lane.length + far
    return near, _placed(s, lateral, turn, state[3], box)


@hot_kernel
def on_the_heading(ego: NDArray, state: NDArray, box: NDArray) -> Place:
    """Where someone is along a straight line through the ego."""
    c, s = math.cos(ego[2]), math.sin(ego[2])
    dx, dy = state[0] - ego[0], state[1] - ego[1]
    turn = wrap_to_pi(state[2] - ego[2])
    return _placed(dx * c + dy * s, dy * c - dx * s, turn, state[3], box)


@hot_kernel
def _placed(s: float, lateral: float, turn: float, v: float, box: NDArray) -> Place:
    c, n = abs(math.cos(turn)), abs(math.sin(turn))
    length, width = c * box[0] + n * box[1], n * box[0] + c * box[1]
    return Place(s, lateral, v * math.cos(turn), v * math.sin(turn), length, width, turn)


@hot_kernel
def constellation(one: Place, other: Place) -> int:
    """By their headings: within 45 degrees, more than 135 degrees apart, or across."""
    turn = abs(wrap_to_pi(other.turn - one.turn))
    if turn <= 0.25 * math.pi:
        return 0
    return 1 if turn >= 0.75 * math.pi else 2


@hot_kernel
def gaps(one: Place, other: Place) -> tuple[float, float]:
    """Free distance along and across [m]; below 0 they overlap."""
    along = abs(other.s - one.s) - 0.5 * (one.length + other.length)
    across = abs(other.lateral - one.lateral) - 0.5 * (one.width + other.width)
    return along, across


@hot_kernel
def needed_along(one: Place, other: Place, opposite: bool, own: Row) -> float:
    """The longitudinal distance that is safe [m]; for who goes the same way, of the one behind."""
    v, w = min(max(one.along, 0.0), own.most), min(abs(other.along), own.most)
    if opposite:
        ahead = other.s > one.s if one.along >= 0.0 else other.s < one.s
        if not ahead:  # they have passed each other
            return 0.0
        mine = stopping_distance(v, own.response, own.accel, own.brake_correct, own.most)
        return mine + stopping_distance(w, own.other_response, own.accel, own.brake_min, own.most)
    w = min(max(other.along, 0.0), own.most)
    if other.s >= one.s:
        return same_direction(v, w, own.response, own.accel, own.brake_min, own.brake_max, own.most)
    return same_direction(
        w, v, own.other_response, own.accel, own.brake_min, own.brake_max, own.most
    )


@hot_kernel
def needed_across(one: Place, other: Place, own: Row) -> float:
    """The lateral distance that is safe [m]."""
    # speeds towards each other: the ego's first
    side = 1.0 if other.lateral >= one.lateral else -1.0
    mine = drift(side * one.across, own.response, own.lateral_accel, own.lateral_brake)
    his = drift(-side * other.across, own.other_response, own.lateral_accel, own.lateral_brake)
    return max(0.0, mine + his + own.fluctuation)


@hot_kernel
def crossing_is_safe(
    ego: NDArray, size: NDArray, other: NDArray, box: NDArray, first: int, own: Row
) -> tuple[bool, float, float]:
    """Two straight paths that cross: one can stop before the other's, or they miss each other.

    Args:
        first: 1 the ego has priority, -1 the other has, 0 nobody.

    Returns:
        Whether it is safe, the ego's way to the other's path and what it needs to stop [m].
    """
    at = crossing_of(ego, size, other, box)
    v, w = max(ego[3], 0.0), max(other[3], 0.0)
    need = stopping_distance(min(v, own.most), own.response, own.accel, own.brake_min, own.most)
    his = stopping_distance(
        min(w, own.most), own.other_response, own.accel, own.brake_min, own.most
    )
    if at.mine_out <= 0.0 or at.theirs_out <= 0.0:  # one is through
        return True, at.mine_in, need
    if (first <= 0 and need < at.mine_in) or (first >= 0 and his < at.theirs_in):
        return True, at.mine_in, need
    if v <= 0.0 or w <= 0.0:  # who stands there stays there
        return (
            (v <= 0.0 and at.mine_in > 0.0) or (w <= 0.0 and at.theirs_in > 0.0),
            at.mine_in,
            need,
        )
    apart = at.mine_out / v < at.theirs_in / w or at.theirs_out / w < at.mine_in / v
    return apart, at.mine_in, need


@hot_kernel
def walker_is_safe(
    ego: NDArray, size: NDArray, other: NDArray, box: NDArray, own: Row
) -> tuple[bool, float, float]:
    """Who keeps to no lane: the ego's way to a stop misses everywhere the other may get meanwhile.

    RSS's sets of unstructured traffic, taken large: he may stop anywhere in a disc, the ego
    in a strip along its heading.

    Returns:
        Whether it is safe, the ego's way to the disc and what it needs to stop [m].
    """
    c, s = math.cos(ego[2]), math.sin(ego[2])
    dx, dy = other[0] - ego[0], other[1] - ego[1]
    x, y = dx * c + dy * s, dy * c - dx * s
    v, w = min(max(ego[3], 0.0), own.most), min(abs(other[3]), own.most)
    reach = stopping_distance(w, own.walker_response, own.walker_accel, own.walker_brake, own.most)
    reach += 0.5 * math.sqrt(box[0] * box[0] + box[1] * box[1])
    need = stopping_distance(v, own.response, own.accel, own.brake_min, own.most)
    beside = abs(y) - 0.5 * size[1]
    if beside >= reach or x <= 0.0:
        return True, math.inf, need
    deep = math.sqrt(max(reach * reach - max(beside, 0.0) ** 2, 0.0))
    way = x - deep - 0.5 * size[0]
    return way > need, way, need
