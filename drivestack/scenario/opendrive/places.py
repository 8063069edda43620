"""Places on OpenDRIVE roads as OpenSCENARIO names them, in the plane and back.

What is followed: the standard's class pages, and esmini where these leave a choice.

- s runs along the reference line, t to its left; a lane's offset is added along +t, whatever the
  lane's direction of travel (OpenSCENARIO 1.3, LanePosition; esmini does the same).
- Heading without an orientation, or with a relative one: of a LanePosition and RelativeLanePosition
  the lane's direction of travel, of a RoadPosition and RelativeRoadPosition that of s (esmini's
  user guide, 'Heading behavior in Road vs Lane Position'; the standard calls both the s-axis and
  leaves the lanes' open). It is the reference line's heading, also where a lane narrows.
- ``dLane`` counts lane numbers and leaves out 0; ``ds`` goes along the reference line, towards
  higher s, also for lanes that run against it (the standard's procedure, step 1; esmini looks at
  the lane's direction, its issue 253). Beyond the road's end it goes on over the lane's link.
- t is measured from the reference line, not from lane 0 (OpenDRIVE; esmini's issue 234 differs).
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from .joins import LaneKey
from .pieces import Piece
from .road import Road
from .roads import OpenDriveRoads

_BEYOND = 1e-3
"""How far s may lie beyond a road's end [m], for rounding."""

MOST_LINKS = 1_000
"""Roads that one displacement may cross; every link adds a road's length."""


class NoSuchPlaceError(ValueError):
    """A road, lane or s that is not there; the message is a clause, the caller adds the place."""


class RoadPlace(NamedTuple):
    """A place on a road: its id, s and t [m], and the lane there; 0: on none."""

    road: str
    s: float
    t: float
    lane: int


class PlanePose(NamedTuple):
    """x, y [m] and heading [rad]."""

    x: float
    y: float
    heading: float


def wrapped_heading(angle: float) -> float:
    """An angle wrapped to [-pi, pi) [rad], as `core.frames.wrap_to_pi` does it bit for bit: files
    are checked before compiled code is loaded."""
    return (angle + math.pi) % (2.0 * math.pi) - math.pi


def road_pose(roads: OpenDriveRoads, road: str, s: float, t: float) -> PlanePose:
    """(road, s, t) in the plane; the heading is that of s."""
    found = _road(roads, road)
    return PlanePose(*found.line.pose(_checked_s(found, s), t))


def lane_pose(
    roads: OpenDriveRoads, road: str, lane: int, s: float, offset: float = 0.0
) -> PlanePose:
    """(road, lane, s, offset) in the plane; the heading is the lane's direction of travel.

    Args:
        lane: any lane of the road, also one without motor traffic; 0 is the reference line.
        offset: from the lane's centre [m], along +t.
    """
    found = _road(roads, road)
    s = _checked_s(found, s)
    x, y, heading = found.line.pose(s, lane_t(roads, road, lane, s) + offset)
    along = lane == 0 or found.runs_along(lane)
    return PlanePose(x, y, heading if along else wrapped_heading(heading + math.pi))


def lane_t(roads: OpenDriveRoads, road: str, lane: int, s: float) -> float:
    """t [m] of a lane's centre at s."""
    found = _road(roads, road)
    if lane == 0:
        return float(found.offset.at(np.array([s]))[0])
    number = found.section_at(s)
    if lane not in found.sections[number].lanes:
        valid = ", ".join(str(k) for k in sorted(found.sections[number].lanes))
        raise NoSuchPlaceError(f"road '{road}' has no lane {lane} at s = {s:g} m; valid: {valid}")
    inner, outer = found.edges(number, lane, np.array([s]))
    return 0.5 * float(inner[0] + outer[0])


def locate(roads: OpenDriveRoads, x: float, y: float, heading: float | None = None) -> RoadPlace:
    """The place of a point [m]: on the road whose lanes hold it, else on the nearest road.

    Args:
        heading: [rad]; where several roads hold the point (in junctions), the one whose direction
            there, or its opposite, is nearest to it is taken.
    """
    best, chosen = math.inf, None
    for road in _near(roads, x, y):
        s, t = road.line.project(x, y)
        px, py, direction = road.line.pose(s, t)
        lane, outside = _lane_at(road, s, t)
        cost = outside + 10.0 * math.hypot(x - px, y - py)
        if heading is not None:
            cost += 1e-3 * abs(math.sin(heading - direction))
        if cost < best:
            best, chosen = cost, RoadPlace(road.id, s, t, lane)
    assert chosen is not None
    return chosen


