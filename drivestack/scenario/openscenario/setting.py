"""Where entities are: OpenSCENARIO's positions on the roads of one scenario, in the plane.

Entities are named by their reference points; what drives here are boxes, whose centres lie ahead of
these. On a lane a centre is moved on along the lane, elsewhere along the heading.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from drivestack.core.errors import InputError, nearest

from ..opendrive import places
from ..opendrive.geometry import clothoid
from ..opendrive.roads import OpenDriveRoads
from .entities import Entity
from .positions import (
    LanePosition,
    Orientation,
    Position,
    RelativeLanePosition,
    RelativeObjectPosition,
    RelativeRoadPosition,
    RelativeWorldPosition,
    RoadPosition,
    RoutePosition,
    Trajectory,
    TrajectoryPosition,
    WorldPosition,
)

Pose = places.PlanePose

Problem = Callable[[str], InputError]
"""Makes an error with its place out of a sentence."""


def problem_at(place: str) -> Problem:
    """Makes errors about a place."""
    return lambda sentence: InputError(f"{place}: {sentence}")


_STEP = 0.25
"""Distance of samples on a clothoid spline [m]; its chords are off by less than 1 mm at 9 m."""


@dataclass(slots=True)
class Setting:
    """The stage at the start.

    Attributes:
        roads: the network. entities: by name. poses: of the reference points, as they become known.
    """

    roads: OpenDriveRoads
    entities: dict[str, Entity]
    poses: dict[str, Pose] = field(default_factory=dict)

    def pose(self, position: Position, problem: Problem) -> Pose:
        """The pose of a position of a reference point.

        Raises:
            InputError: by `problem`: no such road, lane or place, an entity that is nowhere yet.
        """
        try:
            return self._pose(position, problem)
        except places.NoSuchPlaceError as error:
            raise problem(str(error)) from None

    def _pose(self, position: Position, problem: Problem) -> Pose:
        match position:
            case WorldPosition():
                return Pose(position.x, position.y, position.h)
            case LanePosition():
                at = places.lane_pose(
                    self.roads, position.road, position.lane, position.s, position.offset
                )
                return _turned(at, position.orientation)
            case RoadPosition():
                at = places.road_pose(self.roads, position.road, position.s, position.t)
                return _turned(at, position.orientation)
            case RelativeLanePosition() | RelativeRoadPosition():
                return self._on_road(position, problem)
            case RelativeObjectPosition() | RelativeWorldPosition():
                base = self.of(position.entity, problem)
                along = base.heading if isinstance(position, RelativeObjectPosition) else 0.0
                at = _moved(base, position.dx, position.dy, along)
                return _turned(at, position.orientation)
            case TrajectoryPosition():
                line = self.line(position.trajectory, problem)[0]
                at = pose_along(line, position.s, position.t)
                return _turned(at, position.orientation)
            case RoutePosition():
                return self._on_route(position, problem)

    def of(self, entity: str, problem: Problem) -> Pose:
        """The pose of an entity's reference point."""
        if entity not in self.entities:
            raise problem(f"no entity '{entity[:80]}'; {nearest(entity, self.entities)}")
        if entity not in self.poses:
            raise problem(f"entity '{entity[:80]}' has no place yet")
        return self.poses[entity]

    def moved_along(self, pose: Pose, way: float, problem: Problem) -> Pose:
        """The pose that many metres on in its own direction, as far beside the road as before."""
        here = places.locate(self.roads, pose.x, pose.y, pose.heading)
        direction = places.road_pose(self.roads, here.road, here.s, here.t).heading
        with_s = 1.0 if math.cos(pose.heading - direction) >= 0.0 else -1.0
        try:
            road, _, s = places.advanced(self.roads, here.road, here.lane, here.s, with_s * way)
            at = places.road_pose(self.roads, road, s, here.t)
        except places.NoSuchPlaceError as error:
            raise problem(str(error)) from None
        return Pose(at.x, at.y, places.wrapped_heading(at.heading + pose.heading - direction))

    def _on_road(
        self,
        position: RelativeLanePosition | RelativeRoadPosition,
        problem: Problem,
    ) -> Pose:
        base = self.of(position.entity, problem)
        here = places.locate(self.roads, base.x, base.y, base.heading)
        if isinstance(position, RelativeRoadPosition):
            road, _, s = places.advanced(self.roads, here.road, here.lane, here.s, position.ds)
            at = places.road_pose(self.roads, road, s, here.t + position.dt)
            return _turned(at, position.orientation)
        lane = places.relative_lane(here.lane, position.d_lane)
        ds = position.ds
        if position.on_lane and here.lane > 0:
            ds = -ds
        road, lane, s = places.advanced(self.roads, here.road, lane, here.s, ds)
        at = places.lane_pose(self.roads, road, lane, s, position.offset)
        return _turned(at, position.orientation)

    def _on_route(self, position: RoutePosition, problem: Problem) -> Pose:
        """Along the road of the first waypoint and those after it, towards the other waypoints.

        Lane number, offset and heading are those of the direction of the route, also where it leads
        along a road against its s (the standard leaves it open; the Euro NCAP files count on it).
        """
        poses = [self.pose(waypoint, problem) for waypoint in position.route.waypoints]
        here, *others = (places.locate(self.roads, at.x, at.y, at.heading) for at in poses)
        along = 1.0 if here.lane <= 0 else -1.0
        lane = here.lane if position.lane is None else position.lane
        towards = {other.road for other in others}
        road, there, s = places.advanced(
            self.roads, here.road, lane, here.s, along * position.s, towards
        )
        t = position.t if (there > 0) == (lane > 0) else -position.t
        if position.lane is None:
            x, y, heading = places.road_pose(self.roads, road, s, t)
            at = Pose(x, y, places.wrapped_heading(heading + (math.pi if there > 0 else 0.0)))
        else:
            at = places.lane_pose(self.roads, road, there, s, t)
        return _turned(at, position.orientation)

    def line(
        self, trajectory: Trajectory, problem: Problem
    ) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Points (P, 2) [m] of reference points on a trajectory; their times (P,) if it has any.

        Raises:
            InputError: a closed one, or times at some vertices only.
        """
        if trajectory.closed:
            raise problem(f"trajectory '{trajectory.name[:80]}': closed ones are not supported")
        if trajectory.segments:
            return self._spline(trajectory, problem), None
        poses = [self.pose(vertex.position, problem) for vertex in trajectory.vertices]
        times = [vertex.time for vertex in trajectory.vertices]
        points = np.array([(pose.x, pose.y) for pose in poses])
        known = [time for time in times if time is not None]
        if known and len(known) != len(times):
            raise problem(f"trajectory '{trajectory.name[:80]}': times at some vertices only")
        return points, np.array(known) if known else None

    def _spline(self, trajectory: Trajectory, problem: Problem) -> NDArray[np.float64]:
        start = trajectory.segments[0].start
        if start is None:
            raise problem("a spline that begins where its actor is then; give PositionStart")
        at = self.pose(start, problem)
        parts = [np.array([[at.x, at.y]])]
        for segment in trajectory.segments:
            rate = (segment.curvature_end - segment.curvature_start) / segment.length
            shape = clothoid(segment.curvature_start, rate, segment.length)
            ds = np.linspace(0.0, segment.length, max(math.ceil(segment.length / _STEP), 1) + 1)
            u, v, turn = shape(ds)
            c, n = math.cos(at.heading), math.sin(at.heading)
            points = np.stack([at.x + u * c - v * n, at.y + u * n + v * c], axis=1)
            parts.append(points[1:])
            x, y = points[-1].tolist()
            at = Pose(x, y, at.heading + float(turn[-1]))
        return np.concatenate(parts)

    def lane_of(self, pose: Pose) -> tuple[tuple[str, str, int], float, float, bool] | None:
        """Name of the map's lane that carries a pose, s and offset [m], and whether it goes against
        the lane; None where it stands on no lane for motor traffic or across it."""
        here = places.locate(self.roads, pose.x, pose.y, pose.heading)
        piece = places.map_lane(self.roads, here.road, here.lane, here.s) if here.lane else None
        if piece is None:
            return None
        from drivestack.roads.lanes import local_coordinates  # compiled: not needed for checks

        road_map = self.roads.map
        row = road_map.lanes[piece.lane]
        s, offset = local_coordinates(row, road_map.points, pose.x, pose.y)
        direction = places.lane_pose(self.roads, here.road, here.lane, here.s).heading
        apart = abs(places.wrapped_heading(pose.heading - direction))
        if min(apart, math.pi - apart) > _ACROSS or not 0.0 <= s <= row["length"]:
            return None
        return road_map.lane_name(piece.lane), float(s), float(offset), apart > math.pi / 2


_ACROSS = math.radians(20.0)
"""A heading further than this from the lane's is not along it; our choice."""


def centre_of(pose: Pose, entity: Entity) -> Pose:
    """The pose of a box's centre for that of its reference point."""
    return _moved(pose, entity.ahead, entity.left, pose.heading)


def _moved(pose: Pose, dx: float, dy: float, along: float) -> Pose:
    c, n = math.cos(along), math.sin(along)
    return Pose(pose.x + dx * c - dy * n, pose.y + dx * n + dy * c, pose.heading)


def _turned(pose: Pose, orientation: Orientation | None) -> Pose:
    if orientation is None:
        return pose
    heading = orientation.h + pose.heading if orientation.relative else orientation.h
    return Pose(pose.x, pose.y, places.wrapped_heading(heading))


def pose_along(line: NDArray[np.float64], s: float, t: float = 0.0) -> Pose:
    """The pose at (s, t) [m] of a polyline, prolonged at its ends."""
    steps = [(a, b, math.hypot(*(b - a))) for a, b in pairwise(line)]
    for number, (a, b, length) in enumerate(steps):
        if s <= length or number == len(steps) - 1:
            c, n = (b - a) / max(length, 1e-9)
            return Pose(a[0] + s * c - t * n, a[1] + s * n + t * c, math.atan2(n, c))
        s -= length
    raise ValueError("a line of one point")
