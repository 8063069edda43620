"""Contacts: nuPlan's fault classes, delta-v, and the NC of nuPlan and NAVSIM.

Source: nuplan-devkit `no_ego_at_fault_collisions.py`.

Class in this order: the ego stands: not at fault. The other stands: at fault. The other's centre is
behind (bearing above 150 degrees from the rear axle): not at fault. The ego's front edge is in the
other: at fault. Else it is lateral: at fault only where the ego's corners are not all in one lane
or its direct continuation. A road user counts once, at its first contact.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from drivestack.core.geometry import bearing, boxes_overlap
from drivestack.core.tables import Kind
from drivestack.core.types import Bools, Floats

from .drive import Drive, first_contacts

STANDING = 0.05
"""Speed [m/s] up to which a road user stands; nuPlan."""

BEHIND = math.radians(150.0)
"""Bearing from the rear axle above which the other is behind; nuPlan."""

OBJECTS = (Kind.OBSTACLE, Kind.ANIMAL)
"""nuPlan's generic objects include animals."""

OBJECTS_ALLOWED = 1
"""At-fault contacts with objects that leave half a score; none are allowed with anyone else."""


class Fault(StrEnum):
    """nuPlan's collision classes."""

    STOPPED_EGO = "stopped_ego"
    STOPPED_TRACK = "stopped_track"
    REAR = "rear"
    FRONT = "front"
    LATERAL = "lateral"


@dataclass(frozen=True, slots=True)
class Collision:
    """The first contact with one road user.

    Attributes:
        tick: row of the drive. other: column of the drive. kind: what it is. fault: the class.
        at_fault: the ego's fault. delta_v: the ego's change of speed for equal masses [m/s].
    """

    tick: int
    other: int
    kind: Kind
    fault: Fault
    at_fault: bool
    delta_v: float


def collisions(drive: Drive, straddles: Bools) -> list[Collision]:
    """First contacts in order of time.

    Args:
        drive: the ego and all others. straddles: (T,) the corners are not all in one lane or its
            direct continuation; only read at lateral contacts.
    """
    first = first_contacts(drive)
    touched = np.flatnonzero(first >= 0)
    found = []
    for n in touched[np.argsort(first[touched], kind="stable")].tolist():
        t = int(first[n])
        fault = fault_of(drive, t, n)
        guilty = fault in (Fault.STOPPED_TRACK, Fault.FRONT) or (
            fault is Fault.LATERAL and bool(straddles[t])
        )
        change = delta_v(drive.ego[t], drive.others[t, n])
        found.append(Collision(t, n, Kind(int(drive.kind[n])), fault, guilty, change))
    return found


def answered_for(
    ego: Sequence[float], rear: float, other: tuple[float, float, float] | None
) -> bool:
    """Whether a moving ego has to answer for a contact, wherever its lane is: it was not struck
    from behind by somebody who moves.

    Args:
        ego: x, y, yaw, v. rear: distance of its rear axle from its middle [m]. other: x, y, v; None
        where it is not known who it was.
    """
    x, y, yaw, v = ego
    if abs(v) <= STANDING:
        return False
    if other is None or abs(other[2]) <= STANDING:
        return True
    c, s = math.cos(yaw), math.sin(yaw)
    return float(bearing(x, y, c, s, rear, other[0], other[1])) <= BEHIND


def fault_of(drive: Drive, tick: int, other: int) -> Fault:
    """The class of a contact."""
    ego, struck = drive.ego[tick], drive.others[tick, other]
    if abs(ego[3]) <= STANDING:
        return Fault.STOPPED_EGO
    if abs(struck[3]) <= STANDING or drive.kind[other] == Kind.OBSTACLE:
        return Fault.STOPPED_TRACK
    c, s = math.cos(ego[2]), math.sin(ego[2])
    if bearing(ego[0], ego[1], c, s, float(drive.rear[0]), struck[0], struck[1]) > BEHIND:
        return Fault.REAR
    touches = _front_touches(ego, drive.size, struck, drive.boxes[tick, other])
    return Fault.FRONT if touches else Fault.LATERAL


def delta_v(ego: Floats, other: Floats) -> float:
    """Change of the ego's speed [m/s] at equal masses: half the relative velocity of two states."""
    along = ego[3] * math.cos(ego[2]) - other[3] * math.cos(other[2])
    across = ego[3] * math.sin(ego[2]) - other[3] * math.sin(other[2])
    return 0.5 * math.hypot(along, across)


def no_at_fault_collision(found: Sequence[Collision]) -> float:
    """NC in {0, 0.5, 1}: the product over vulnerable road users, vehicles and objects."""
    guilty = [collision.kind for collision in found if collision.at_fault]
    objects = sum(kind in OBJECTS for kind in guilty)
    if len(guilty) > objects:
        return 0.0
    return max(0.0, 1.0 - objects / (OBJECTS_ALLOWED + 1))


def navsim_no_at_fault_collision(found: Sequence[Collision]) -> float:
    """NAVSIM's NC: 0 for a road user, 0.5 for objects; overlaps at the start are ignored."""
    guilty = [hit.kind in OBJECTS for hit in found if hit.at_fault and hit.tick > 0]
    return 0.0 if not all(guilty) else (0.5 if guilty else 1.0)


def _front_touches(ego: Floats, size: Floats, other: Floats, box: Floats) -> bool:
    """Whether the ego's front edge, a box of no length, has a point in common with the other."""
    half = float(size[0]) / 2
    x, y = ego[0] + half * math.cos(ego[2]), ego[1] + half * math.sin(ego[2])
    width = float(size[1])
    return bool(
        boxes_overlap(x, y, ego[2], 0.0, width, other[0], other[1], other[2], box[0], box[1])
    )
