"""Schema of when something happens: conditions, their groups, edges and delays."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from .model import (
    LaneRef,
    Length,
    Metres,
    Model,
    Name,
    Number,
    Point,
    Seconds,
    Truth,
    fault,
    listed,
)

BodyName = Annotated[str, Field(min_length=1, max_length=100)]
"""`ego`, or the name of an actor."""

Wait = Annotated[Number, Field(ge=0, le=86_400)]
"""A time that may be 0 [s]."""


Behind = tuple[Metres, Metres]
"""Of two bodies, each [m]."""


class _Bounded(Model):
    """A measure and the one bound that it is compared with."""

    above: Number | None = None
    below: Number | None = None
    at_least: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _has_one_bound(self) -> _Bounded:
        bounds = ("above", "below", "at_least", "at_most")
        if sum(getattr(self, name) is not None for name in bounds) != 1:
            raise fault("give exactly one of above, below, at_least, at_most", "above")
        return self


class OfOne(_Bounded):
    """Of one body."""

    of: BodyName = "ego"


class OfTwo(_Bounded):
    """Between two bodies; `to` is the actor itself unless said otherwise."""

    of: BodyName = "ego"
    to: BodyName | None = None


class Apart(OfTwo):
    """A distance between two bodies."""

    axis: Literal["longitudinal", "lateral", "straight"] = "longitudinal"
    frame: Literal["body", "lane"] = "body"
    """Whose axes: the heading or the lane of the body that measures."""
    free: Truth = True
    """Between the nearest points; false: between the points that `behind` gives."""
    behind: Behind = (0.0, 0.0)
    """How far behind the centres of `of` and `to` these lie [m], such as rear axles."""

    @model_validator(mode="after")
    def _has_points(self) -> Apart:
        if self.free and "behind" in self.model_fields_set:
            raise fault("only with free: false, between points", "behind")
        return self


class Spot(Model):
    """A place on the map."""

    position: Point | None = None
    lane: LaneRef | None = None
    s: Metres = 0.0

    @model_validator(mode="after")
    def _has_one_place(self) -> Spot:
        if (self.lane is None) == (self.position is None):
            raise fault("give either lane or position", "lane")
        return self


class Near(Spot):
    """A body is within a radius of a place."""

    of: BodyName = "ego"
    radius: Length


class Standing(Model):
    """A body has been standing for so long."""

    of: BodyName = "ego"
    seconds: Seconds


class Ended(Model):
    """An event has ended, or begun."""

    event: Name
    regularly: Truth = False
    """Not because another one took over."""
    begun: Truth = False
    """It need not have ended."""

    @model_validator(mode="after")
    def _has_one_meaning(self) -> Ended:
        if self.begun and self.regularly:
            raise fault("give either regularly or begun", "begun")
        return self


class Touching(Model):
    """Two bodies overlap."""

    of: BodyName = "ego"
    to: BodyName | None = None


def _event_name(value: Any) -> Any:
    return {"event": value} if isinstance(value, str) else value


class Condition(Model):
    """Exactly one measure, and when it counts."""

    time: Wait | None = None
    """Reached [s]."""
    speed: OfOne | None = None
    """[m/s]."""
    relative_speed: OfTwo | None = None
    """Of `of` less that of `to` [m/s]."""
    acceleration: OfOne | None = None
    """[m/s2]."""
    distance: Apart | None = None
    """[m]."""
    headway: Apart | None = None
    """Distance over the speed of `of` [s]."""
    ttc: Apart | None = None
    """Distance over the speed at which it shrinks, along the same axis [s]."""
    near: Near | None = None
    travelled: OfOne | None = None
    """Since the start [m]."""
    standstill: Standing | None = None
    after: Annotated[Ended | None, BeforeValidator(_event_name)] = None
    contact: Touching | None = None
    delay: Wait = 0.0
    """Counts this long after it held or changed [s]."""
    edge: Literal["none", "rising", "falling", "either"] = "none"
    """None: while it holds; else: at the tick at which it changes."""

    @model_validator(mode="after")
    def _has_one_measure(self) -> Condition:
        if sum(getattr(self, name) is not None for name in MEASURES) != 1:
            raise fault(f"give exactly one of {', '.join(MEASURES)}")
        return self

    @property
    def measure(self) -> str:
        """The key that is given."""
        return next(name for name in MEASURES if getattr(self, name) is not None)


MEASURES = (
    "time", "speed", "relative_speed", "acceleration", "distance", "headway", "ttc", "near",
    "travelled", "standstill", "after", "contact",
)  # fmt: skip
"""Keys of a condition of which one is given."""


Group = Annotated[
    tuple[Condition, ...], BeforeValidator(listed), Field(min_length=1, max_length=20)
]
"""Conditions that must all count at the same tick."""


class Trigger(Model):
    """Groups of conditions; one of the groups is enough."""

    any: Annotated[tuple[Group, ...], Field(min_length=1, max_length=20)]


def _any_of(value: Any) -> Any:
    """One condition, a list of which all must hold, or ``{any: [...]}``."""
    if isinstance(value, dict) and "any" in value:
        return value
    return value if isinstance(value, Trigger) else {"any": [value]}


When = Annotated[Trigger, BeforeValidator(_any_of)]
