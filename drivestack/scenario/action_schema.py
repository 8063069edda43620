"""Schema of what scripted actors do: changes of speed, moves across the lane, trajectories."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from .cue_schema import Behind, BodyName, Spot, Wait, When
from .model import (
    LaneRef,
    Metres,
    Model,
    Name,
    Number,
    Radians,
    Seconds,
    Speed,
    Truth,
    fault,
    listed,
)

Positive = Annotated[Number, Field(gt=0, le=1e6)]
Rate = Annotated[Number, Field(ge=0, le=1e3)]
ShapeName = Literal["step", "linear", "sinusoidal", "cubic"]


class _Transition(Model):
    """How a value goes to its target: at once, or over a span given in exactly one way."""

    shape: ShapeName = "linear"
    time: Seconds | None = None
    """How long it takes [s]."""
    rate: Rate | None = None
    """Largest rate on the way; 0: it is never reached."""
    over: Positive | None = None
    """How far the actor moves meanwhile [m]."""

    def spans(self) -> dict[str, float | None]:
        """The ways to say how long it is."""
        return {"time": self.time, "rate": self.rate, "over": self.over}

    @model_validator(mode="after")
    def _has_one_span(self) -> _Transition:
        given = [name for name, value in self.spans().items() if value is not None]
        if self.shape == "step" and given:
            raise fault("a step takes no time", given[0])
        if self.shape != "step" and len(given) != 1:
            names = ", ".join(self.spans())
            raise fault(f"give exactly one of {names}, or shape: step", "shape")
        return self


class ToSpeed(_Transition):
    """Another speed; rates in m/s2."""

    to: Number = 0.0
    """[m/s]; with `of`: above that one's, or with `times` that many times of it."""
    of: BodyName | None = None
    times: Truth = False
    continuous: Truth = False
    """Follow the speed of `of` when it is reached."""

    @model_validator(mode="after")
    def _has_another(self) -> ToSpeed:
        for name in ("times", "continuous"):
            if getattr(self, name) and self.of is None:
                raise fault("needs of, the body whose speed counts", name)
        if self.of is None and not 0 <= self.to <= 150:
            raise fault(f"expected 0 to 150 m/s, got {self.to:g}", "to")
        return self


class Brake(Model):
    """Slow down at a constant rate."""

    rate: Positive
    """[m/s2]."""
    to: Speed = 0.0


ProfilePoint = tuple[Wait, Speed]
"""Seconds since the action began, m/s."""


class Gap(Model):
    """Keep a distance or a time gap to another body; within limits if given, else rigidly."""

    of: BodyName
    side: Literal["ahead", "behind"]
    """Where the actor is, seen from `of`."""
    distance: Annotated[Number, Field(ge=0, le=1e5)] | None = None
    """[m]."""
    time: Annotated[Number, Field(ge=0, le=1e3)] | None = None
    """At the speed of the one behind [s]."""
    free: Truth = True
    frame: Literal["body", "lane"] = "body"
    """Measured along the actor's heading or its lane."""
    behind: Behind = (0.0, 0.0)
    """With free: false, between points so far behind the centres of the actor and of `of` [m]."""
    max_accel: Positive | None = None
    max_brake: Positive | None = None
    max_speed: Positive | None = None
    continuous: Truth = True
    """False: it ends when the gap is reached; without limits that is at once."""

    @model_validator(mode="after")
    def _has_one_gap(self) -> Gap:
        if (self.distance is None) == (self.time is None):
            raise fault("give either distance or time", "distance")
        if self.free and "behind" in self.model_fields_set:
            raise fault("only with free: false, between points", "behind")
        return self


class Meet(Model):
    """Arrive at a place when another body arrives at another one."""

    of: BodyName = "ego"
    there: Spot
    """Where `of` arrives."""
    here: Spot | None = None
    """Where the actor arrives, on its lane or line."""
    here_s: Annotated[Number, Field(ge=0, le=1e6)] | None = None
    """Or how far along its trajectory [m]."""
    speed: Speed | None = None
    """With which it arrives; None: whatever comes of it."""
    steady: Annotated[Number, Field(ge=0, le=1e5)] = 0.0
    """Driven at that speed before arriving [m]."""

    @model_validator(mode="after")
    def _has_one_place(self) -> Meet:
        if (self.here is None) == (self.here_s is None):
            raise fault("give either here or here_s", "here")
        if self.steady > 0.0 and self.speed is None:
            raise fault("needs speed", "steady")
        return self


class _Across(_Transition):
    """A move across the lane; rates in m/s."""

    shape: ShapeName = "sinusoidal"
    max_accel: Positive | None = None
    """Largest lateral acceleration on the way [m/s2]; shapes sinusoidal and cubic."""

    def spans(self) -> dict[str, float | None]:
        """The ways to say how long it is."""
        return {
            "time": self.time,
            "rate": self.rate,
            "over": self.over,
            "max_accel": self.max_accel,
        }

    @model_validator(mode="after")
    def _is_smooth(self) -> _Across:
        if self.max_accel is not None and self.shape == "linear":
            raise fault("a linear move has no largest acceleration", "max_accel")
        return self