def _near(roads: OpenDriveRoads, x: float, y: float) -> list[Road]:
    """The roads whose lanes can hold a point, or the one with the nearest probe."""
    every = list(roads.roads.values())
    away = [road.line.distance_at_least(x, y) for road in every]
    near = [road for road, apart in zip(every, away, strict=True) if apart <= road.reach()]
    return near or [every[int(np.argmin(away))]]


def relative_lane(lane: int, by: int) -> int:
    """The number `by` lanes further along +t; 0 is left out."""
    moved = lane + by
    if lane == 0 or by == 0:
        return moved
    return moved + (1 if by > 0 else -1) if moved == 0 or (moved > 0) != (lane > 0) else moved


def advanced(
    roads: OpenDriveRoads,
    road: str,
    lane: int,
    s: float,
    ds: float,
    towards: Collection[str] = (),
) -> tuple[str, int, float]:
    """Road, lane and s after going ds [m] along s, over links of the lane where the road ends.

    Where the road that follows runs the other way, its s is gone down. At a fork the first lane
    in the file's order is taken that lies on one of the roads `towards` or leads straight to one,
    else the first of all. Without a link the road is prolonged: s lies beyond it.
    """
    target, rising = s + ds, ds >= 0.0
    for _ in range(MOST_LINKS):
        current = _road(roads, road)
        lane = _carried(roads, current, lane, current.section_at(s), current.section_at(target))
        at_end = target > current.length
        if 0.0 <= target <= current.length or at_end != rising:
            break
        joined = roads.joins.get((LaneKey(road, current.end_section(at_end), lane), at_end), ())
        if not joined:
            break
        rest = target - current.length if at_end else -target
        key, high = next((end for end in joined if _leads(roads, end, towards)), joined[0])
        road, lane, rising = key.road, key.lane, not high
        length = _road(roads, road).length
        s, target = (length, length - rest) if high else (0.0, rest)
    return road, lane, target


def _leads(roads: OpenDriveRoads, end: tuple[LaneKey, bool], towards: Collection[str]) -> bool:
    """Whether a lane entered at this end lies on one of these roads, or is joined to one ahead."""
    key, high = end
    ahead = key._replace(section=_road(roads, key.road).end_section(not high))
    joined = roads.joins.get((ahead, not high), ())
    return key.road in towards or any(other.road in towards for other, _ in joined)


def _carried(roads: OpenDriveRoads, road: Road, lane: int, now: int, to: int) -> int:
    """The lane's number in another section of its road, by its links; its own without any."""
    step = 1 if to > now else -1
    for number in range(now, to, step):
        joined = roads.joins.get((LaneKey(road.id, number, lane), step > 0), ())
        inside = [key for key, _ in joined if key.road == road.id]
        lane = inside[0].lane if inside else lane
    return lane


def map_lane(roads: OpenDriveRoads, road: str, lane: int, s: float) -> Piece | None:
    """The lane of the map for a lane at s, or None where it carries no motor traffic."""
    found = _road(roads, road)
    pieces = roads.pieces_of.get(LaneKey(road, found.section_at(s), lane), ())
    return next((piece for piece in pieces if s <= piece.high + _BEYOND), None)


def _road(roads: OpenDriveRoads, road: str) -> Road:
    if road not in roads.roads:
        listed = sorted(roads.roads)
        more = ", ..." if len(listed) > 10 else ""
        raise NoSuchPlaceError(f"no road '{road}'; valid: {', '.join(listed[:10])}{more}")
    return roads.roads[road]


def _checked_s(road: Road, s: float) -> float:
    if not -_BEYOND <= s <= road.length + _BEYOND:
        sentence = f"s = {s:g} m is not on road '{road.id}', which is {road.length:g} m long"
        raise NoSuchPlaceError(sentence)
    return s


def _lane_at(road: Road, s: float, t: float) -> tuple[int, float]:
    """The lane that holds t at s and 0, else 0 and how far t lies outside all lanes [m]."""
    number = road.section_at(s)
    outside = math.inf
    for lane in road.sections[number].lanes:
        inner, outer = road.edges(number, lane, np.array([s]))
        low, high = sorted((float(inner[0]), float(outer[0])))
        if low <= t <= high and high > low:
            return lane, 0.0
        outside = min(outside, max(low - t, t - high))
    return 0, outside
