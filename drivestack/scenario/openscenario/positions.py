"""Positions, trajectories and routes as OpenSCENARIO gives them, numbers filled in: records.

They name roads and entities; `opendrive.places` puts them into the plane. A position is one of an
entity's reference point: for vehicles the middle of the rear axle on the ground.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Orientation:
    """A heading [rad]; relative: to what the position refers to, else in the world."""

    h: float
    relative: bool


@dataclass(frozen=True, slots=True)
class WorldPosition:
    """x, y [m] and heading [rad] in the plane."""

    x: float
    y: float
    h: float


@dataclass(frozen=True, slots=True)
class LanePosition:
    """On a lane's centre at s [m], `offset` [m] along +t; see `opendrive.places.lane_pose`."""

    road: str
    lane: int
    s: float
    offset: float
    orientation: Orientation | None


@dataclass(frozen=True, slots=True)
class RoadPosition:
    """At (s, t) [m] of a road."""

    road: str
    s: float
    t: float
    orientation: Orientation | None


@dataclass(frozen=True, slots=True)
class RelativeLanePosition:
    """`d_lane` lanes and `ds` [m] from an entity; along the reference line, or `on_lane` along the
    lane's centre in the direction that the entity faces."""

    entity: str
    d_lane: int
    ds: float
    on_lane: bool
    offset: float
    orientation: Orientation | None


@dataclass(frozen=True, slots=True)
class RelativeRoadPosition:
    """`ds` and `dt` [m] from an entity's (s, t)."""

    entity: str
    ds: float
    dt: float
    orientation: Orientation | None


@dataclass(frozen=True, slots=True)
class RelativeObjectPosition:
    """`dx` and `dy` [m] from an entity's reference point, along its own axes."""

    entity: str
    dx: float
    dy: float
    orientation: Orientation | None


@dataclass(frozen=True, slots=True)
class RelativeWorldPosition:
    """`dx` and `dy` [m] from an entity's reference point, along the world's axes."""

    entity: str
    dx: float
    dy: float
    orientation: Orientation | None


@dataclass(frozen=True, slots=True)
class RoutePosition:
    """`s` [m] along a route, in a lane (with an offset) or, without one, at `t` [m]."""

    route: Route
    s: float
    t: float
    lane: int | None
    orientation: Orientation | None


@dataclass(frozen=True, slots=True)
class TrajectoryPosition:
    """`s` [m] along a trajectory and `t` [m] to its left."""

    trajectory: Trajectory
    s: float
    t: float
    orientation: Orientation | None


Position = (
    WorldPosition
    | LanePosition
    | RoadPosition
    | RelativeLanePosition
    | RelativeRoadPosition
    | RelativeObjectPosition
    | RelativeWorldPosition
    | RoutePosition
    | TrajectoryPosition
)


@dataclass(frozen=True, slots=True)
class Vertex:
    """A corner of a polyline; `time` [s] if the file gives one."""

    position: Position
    time: float | None


@dataclass(frozen=True, slots=True)
class ClothoidSegment:
    """A piece whose curvature [1/m] changes evenly over `length` [m].

    start: None: where the one before ends, or, of the first, where the entity is.
    """

    curvature_start: float
    curvature_end: float
    length: float
    start: Position | None


@dataclass(frozen=True, slots=True)
class Trajectory:
    """A path: vertices of a polyline, or segments of a clothoid spline."""

    name: str
    closed: bool
    vertices: tuple[Vertex, ...]
    segments: tuple[ClothoidSegment, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """Waypoints along the road network."""

    name: str
    closed: bool
    waypoints: tuple[Position, ...]