class ToOffset(_Across):
    """To an offset from the lane's centre, or from where another body is across it."""

    to: Metres
    """Positive to the left of the lane's direction [m]."""
    of: BodyName | None = None


class ToLane(_Across):
    """To another lane: by name, by number, or by steps from the actor's or another body's lane.

    Numbers are those of the road where the actor is when the change begins: OpenDRIVE's, or, on
    other maps, -1, -2, ... from the leftmost lane. A lane that is not there fails the episode.
    """

    to: LaneRef | None = None
    number: Annotated[int, Field(strict=True, ge=-100, le=100)] | None = None
    """The lane's number; never 0."""
    left: Annotated[int, Field(strict=True, ge=-20, le=20)] | None = None
    """Lanes to the left of travel; negative: to the right."""
    up: Annotated[int, Field(strict=True, ge=-100, le=100)] | None = None
    """Lanes towards growing numbers, 0 left out; where OpenDRIVE's s runs backwards, to the right
    of travel."""
    of: BodyName | None = None
    """`left` or `up` counts from this body's lane."""
    offset: Metres = 0.0
    """From the centre of the lane [m]."""

    @model_validator(mode="after")
    def _has_one_lane(self) -> ToLane:
        given = [name for name in ("to", "number", "left", "up") if getattr(self, name) is not None]
        if len(given) != 1:
            raise fault("give exactly one of to, number, left, up", "to")
        if self.number == 0:
            raise fault("0 is the middle of the road, no lane", "number")
        if self.of is not None and given[0] not in ("left", "up"):
            raise fault("needs left or up, the steps from that body's lane", "of")
        return self


Vertex = tuple[Metres, Metres] | tuple[Wait, Metres, Metres]
"""x, y [m], or t [s], x, y [m]."""


class Follow(Model):
    """Follow a trajectory: at the actor's own speed, or by its times."""

    points: Annotated[tuple[Vertex, ...], Field(min_length=2, max_length=100_000)]
    headings: tuple[Radians, ...] | None = None
    """One a point; None: along the line."""
    from_s: Annotated[Number, Field(ge=0, le=1e6)] = 0.0
    """Begin this far along it [m]."""

    @model_validator(mode="after")
    def _is_a_line(self) -> Follow:
        sizes = {len(point) for point in self.points}
        if len(sizes) != 1:
            raise fault("give all points as x, y, or all as t, x, y", "points")
        if self.headings is not None and len(self.headings) != len(self.points):
            raise fault(f"expected {len(self.points)} headings, one a point", "headings")
        for index in range(1, len(self.points)):
            before, point = self.points[index - 1], self.points[index]
            if point[-2:] == before[-2:] and len(point) == 2:
                raise fault("two equal points after each other", "points", index)
            if len(point) == 3 and point[0] <= before[0]:
                raise fault("times must grow", "points", index)
        return self


class Action(Model):
    """Exactly one deed."""

    speed: ToSpeed | None = None
    brake: Brake | None = None
    profile: Annotated[tuple[ProfilePoint, ...], Field(min_length=2, max_length=10_000)] | None = (
        None
    )
    """Speeds at times since the action began, linear between them."""
    gap: Gap | None = None
    meet: Meet | None = None
    offset: ToOffset | None = None
    lane_change: ToLane | None = None
    follow: Follow | None = None
    drive: Literal["idm"] | None = None
    """Hand the actor over to IDM and MOBIL."""
    vanish: Annotated[bool, Field(strict=True)] | None = None
    """Take the actor away."""

    @model_validator(mode="after")
    def _has_one_deed(self) -> Action:
        if sum(getattr(self, name) is not None for name in DEEDS) != 1:
            raise fault(f"give exactly one of {', '.join(DEEDS)}")
        if self.profile is not None:
            for index in range(1, len(self.profile)):
                if self.profile[index][0] <= self.profile[index - 1][0]:
                    raise fault("times must grow", "profile", index)
        return self

    @property
    def deed(self) -> str:
        """The key that is given."""
        return next(name for name in DEEDS if getattr(self, name) is not None)


DEEDS = (
    "speed", "brake", "profile", "gap", "meet", "offset", "lane_change", "follow", "drive",
    "vanish",
)  # fmt: skip
"""Keys of an action of which one is given."""


class Event(Model):
    """Actions that begin together, once."""

    name: Name | None = None
    """For `after`, and for the log."""
    when: When | None = None
    """None: at the start."""
    maneuver: Name | None = None
    """Events of one maneuver know each other, whoever acts in them."""
    part_of: Name | None = None
    """Events of a maneuver that are parts of the same one leave each other alone."""
    priority: Literal["parallel", "override", "skip"] = "parallel"
    """What it does about others of its maneuver that run: nothing, stop them, or wait."""
    do: Annotated[tuple[Action, ...], BeforeValidator(listed), Field(max_length=20)] = ()
    """Nothing: it only marks a moment that others wait for."""

    @model_validator(mode="after")
    def _knows_others(self) -> Event:
        for name in ("part_of", "priority"):
            if name in self.model_fields_set and self.maneuver is None:
                raise fault("needs maneuver, whose events know each other", name)
        return self
