"""Reads positions, trajectories and routes; those may stand in catalogs."""

from __future__ import annotations

from .catalogs import Catalogs
from .node import Node, choice, given, real, text, truth, whole
from .parameters import read_parameters
from .positions import (
    ClothoidSegment,
    LanePosition,
    Orientation,
    Position,
    RelativeLanePosition,
    RelativeObjectPosition,
    RelativeRoadPosition,
    RelativeWorldPosition,
    RoadPosition,
    Route,
    RoutePosition,
    Trajectory,
    TrajectoryPosition,
    Vertex,
    WorldPosition,
)

STRATEGIES = ("fastest", "shortest", "leastIntersections", "random")


class Places:
    """Reads positions; routes and trajectories may stand in catalogs."""

    def __init__(self, catalogs: Catalogs) -> None:
        self.catalogs = catalogs

    def position(self, node: Node) -> Position:
        """The position in an element that holds one, such as ``Position`` or ``TargetPosition``."""
        return node.one_of(
            {
                "WorldPosition": _world,
                "LanePosition": _lane,
                "RoadPosition": _road,
                "RelativeLanePosition": _relative_lane,
                "RelativeRoadPosition": _relative_road,
                "RelativeObjectPosition": lambda at: RelativeObjectPosition(*_beside(at)),
                "RelativeWorldPosition": lambda at: RelativeWorldPosition(*_beside(at)),
                "RoutePosition": self._on_route,
                "TrajectoryPosition": self._on_trajectory,
            }
        )

    def trajectory(self, node: Node) -> Trajectory:
        """The trajectory of a ``TrajectoryRef`` (or of what holds one directly, until 1.0)."""
        return node.one_of(
            {
                "Trajectory": lambda at: self._trajectory(_with_own_parameters(at)),
                "CatalogReference": self._trajectory_entry,
            }
        )

    def route(self, node: Node) -> Route:
        """The route in an element that holds one."""
        return node.one_of({"Route": self._route, "CatalogReference": self._route_entry})

    def _on_route(self, node: Node) -> RoutePosition:
        route = self.route(node.need("RouteRef"))
        inner = node.need("InRoutePosition")
        lane = inner.find("FromLaneCoordinates")
        if lane is None:
            at = inner.need("FromRoadCoordinates")
            return RoutePosition(route, real(at, "pathS"), real(at, "t"), None, _turned(node))
        offset = real(lane, "laneOffset", 0.0)
        number = whole(lane, "laneId")
        return RoutePosition(route, real(lane, "pathS"), offset, number, _turned(node))

    def _on_trajectory(self, node: Node) -> TrajectoryPosition:
        trajectory = self.trajectory(node.need("TrajectoryRef"))
        return TrajectoryPosition(trajectory, real(node, "s"), real(node, "t", 0.0), _turned(node))

    def _trajectory_entry(self, node: Node) -> Trajectory:
        return self._trajectory(_entry(self.catalogs, node, "Trajectory"))

    def _route_entry(self, node: Node) -> Route:
        return self._route(_entry(self.catalogs, node, "Route"))

    def _trajectory(self, node: Node) -> Trajectory:
        shape = node.need("Shape")
        polyline, spline = shape.find("Polyline"), shape.find("ClothoidSpline")
        vertices = tuple(self._vertex(v) for v in polyline.all("Vertex")) if polyline else ()
        pieces = spline.all("ClothoidSplineSegment") if spline else []
        segments = tuple(self._segment(piece) for piece in pieces)
        if bool(polyline) == bool(spline):
            others = ", ".join(child.tag for child in shape.element.children) or "nothing"
            sentence = f"expected a Polyline or a ClothoidSpline, found {others}"
            raise shape.element.unsupported(sentence)
        if (polyline and len(vertices) < 2) or (spline and not segments):
            raise shape.element.problem("a trajectory needs two vertices or one segment")
        return Trajectory(text(node, "name"), truth(node, "closed"), vertices, segments)

    def _vertex(self, node: Node) -> Vertex:
        time = real(node, "time") if given(node, "time") else None
        return Vertex(self.position(node.need("Position")), time)

    def _segment(self, node: Node) -> ClothoidSegment:
        start = node.find("PositionStart")
        length = real(node, "length")
        if length <= 0.0:
            raise node.element.problem(f"length should be above 0, got {length:g}")
        return ClothoidSegment(
            real(node, "curvatureStart"),
            real(node, "curvatureEnd"),
            length,
            None if start is None else self.position(start),
        )

    def _route(self, node: Node) -> Route:
        points = node.all("Waypoint")
        if len(points) < 2:
            raise node.element.problem("a route needs two waypoints")
        for point in points:
            choice(point, "routeStrategy", STRATEGIES)
        waypoints = tuple(self.position(point.need("Position")) for point in points)
        return Route(text(node, "name"), truth(node, "closed"), waypoints)


def _with_own_parameters(node: Node) -> Node:
    """An element outside of catalogs; its parameters hide those of the scenario."""
    if (declared := node.find("ParameterDeclarations")) is not None:
        node.known("ParameterDeclarations")
        node.scope = read_parameters(declared.element).scope({}, node.scope)
    return node


def _entry(catalogs: Catalogs, node: Node, tag: str) -> Node:
    entry = catalogs.entry(node)
    if entry is None:
        raise node.element.problem(f"no catalog of a {tag.lower()} with this entry")
    if entry.element.tag != tag:
        raise node.element.problem(f"the entry is no {tag} but a {entry.element.tag}")
    return entry


def _turned(node: Node) -> Orientation | None:
    found = node.find("Orientation")
    if found is None:
        return None
    found.leave("the world is flat", "p", "r")
    kind = choice(found, "type", ("absolute", "relative"), "absolute")
    return Orientation(real(found, "h", 0.0), kind == "relative")


def _world(node: Node) -> WorldPosition:
    node.leave("the world is flat", "z", "p", "r")
    return WorldPosition(real(node, "x"), real(node, "y"), real(node, "h", 0.0))


def _lane(node: Node) -> LanePosition:
    road, lane = text(node, "roadId"), whole(node, "laneId")
    return LanePosition(road, lane, real(node, "s"), real(node, "offset", 0.0), _turned(node))


def _road(node: Node) -> RoadPosition:
    return RoadPosition(text(node, "roadId"), real(node, "s"), real(node, "t"), _turned(node))


def _relative_lane(node: Node) -> RelativeLanePosition:
    if given(node, "ds") == given(node, "dsLane"):
        raise node.element.problem("expected either ds or dsLane")
    on_lane = given(node, "dsLane")
    ds = real(node, "dsLane" if on_lane else "ds")
    entity, d_lane = text(node, "entityRef"), whole(node, "dLane")
    return RelativeLanePosition(
        entity, d_lane, ds, on_lane, real(node, "offset", 0.0), _turned(node)
    )


def _relative_road(node: Node) -> RelativeRoadPosition:
    entity = text(node, "entityRef")
    return RelativeRoadPosition(entity, real(node, "ds"), real(node, "dt"), _turned(node))


def _beside(node: Node) -> tuple[str, float, float, Orientation | None]:
    node.leave("the world is flat", "dz")
    return text(node, "entityRef"), real(node, "dx"), real(node, "dy"), _turned(node)
