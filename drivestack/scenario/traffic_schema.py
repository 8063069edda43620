"""Schema of who is on the road: the ego, the actors, and where each of them starts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from drivestack.core.start import EgoKind
from drivestack.core.tables import MAX_DELAY
from drivestack.vehicle.parameters import Actuators

from .action_schema import Event
from .model import (
    LaneRef,
    Length,
    Metres,
    Model,
    Name,
    Number,
    Point,
    Radians,
    Seconds,
    Speed,
    Truth,
    Whole,
    Word,
    fault,
)

BodyLength = Annotated[Length, Field(le=40)]
BodyWidth = Annotated[Length, Field(le=10)]
BodyType = Literal[
    "car", "van", "truck", "bus", "motorcycle", "bicycle", "pedestrian", "animal", "debris",
    "unknown",
]  # fmt: skip
PlantName = Literal["kinematic", "dynamic", "lagged"]

TimeConstant = Annotated[Number, Field(ge=0, le=10)]
Limit = Annotated[Number, Field(gt=0, le=1000)]
_DEFAULT = Actuators()


class ActuatorsBlock(Model):
    """What stands between a command and the wheels; defaults of `vehicle.parameters.Actuators`."""

    accel_lag: TimeConstant = _DEFAULT.accel_lag
    steer_lag: TimeConstant = _DEFAULT.steer_lag
    """Time constants [s]."""
    max_jerk: Limit = _DEFAULT.max_jerk
    """[m/s3]."""
    max_steer_rate: Limit = _DEFAULT.max_steer_rate
    """Of the front wheels [rad/s]."""
    friction: Limit = _DEFAULT.friction
    """Largest acceleration of the tyres [m/s2]."""
    delay: Annotated[Whole, Field(le=MAX_DELAY)] = _DEFAULT.delay
    """Transport delay [ticks]; a whole number of control periods."""

    def build(self) -> Actuators:
        """As the vehicle model takes them."""
        return Actuators(**self.model_dump())


class Placed(Model):
    """A place: on a lane, or a position with a heading."""

    lane: LaneRef | None = None
    s: Metres = 0.0
    """Along the lane [m]."""
    lateral: Metres = 0.0
    """From the lane's centre, positive to the left [m]."""
    position: Point | None = None
    heading: Radians = 0.0
    """Counter-clockwise from x [rad]; with `lane`: from the lane's direction."""

    @model_validator(mode="after")
    def _has_one_place(self) -> Placed:
        if self.lane is not None and self.position is not None:
            raise fault("give either lane or position, not both", "position")
        for field in ("s", "lateral"):
            if self.lane is None and field in self.model_fields_set:
                raise fault("needs a lane", field)
        return self

    @property
    def is_placed(self) -> bool:
        """Whether a lane or a position is given."""
        return self.lane is not None or self.position is not None


class Ego(Placed):
    """The car under test.

    Where it starts is said here for maps of kind `lanes`, by the scene for `highway_env`, and by a
    planning problem for `commonroad`.
    """

    kind: EgoKind = EgoKind.STACK
    plant: PlantName | None = None
    """None: the scene's own (dynamic in lane-keeping-v0, else kinematic)."""
    actuators: ActuatorsBlock | None = None
    """Plant lagged only."""
    speed: Speed | None = None
    target_speed: Speed | None = None
    """Kind idm only [m/s]."""
    target_speeds: Annotated[tuple[Speed, ...], Field(min_length=2, max_length=8)] | None = None
    """Kind meta only: ascending [m/s]."""
    problem: Whole | None = None
    """CommonRoad only: id of the planning problem; None: one scenario for each."""
    goal_state: Annotated[Whole, Field(ge=1)] | None = None
    """CommonRoad only: which of a problem's goal states, from 1; None: one scenario for each."""
    vehicle: Whole | Literal["all"] | None = None
    """CommonRoad only: id of the recorded vehicle whose place the ego takes, its end the goal;
    all: one scenario for each that is suited. None: the ego of a planning problem."""

    @field_validator("vehicle", mode="before")
    @classmethod
    def _names_a_vehicle(cls, value: object) -> object:
        if isinstance(value, str) and value != "all":
            raise fault(f"expected the id of a recorded vehicle, or all, got '{value}'")
        return value

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Ego:
        driven = self.kind in (EgoKind.PLAIN, EgoKind.STACK)
        if self.plant not in (None, "kinematic") and not driven:
            raise fault(f"an ego of kind {self.kind.value} has the kinematic plant", "plant")
        if self.actuators is not None and self.plant != "lagged":
            raise fault("only the lagged plant has actuators", "actuators")
        if self.target_speed is not None and self.kind != EgoKind.IDM:
            raise fault("only an ego of kind idm has a target speed", "target_speed")
        if self.vehicle is not None:
            for field in ("problem", "goal_state"):
                if getattr(self, field) is not None:
                    raise fault(f"give either {field} or vehicle, not both", "vehicle")
        if self.target_speeds is not None:
            if self.kind != EgoKind.META:
                raise fault("only an ego of kind meta has target speeds", "target_speeds")
            if list(self.target_speeds) != sorted(set(self.target_speeds)):
                raise fault("must be ascending", "target_speeds")
        return self


