"""Actions as OpenSCENARIO gives them, numbers filled in: records.

What has no effect here (lights, weather, animations) is a `NoEffect` and noted.
"""

from __future__ import annotations

from dataclasses import dataclass

from .positions import Position, Route, Trajectory


@dataclass(frozen=True, slots=True)
class Dynamics:
    """How a value gets to its target: shape, and over how much time [s], distance [m] or at which
    rate (peak, for a sinusoid)."""

    shape: str
    dimension: str
    value: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of motion [m/s2, m/s2, m/s]; None: none."""

    acceleration: float | None
    deceleration: float | None
    speed: float | None


@dataclass(frozen=True, slots=True)
class Teleport:
    """Be at a position."""

    position: Position


@dataclass(frozen=True, slots=True)
class Speed:
    """Get to a speed [m/s]; with an entity: `value` more than its, or times its (`factor`)."""

    dynamics: Dynamics
    value: float
    entity: str | None
    factor: bool
    continuous: bool


@dataclass(frozen=True, slots=True)
class KeepDistance:
    """Get and keep a distance [m] or a time gap [s] to an entity; `continuous`: until overridden.

    Attributes:
        freespace: between boxes, else between reference points. displacement, system: as given.
    """

    entity: str
    distance: float | None
    time_gap: float | None
    freespace: bool
    continuous: bool
    displacement: str
    system: str
    limits: Limits | None


@dataclass(frozen=True, slots=True)
class LaneChange:
    """Change to a lane: an absolute number, or so many from an entity's; `offset` [m] in it."""

    dynamics: Dynamics
    lane: int
    entity: str | None
    offset: float


@dataclass(frozen=True, slots=True)
class LaneOffset:
    """Get to an offset [m] in the lane, or to one from an entity's.

    Attributes:
        max_acceleration: lateral [m/s2], or None.
    """

    shape: str
    max_acceleration: float | None
    offset: float
    entity: str | None
    continuous: bool


@dataclass(frozen=True, slots=True)
class FollowTrajectory:
    """Follow a trajectory from `start` [m] along it.

    Attributes:
        timed: times of its vertices hold: scaled, shifted [s], and relative to the action's start
        if `relative_time`, else to the scenario's; not timed: the speed is the entity's own.
    """

    trajectory: Trajectory
    start: float
    timed: bool
    relative_time: bool
    scale: float
    shift: float


@dataclass(frozen=True, slots=True)
class AssignRoute:
    """Drive along a route."""

    route: Route


@dataclass(frozen=True, slots=True)
class AcquirePosition:
    """Drive to a position on the shortest way."""

    position: Position


@dataclass(frozen=True, slots=True)
class Synchronize:
    """Arrive at `target` when `master` arrives at `master_target`.

    Attributes:
        final_speed: at arrival [m/s], or None; relative: it is a difference to the master's.
        steady_distance, steady_time: final speed is held over the last [m] or [s], or None.
    """

    master: str
    target: Position
    master_target: Position
    final_speed: float | None
    relative: bool
    steady_distance: float | None
    steady_time: float | None


@dataclass(frozen=True, slots=True)
class Delete:
    """An entity leaves the scene."""

    entity: str


@dataclass(frozen=True, slots=True)
class SetVariable:
    """A variable gets a value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class NoEffect:
    """An action that changes nothing here: its element's name."""

    name: str


Action = (
    Teleport
    | Speed
    | KeepDistance
    | LaneChange
    | LaneOffset
    | FollowTrajectory
    | AssignRoute
    | AcquirePosition
    | Synchronize
    | Delete
    | SetVariable
    | NoEffect
)
