"""Whether the route needs a lane change, to which side, and in how much of a hurry, compiled."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from drivestack.core.compiled import kernel
from drivestack.core.tables import Row
from drivestack.roads.lanes import local_coordinates
from drivestack.roads.links import steps_to

from .road import Body, Road


@dataclass(frozen=True, slots=True)
class Hurry:
    """When a needed lane change becomes urgent, by the time that is left for each of them.

    Attributes:
        calm: [s] with more than this there is none: a change of 3 s, as the router plans it, and as
        long to find a gap. least: [s] with less than this it is as urgent as can be: the change
        alone. slowest: speed [m/s] at which time is reckoned at least; our choice: at walking pace
        there would always be time, until the lane's end. pinch: with fewer metres than this a
        change is missed, and going on as good; the router's `LaneChange` has the same.
    """

    calm: float = 6.0
    least: float = 3.0
    slowest: float = 5.0
    pinch: float = 10.0


class Due(NamedTuple):
    """Lane changes that are needed.

    side: of the next one, 1 left, -1 right, 0 none. urgency: of that one, from 0 to 1.
    missed: there is no room for it. left, here, right: how many there are, times their urgency,
    from the lane beside and the present one; where there is no lane beside as many as here.
    """

    side: int
    urgency: float
    missed: bool
    left: float
    here: float
    right: float


@kernel
def due_change(road: Road, here: int, body: Body, hurry: Row) -> Due:
    """What the route needs from lane `here` on (-1: none, nothing is due).

    Every later change counts: to make three of them in 100 m one has 33 m for each.
    """
    first = _first_on(road, here)
    if first < 0:
        return Due(0, 0.0, False, 0.0, 0.0, 0.0)
    s, _ = local_coordinates(road.map.lanes[here], road.map.points, body.state[0], body.state[1])
    speed = max(body.state[3], hurry.slowest)
    side, count, pace = _changes(road, here, first, s, 0)
    urgency = _urgency(pace / speed, hurry)
    left, right = count * urgency, count * urgency
    if road.links.left[here] >= 0:
        left = _beside(road, int(road.links.left[here]), here, first, s, -side, speed, hurry)
    if road.links.right[here] >= 0:
        right = _beside(road, int(road.links.right[here]), here, first, s, side, speed, hurry)
    return Due(side, urgency, pace < hurry.pinch, left, count * urgency, right)


@kernel
def _urgency(left: float, hurry: Row) -> float:
    """Of a lane change that so many seconds are left for."""
    return min(max((hurry.calm - left) / (hurry.calm - hurry.least), 0.0), 1.0)


@kernel
def _changes(road: Road, here: int, first: int, s: float, more: int) -> tuple[int, int, float]:
    """Side of the next change, how many there are and `more`, metres for each of the tightest."""
    lane, i = here, first
    begin = -s  # of the lane, along the way from the ego [m]
    side, count, pace = 0, more, math.inf
    while i < road.sequence.shape[0] and road.valid[i]:
        ahead = int(road.sequence[i])
        steps = steps_to(road.links, lane, ahead) if ahead != lane else 0
        if steps != 0:
            count += abs(steps)
            if side == 0:
                side = 1 if steps > 0 else -1
            if count > 0:
                pace = min(pace, (begin + _leave_by(road, lane, -begin)) / count)
        elif ahead != lane:
            begin += road.map.lanes[lane].length
        lane = ahead
        i += 1
    return side, max(count, 0), pace


@kernel
def _beside(
    road: Road, lane: int, here: int, first: int, s: float, more: int, speed: float, hurry: Row
) -> float:
    """Changes times urgency from a lane beside, to which it takes one change `more` or less.

    Where none is due from the present lane, the corridor says whether one would be from there.
    """
    if more != 0:
        _, count, pace = _changes(road, here, first, s, more)
        return count * _urgency(pace / speed, hurry)
    w = _stretch_ahead(road, lane, s)
    if w < 0 or road.through[w]:
        return 0.0
    return _urgency((road.leave_by[w] - s) / speed, hurry)


@kernel
def _first_on(road: Road, here: int) -> int:
    """Where the route passes a lane, else where it first passes its road; -1: nowhere."""
    first = -1
    for i in range(road.sequence.shape[0]):
        if here < 0 or not road.valid[i]:
            break
        if road.sequence[i] == here:
            return i
        same = road.map.lanes[road.sequence[i]].road == road.map.lanes[here].road
        if first < 0 and same:
            first = i
    return first


@kernel
def _leave_by(road: Road, lane: int, s: float) -> float:
    """Until where the ego may be on a lane that it has to leave [m]; its end where nobody says."""
    w = _stretch_ahead(road, lane, s)
    return road.leave_by[w] if w >= 0 else float(road.map.lanes[lane].length)


@kernel
def _stretch_ahead(road: Road, lane: int, s: float) -> int:
    """The corridor's row for a lane of which s [m] has not passed the end; -1: none."""
    for w in range(road.stretch.shape[0]):
        if road.stretch_valid[w] and road.stretch[w] == lane and road.leave_by[w] > s:
            return w
    return -1