class _Actor(Placed):
    """What all actors that stand in a place have."""

    name: Name | None = None
    """For `vary` paths such as ``actors.lead.speed``."""

    @model_validator(mode="after")
    def _is_somewhere(self) -> _Actor:
        if not self.is_placed:
            raise fault("missing key; give lane or position", "lane")
        return self


class Car(_Actor):
    """A car driven by IDM and MOBIL."""

    kind: Literal["idm"]
    length: BodyLength = 5.0
    width: BodyWidth = 2.0
    speed: Speed = 0.0
    target_speed: Speed | None = None
    """None: its first speed, as in highway-env."""
    time_gap: Seconds = 1.5
    """Wanted time headway [s]; 1.5 is highway-env's."""
    lane_changes: Truth = True
    destination: Word | None = None
    """A node to plan a route to; None: it follows the nearest lanes."""


class Parked(_Actor):
    """A car that stands."""

    kind: Literal["parked"]
    length: BodyLength = 5.0
    width: BodyWidth = 2.0


class Obstacle(_Actor):
    """A thing that stands; 2 m by 2 m is highway-env's obstacle."""

    kind: Literal["obstacle"]
    length: BodyLength = 2.0
    width: BodyWidth = 2.0


TrackRow = tuple[Annotated[Number, Field(ge=0, le=86_400)], Metres, Metres, Radians, Speed]
"""t [s], x, y [m], heading [rad], speed [m/s]."""


class Replayed(Model):
    """A body that follows recorded states, present from the first to the last of them."""

    kind: Literal["replayed"]
    name: Name | None = None
    type: BodyType = "car"
    length: BodyLength = 5.0
    width: BodyWidth = 2.0
    track: Annotated[tuple[TrackRow, ...], Field(min_length=1, max_length=100_000)]

    @model_validator(mode="after")
    def _moves_forward_in_time(self) -> Replayed:
        for index in range(1, len(self.track)):
            if self.track[index][0] <= self.track[index - 1][0]:
                raise fault("times must grow", "track", index)
        return self


class Scripted(_Actor):
    """A body that moves as its events say; between them it keeps its speed.

    On a lane it follows the lane and those after it; put down by a position it goes straight on.
    """

    kind: Literal["scripted"]
    type: BodyType = "car"
    length: BodyLength | None = None
    width: BodyWidth | None = None
    """None: the usual size of its type (`SIZES`)."""
    speed: Speed = 0.0
    against: Truth = False
    """It goes against its lane."""
    destination: Word | None = None
    """A node to plan a route to, for lanes that fork; None: straight on."""
    events: Annotated[tuple[Event, ...], Field(max_length=200)] = ()

    @model_validator(mode="after")
    def _follows_lanes(self) -> Scripted:
        for field in ("against", "destination"):
            if field in self.model_fields_set and self.lane is None:
                raise fault("needs a lane", field)
        if self.against and self.destination is not None:
            raise fault("one that goes against its lane plans no route", "destination")
        return self

    @property
    def size(self) -> tuple[float, float]:
        """Length and width [m]."""
        length, width = SIZES[self.type]
        return self.length or length, self.width or width


SIZES: dict[str, tuple[float, float]] = {
    "car": (5.0, 2.0),
    "van": (4.5, 1.8),
    "truck": (18.75, 2.5),
    "bus": (13.5, 2.5),
    "motorcycle": (2.2, 0.9),
    "bicycle": (1.89, 0.5),
    "pedestrian": (0.6, 0.5),
    "animal": (1.6, 0.5),
    "debris": (1.0, 1.0),
    "unknown": (5.0, 2.0),
}
"""Length and width [m]: motor vehicles of the ALKS catalogs, the bicycle of the Euro NCAP files;
pedestrian, animal (a deer) and debris are our choice."""


Actor = Annotated[Car | Replayed | Parked | Obstacle | Scripted, Field(discriminator="kind")]


class Closure(Model):
    """A stretch of a lane that may not be driven, such as road works; the ego is told."""

    lane: LaneRef
    start: Metres = 0.0
    """Along the lane [m]."""
    end: Metres | None = None
    """None: the lane's end [m]."""

    @model_validator(mode="after")
    def _has_length(self) -> Closure:
        if self.end is not None and not self.start < self.end:
            raise fault("must be larger than start", "end")
        return self


class GoalArea(Model):
    """Where the ego should get to: within `radius` of a point."""

    lane: LaneRef | None = None
    s: Metres | None = None
    """Along the lane [m]; None: its end."""
    position: Point | None = None
    radius: Annotated[Length, Field(le=1000)] = 5.0

    @model_validator(mode="after")
    def _has_one_place(self) -> GoalArea:
        if (self.lane is None) == (self.position is None):
            raise fault("give either lane or position", "lane")
        if self.s is not None and self.lane is None:
            raise fault("needs a lane", "s")
        return self
