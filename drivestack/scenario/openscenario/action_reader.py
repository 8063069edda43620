"""Reads actions of entities, of the whole scene, and of events."""

from __future__ import annotations

from collections.abc import Callable

from .actions import (
    AcquirePosition,
    Action,
    AssignRoute,
    Delete,
    Dynamics,
    FollowTrajectory,
    KeepDistance,
    LaneChange,
    LaneOffset,
    Limits,
    NoEffect,
    SetVariable,
    Speed,
    Synchronize,
    Teleport,
)
from .node import Node, choice, given, note, real, text, truth, whole
from .position_reader import Places

SHAPES = ("linear", "cubic", "sinusoidal", "step")
DIMENSIONS = ("time", "distance", "rate")
_DISPLACEMENTS = ("any", "trailingReferencedEntity", "leadingReferencedEntity")
_SYSTEMS = ("entity", "lane", "road", "trajectory", "world")
_FOLLOWING = ("position", "follow")


class Actions:
    """Reads actions."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def private(self, node: Node) -> Action:
        """A ``PrivateAction``: of one entity."""
        return node.one_of(
            {
                "LongitudinalAction": self._longitudinal,
                "LateralAction": self._lateral,
                "TeleportAction": self._teleport,
                "RoutingAction": self._routing,
                "SynchronizeAction": self._synchronize,
                "ControllerAction": _controller,
                "ActivateControllerAction": _activate,
                "AppearanceAction": _no_effect,
                "VisibilityAction": _no_effect,
            }
        )

    def of_all(self, node: Node) -> Action:
        """A ``GlobalAction``."""
        return node.one_of(
            {
                "EntityAction": _entity,
                "VariableAction": _variable,
                "EnvironmentAction": _no_effect,
                "InfrastructureAction": _no_effect,
            }
        )

    def either(self, node: Node) -> Action:
        """An ``Action`` of an event."""
        text(node, "name")
        return node.one_of({"PrivateAction": self.private, "GlobalAction": self.of_all})

    def _longitudinal(self, node: Node) -> Action:
        readers = {"SpeedAction": _speed, "LongitudinalDistanceAction": _keep_distance}
        return node.one_of(readers)

    def _lateral(self, node: Node) -> Action:
        return node.one_of({"LaneChangeAction": _lane_change, "LaneOffsetAction": _lane_offset})

    def _teleport(self, node: Node) -> Teleport:
        return Teleport(self._places.position(node.need("Position")))

    def _routing(self, node: Node) -> Action:
        return node.one_of(
            {
                "FollowTrajectoryAction": self._follow,
                "AssignRouteAction": lambda inner: AssignRoute(self._places.route(inner)),
                "AcquirePositionAction": lambda inner: AcquirePosition(
                    self._places.position(inner.need("Position"))
                ),
            }
        )

    def _follow(self, node: Node) -> FollowTrajectory:
        _following(node.need("TrajectoryFollowingMode"), None)
        timing = node.need("TimeReference").find("Timing")
        if timing is None:
            node.need("TimeReference").need("None")
        trajectory = self._places.trajectory(node.need("TrajectoryRef"))
        words = ("absolute", "relative")
        return FollowTrajectory(
            trajectory=trajectory,
            start=real(node, "initialDistanceOffset", 0.0),
            timed=timing is not None,
            relative_time=timing is not None
            and choice(timing, "domainAbsoluteRelative", words) == "relative",
            scale=1.0 if timing is None else real(timing, "scale"),
            shift=0.0 if timing is None else real(timing, "offset"),
        )

    def _synchronize(self, node: Node) -> Synchronize:
        final = node.find("FinalSpeed")
        speed, relative, distance, time = (None, False, None, None)
        if final is not None:
            speed, relative, distance, time = final.one_of(
                {"AbsoluteSpeed": _absolute_speed, "RelativeSpeedToMaster": _relative_speed}
            )
        for name in ("targetTolerance", "targetToleranceMaster"):
            if real(node, name, 0.0) > 0.0:
                note(node, name, "who arrives, arrives exactly")
        return Synchronize(
            master=text(node, "masterEntityRef"),
            target=self._places.position(node.need("TargetPosition")),
            master_target=self._places.position(node.need("TargetPositionMaster")),
            final_speed=speed,
            relative=relative,
            steady_distance=distance,
            steady_time=time,
        )


_Final = tuple[float | None, bool, float | None, float | None]


def _absolute_speed(node: Node) -> _Final:
    return real(node, "value"), False, *_steady(node)


def _relative_speed(node: Node) -> _Final:
    choice(node, "speedTargetValueType", ("delta",))
    return real(node, "value"), True, *_steady(node)


def _steady(node: Node) -> tuple[float | None, float | None]:
    distance, time = node.find("TargetDistanceSteadyState"), node.find("TargetTimeSteadyState")
    return (
        None if distance is None else real(distance, "distance"),
        None if time is None else real(time, "time"),
    )


def _dynamics(node: Node) -> Dynamics:
    _following(node, "position")
    shape, value = choice(node, "dynamicsShape", SHAPES), real(node, "value")
    dimension = choice(node, "dynamicsDimension", DIMENSIONS)
    if value < 0.0 and dimension != "rate":
        raise node.element.problem(f"a {dimension} should be at least 0, got {value:g}")
    return Dynamics(shape, dimension, value)


def _following(node: Node, default: str | None) -> None:
    """Whoever is scripted is where the script says, also where it asks for a driver's best."""
    if choice(node, "followingMode", _FOLLOWING, default) == "follow":
        note(node, "followingMode", "follow is played as position")


