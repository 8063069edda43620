"""Actions of one entity in the words of our schema."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.errors import InputError, UnsupportedError

from ..opendrive import places
from . import actions as given
from .entities import Entity
from .positions import Trajectory, TrajectoryPosition
from .setting import Pose, Setting, centre_of, problem_at
from .triggers import FRAMES, Triggers
from .words import Words

_SPANS = {"time": "time", "rate": "rate", "distance": "over"}
SIDES = {"leadingReferencedEntity": "ahead", "trailingReferencedEntity": "behind"}
"""Where the actor is, seen from the other one."""


@dataclass(frozen=True, slots=True)
class Deeds:
    """Translates the actions of entities.

    Attributes:
        setting: who is where. triggers: knows our names.
    """

    setting: Setting
    triggers: Triggers

    def words(self, action: given.Action, entity: Entity, place: str) -> Words | None:
        """What an action does; None: nothing that moves anybody.

        Raises:
            InputError, UnsupportedError: with the place.
        """
        match action:
            case given.NoEffect() | given.SetVariable():
                return None
            case given.Speed():
                return {"speed": self.speed(action, place)}
            case given.KeepDistance():
                return {"gap": self._gap(action, entity, place)}
            case given.LaneChange():
                return {"lane_change": self._lane_change(action, place)}
            case given.LaneOffset():
                return {"offset": self._offset(action, place)}
            case given.FollowTrajectory():
                return {"follow": self.follow(action, entity, place)}
            case given.Synchronize():
                return {"meet": self._meet(action, entity, place)}
            case given.Delete():
                return {"vanish": True}
            case _:
                kind = type(action).__name__
                raise UnsupportedError(f"{place}: {kind} of '{entity.name[:80]}' is not supported")

    def speed(self, action: given.Speed, place: str) -> Words:
        """A change of speed."""
        words = {**_transition(action.dynamics), "to": action.value}
        if action.entity is not None:
            words["of"] = self.triggers.name(action.entity, place)
            words |= {"times": True} if action.factor else {}
            words |= {"continuous": True} if action.continuous else {}
        return words

    def _gap(self, action: given.KeepDistance, entity: Entity, place: str) -> Words:
        if action.system not in FRAMES:
            raise UnsupportedError(f"{place}: coordinateSystem '{action.system}'; valid: "
                                   f"{', '.join(FRAMES)}")  # fmt: skip
        if action.displacement not in SIDES:
            raise UnsupportedError(f"{place}: displacement '{action.displacement}'; valid: "
                                   f"{', '.join(SIDES)}")  # fmt: skip
        words: Words = {"of": self.triggers.name(action.entity, place)}
        words["side"] = SIDES[action.displacement]
        if action.distance is not None:
            words["distance"] = action.distance
        else:
            words["time"] = action.time_gap
        words |= {"free": action.freespace, "continuous": action.continuous}
        words["frame"] = FRAMES[action.system]
        if not action.freespace:
            words["behind"] = self.triggers.behind(entity.name, action.entity, place)
        limits = action.limits
        if limits is not None:
            pairs = (("max_accel", limits.acceleration), ("max_brake", limits.deceleration),
                     ("max_speed", limits.speed))  # fmt: skip
            words |= {name: value for name, value in pairs if value is not None}
        return words

    def _lane_change(self, action: given.LaneChange, place: str) -> Words:
        """Which lane it is turns out when it begins; one that is nowhere is refused now."""
        words = _transition(action.dynamics)
        if action.offset:
            words["offset"] = action.offset
        sections = self.setting.roads.driving.values()
        if action.entity is not None:
            beside = [places.relative_lane(lane, action.lane) in lanes
                      for lanes in sections for lane in lanes]  # fmt: skip
            if not any(beside):
                sentence = f"no road has two driving lanes {abs(action.lane)} apart"
                raise InputError(f"{place}: {sentence}")
            return words | {"up": action.lane, "of": self.triggers.name(action.entity, place)}
        numbers = set[int]().union(*sections)
        if action.lane not in numbers:
            valid = ", ".join(str(number) for number in sorted(numbers))
            sentence = f"no road has a driving lane {action.lane}; valid: {valid}"
            raise InputError(f"{place}: {sentence}")
        return words | {"number": action.lane}

    def _offset(self, action: given.LaneOffset, place: str) -> Words:
        words: Words = {"to": action.offset, "shape": action.shape}
        if action.entity is not None:
            if action.continuous:
                raise UnsupportedError(f"{place}: an offset from another that goes on for ever")
            words["of"] = self.triggers.name(action.entity, place)
        if action.shape == "step":
            return words
        if action.max_acceleration is None:
            raise UnsupportedError(f"{place}: a lane offset without maxLateralAcc")
        return words | {"max_accel": action.max_acceleration}

    def follow(self, action: given.FollowTrajectory, entity: Entity, place: str) -> Words:
        """A trajectory; points are those of the box's centre."""
        line, times = self.setting.line(action.trajectory, problem_at(place))
        points = centres(line, entity)
        words: Words = {"points": points}
        if action.timed:
            if times is None:
                raise InputError(f"{place}: the trajectory has no times")
            if not action.relative_time:
                raise UnsupportedError(f"{place}: absolute times; valid: relative")
            stamps = times * action.scale + action.shift
            if stamps[0] < 0.0:
                sentence = f"the trajectory begins {-stamps[0]:g} s before its action"
                raise UnsupportedError(f"{place}: {sentence}; valid: times from 0 s on")
            words["points"] = [[t, *xy] for t, xy in zip(stamps.tolist(), points, strict=True)]
        if action.start:
            words["from_s"] = action.start
        return words

    def first_pose(self, trajectory: Trajectory, offset: float, place: str) -> Pose:
        """Where a trajectory begins, that far along it [m]."""
        here = TrajectoryPosition(trajectory, offset, 0.0, None)
        return self.setting.pose(here, problem_at(place))

    def _meet(self, action: given.Synchronize, entity: Entity, place: str) -> Words:
        master = self.setting.entities[action.master]
        words: Words = {"of": self.triggers.name(action.master, place)}
        leading = centre_of(self.setting.pose(action.master_target, problem_at(place)), master)
        words["there"] = {"position": [leading.x, leading.y]}
        if isinstance(action.target, TrajectoryPosition):
            words["here_s"] = max(action.target.s, 0.0)
        else:
            own = centre_of(self.setting.pose(action.target, problem_at(place)), entity)
            words["here"] = {"position": [own.x, own.y]}
        if action.final_speed is not None:
            if action.relative:
                raise UnsupportedError(f"{place}: a final speed relative to the master's")
            words["speed"] = action.final_speed
            steady = action.steady_distance or 0.0
            if action.steady_time is not None:
                steady = action.steady_time * action.final_speed
            words["steady"] = max(steady, 0.0)
        return words


def centres(line: NDArray[np.float64], entity: Entity) -> list[list[float]]:
    """The line (P, 2) of the box's centre for that of its reference point [m]."""
    out = []
    for number, (x, y) in enumerate(line.tolist()):
        a, b = line[max(number - 1, 0)], line[min(number + 1, len(line) - 1)]
        heading = math.atan2(b[1] - a[1], b[0] - a[0])
        centre = centre_of(Pose(x, y, heading), entity)
        out.append([centre.x, centre.y])
    return out


def _transition(dynamics: given.Dynamics) -> Words:
    """Shape and span; whatever takes no time or way is a step."""
    instant = dynamics.dimension != "rate" and dynamics.value <= 0.0
    if dynamics.shape == "step" or instant:
        return {"shape": "step"}
    return {"shape": dynamics.shape, _SPANS[dynamics.dimension]: abs(dynamics.value)}
