"""First actions: where everybody is, how fast, and what begins at once."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from drivestack.core.errors import InputError, UnsupportedError, nearest

from . import actions as given
from .deeds import SIDES, Deeds
from .entities import Entity
from .setting import Pose, centre_of, problem_at
from .storyboard import InitAction
from .words import Words


@dataclass(slots=True)
class Part:
    """One entity's part.

    Attributes:
        entity: who. pose: of the reference point at the start. speed: there [m/s]. events: words of
        our schema, in order. goal: where the ego is to get to [m].
    """

    entity: Entity
    pose: Pose | None = None
    speed: float = 0.0
    events: list[Words] = field(default_factory=list)
    goal: tuple[float, float] | None = None


def open_with(found: Iterable[InitAction], parts: dict[str, Part], deeds: Deeds, ego: str) -> None:
    """Fill the parts from the first actions, in the order of the file.

    Raises:
        InputError, UnsupportedError: with the place.
    """
    for first in found:
        if first.entity is None:
            if not isinstance(first.action, given.NoEffect):
                raise UnsupportedError(f"{first.place}: a global action before the start")
            continue
        if first.entity not in parts:
            raise _unknown(first.entity, parts, first.place)
        _begin(first, parts[first.entity], parts, deeds, first.entity == ego)


def _begin(
    first: InitAction, part: Part, parts: dict[str, Part], deeds: Deeds, is_ego: bool
) -> None:
    action, place = first.action, first.place
    match action:
        case given.Teleport():
            _stand(part, deeds, deeds.setting.pose(action.position, problem_at(place)))
        case given.Speed() if action.dynamics.shape == "step" and not action.continuous:
            part.speed = _first_speed(action, parts, place)
        case given.KeepDistance() if not action.continuous and action.limits is None:
            _stand(part, deeds, _at_gap(action, part, parts, deeds, place))
        case given.AssignRoute():
            pose = deeds.setting.pose(action.route.waypoints[-1], problem_at(place))
            part.goal = (pose.x, pose.y) if is_ego else None
        case given.FollowTrajectory():
            if part.pose is None:
                _stand(part, deeds, deeds.first_pose(action.trajectory, action.start, place))
            words = deeds.follow(action, part.entity, place)
            if is_ego:
                x, y = words["points"][-1][-2:]
                part.goal = (x, y)
            else:
                part.events.append({"do": [{"follow": words}]})
        case _:
            words = deeds.words(action, part.entity, place)
            if words is not None and is_ego:
                raise UnsupportedError(f"{place}: the ego is driven by the stack")
            if words is not None:
                part.events.append({"do": [words]})


def _stand(part: Part, deeds: Deeds, pose: Pose) -> None:
    part.pose = pose
    deeds.setting.poses[part.entity.name] = pose


def _at_gap(
    action: given.KeepDistance, part: Part, parts: dict[str, Part], deeds: Deeds, place: str
) -> Pose:
    """A gap that is put right at once, measured along the other one's heading."""
    if action.displacement not in SIDES:
        raise UnsupportedError(f"{place}: displacement '{action.displacement}'")
    if action.entity not in parts:
        raise InputError(
            f"{place}: no entity '{action.entity[:80]}'; {nearest(action.entity, parts)}"
        )
    other, ahead = parts[action.entity], SIDES[action.displacement] == "ahead"
    own, base = deeds.setting.of(part.entity.name, problem_at(place)), other.pose
    if base is None:
        raise InputError(f"{place}: entity '{action.entity[:80]}' has no place yet")
    behind = other if ahead else part
    wanted = action.distance
    if wanted is None:
        wanted = (action.time_gap or 0.0) * behind.speed
    mine, theirs = own, base
    if action.freespace:
        mine, theirs = centre_of(own, part.entity), centre_of(base, other.entity)
    c, n = math.cos(base.heading), math.sin(base.heading)
    gap = (mine.x - theirs.x) * c + (mine.y - theirs.y) * n
    gap = gap if ahead else -gap
    if action.freespace:
        gap -= (part.entity.length + other.entity.length) / 2.0
    return deeds.setting.moved_along(
        own, (wanted - gap) * (1.0 if ahead else -1.0), problem_at(place)
    )


def _first_speed(action: given.Speed, parts: dict[str, Part], place: str) -> float:
    """A speed at the start; one relative to another's counts from that one's."""
    if action.entity is None:
        return max(action.value, 0.0)
    if action.entity not in parts:
        raise InputError(
            f"{place}: no entity '{action.entity[:80]}'; {nearest(action.entity, parts)}"
        )
    other = parts[action.entity].speed
    return max(action.value * other if action.factor else action.value + other, 0.0)


def _unknown(entity: str, parts: dict[str, Part], place: str) -> InputError:
    return InputError(f"{place}: no entity '{entity[:80]}'; {nearest(entity, parts)}")