def _speed(node: Node) -> Speed:
    dynamics = _dynamics(node.need("SpeedActionDynamics"))
    readers: dict[str, Callable[[Node], Speed]] = {
        "AbsoluteTargetSpeed": lambda at: Speed(dynamics, real(at, "value"), None, False, False),
        "RelativeTargetSpeed": lambda at: Speed(
            dynamics,
            real(at, "value"),
            text(at, "entityRef"),
            choice(at, "speedTargetValueType", ("delta", "factor")) == "factor",
            truth(at, "continuous"),
        ),
    }
    return node.need("SpeedActionTarget").one_of(readers)


def _keep_distance(node: Node) -> KeepDistance:
    if given(node, "distance") == given(node, "timeGap"):
        raise node.element.problem("expected either distance or timeGap")
    limits = node.find("DynamicConstraints")
    return KeepDistance(
        entity=text(node, "entityRef"),
        distance=_optional(node, "distance"),
        time_gap=_optional(node, "timeGap"),
        freespace=truth(node, "freespace"),
        continuous=truth(node, "continuous"),
        displacement=choice(node, "displacement", _DISPLACEMENTS, "trailingReferencedEntity"),
        system=choice(node, "coordinateSystem", _SYSTEMS, "entity"),
        limits=None if limits is None else _limits(limits),
    )


def _limits(node: Node) -> Limits:
    names = ("maxAcceleration", "maxDeceleration", "maxSpeed")
    return Limits(*[_optional(node, name) for name in names])


def _optional(node: Node, name: str) -> float | None:
    return real(node, name) if given(node, name) else None


def _lane_change(node: Node) -> LaneChange:
    dynamics = _dynamics(node.need("LaneChangeActionDynamics"))
    offset = real(node, "targetLaneOffset", 0.0)
    readers: dict[str, Callable[[Node], LaneChange]] = {
        "AbsoluteTargetLane": lambda at: LaneChange(dynamics, whole(at, "value"), None, offset),
        "RelativeTargetLane": lambda at: LaneChange(
            dynamics, whole(at, "value"), text(at, "entityRef"), offset
        ),
    }
    return node.need("LaneChangeTarget").one_of(readers)


def _lane_offset(node: Node) -> LaneOffset:
    dynamics, continuous = node.need("LaneOffsetActionDynamics"), truth(node, "continuous")
    shape = choice(dynamics, "dynamicsShape", SHAPES)
    limit = _optional(dynamics, "maxLateralAcc")
    readers: dict[str, Callable[[Node], LaneOffset]] = {
        "AbsoluteTargetLaneOffset": lambda at: LaneOffset(
            shape, limit, real(at, "value"), None, continuous
        ),
        "RelativeTargetLaneOffset": lambda at: LaneOffset(
            shape, limit, real(at, "value"), text(at, "entityRef"), continuous
        ),
    }
    return node.need("LaneOffsetTarget").one_of(readers)


def _controller(node: Node) -> Action:
    return node.one_of({"ActivateControllerAction": _activate})


def _activate(node: Node) -> NoEffect:
    """Whoever is scripted is driven by the script, the ego by the stack, whatever is switched."""
    node.leave("animation and lights have no effect here", "animation", "lighting")
    for name in ("longitudinal", "lateral"):
        if given(node, name):
            truth(node, name)
    return NoEffect(node.element.tag)


def _entity(node: Node) -> Delete:
    node.need("DeleteEntityAction")
    return Delete(text(node, "entityRef"))


def _variable(node: Node) -> SetVariable:
    return SetVariable(text(node, "variableRef"), text(node.need("SetAction"), "value"))


def _no_effect(node: Node) -> NoEffect:
    node.leave("it changes nothing that is simulated", *_below(node))
    return NoEffect(node.element.tag)


def _below(node: Node) -> list[str]:
    """The names of all attributes and children."""
    return [*node.element.attributes, *{child.tag: None for child in node.element.children}]
