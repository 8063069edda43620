"""Fault for a contact, by nuPlan's classes (`no_ego_at_fault_collisions`).

In this order: the ego stands: not at fault. The other stands: at fault. The other's centre is
behind (bearing above 150 degrees from the rear axle): not at fault. The ego's front edge is in the
other: at fault. Else it is lateral: at fault only where the ego's corners are not all in one lane
or its direct continuation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from drivestack.core.episode import Episode
from drivestack.core.geometry import boxes_overlap, corners
from drivestack.core.map import Map
from drivestack.core.tables import Kind, Row
from drivestack.core.types import Floats
from drivestack.roads.lanes import local_coordinates, width_at

STANDING = 0.05
"""Speed [m/s] up to which a road user stands; nuPlan."""

BEHIND = math.radians(150.0)
"""Bearing from the rear axle above which the other is behind; nuPlan."""


class Fault(StrEnum):
    """nuPlan's collision classes."""

    NONE = "none"
    STOPPED_EGO = "stopped_ego"
    STOPPED_TRACK = "stopped_track"
    REAR = "rear"
    FRONT = "front"
    LATERAL = "lateral"


@dataclass(frozen=True, slots=True)
class AtFault:
    """`at_fault`: 1 if the ego is at fault for the first contact."""

    def measure(self, episode: Episode) -> dict[str, float]:
        """The flag of one episode."""
        kind = classified(episode)
        guilty = kind in (Fault.STOPPED_TRACK, Fault.FRONT) or (
            kind is Fault.LATERAL and _straddles(episode)
        )
        return {"at_fault": float(guilty)}


def classified(episode: Episode) -> Fault:
    """The class of the first contact."""
    touching = np.flatnonzero(episode.ego["contact"])
    if len(touching) == 0:
        return Fault.NONE
    ego = episode.ego[touching[0]]
    same = (episode.agents["tick"] == ego["tick"]) & (episode.agents["id"] == ego["contact_with"])
    if not same.any():
        return Fault.NONE
    other = episode.agents[same][0]
    if abs(ego["v"]) <= STANDING:
        return Fault.STOPPED_EGO
    if abs(other["v"]) <= STANDING or other["kind"] == Kind.OBSTACLE:
        return Fault.STOPPED_TRACK
    if _bearing(ego, other, float(episode.size[0])) > BEHIND:
        return Fault.REAR
    return Fault.FRONT if _front_touches(ego, other, episode.size) else Fault.LATERAL


def _bearing(ego: Row, other: Row, length: float) -> float:
    """Angle [rad] of the other's centre seen from the ego's rear axle, in [0, pi].

    highway-env's bicycle has its axles at the ends of the body.
    """
    c, s = math.cos(ego["yaw"]), math.sin(ego["yaw"])
    dx = other["x"] - (ego["x"] - length / 2 * c)
    dy = other["y"] - (ego["y"] - length / 2 * s)
    return abs(math.atan2(dy * c - dx * s, dx * c + dy * s))


def _front_touches(ego: Row, other: Row, size: Floats) -> bool:
    """Whether the ego's front edge, a box of no length, has a point in common with the other."""
    half = float(size[0]) / 2
    x = ego["x"] + half * math.cos(ego["yaw"])
    y = ego["y"] + half * math.sin(ego["yaw"])
    return bool(
        boxes_overlap(
            x,
            y,
            ego["yaw"],
            0.0,
            float(size[1]),
            other["x"],
            other["y"],
            other["yaw"],
            other["length"],
            other["width"],
        )
    )


def _straddles(episode: Episode) -> bool:
    """Whether the ego's corners are not all in one lane or its direct continuation."""
    ego = episode.ego[np.flatnonzero(episode.ego["contact"])[0]]
    pose = np.array([ego["x"], ego["y"], ego["yaw"]])
    points = corners(pose, episode.size)
    map = episode.map
    holding = [_lanes_holding(map, float(x), float(y)) for x, y in points]
    for lane in range(len(map.lanes)):
        allowed = {lane} | _next_lanes(map, lane)
        if all(allowed & lanes for lanes in holding):
            return False
    return True


def _lanes_holding(map: Map, x: float, y: float) -> set[int]:
    """Lanes that a point is in."""
    found = set()
    for number, lane in enumerate(map.lanes):
        s, lateral = local_coordinates(lane, map.points, x, y)
        inside = 0.0 <= s <= lane["length"]
        if inside and abs(lateral) <= width_at(lane, map.points, s) / 2:
            found.add(number)
    return found


def _next_lanes(map: Map, lane: int) -> set[int]:
    """Lanes of the roads that follow a lane's road."""
    road = map.roads[map.lanes[lane]["road"]]
    found: set[int] = set()
    for number in map.successors[road["next_at"] : road["next_at"] + road["next_n"]]:
        ahead = map.roads[number]
        found |= set(range(int(ahead["lane_at"]), int(ahead["lane_at"] + ahead["lane_n"])))
    return found
