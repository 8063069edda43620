"""Conditions and triggers as OpenSCENARIO gives them, numbers filled in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drivestack.core.errors import nearest

from .node import Node, choice, given, label, note, real, text, truth
from .parameters import RULES
from .position_reader import Places
from .positions import Position

EDGES = ("none", "rising", "falling", "risingOrFalling")
_DISTANCES = ("longitudinal", "lateral", "euclidianDistance", "cartesianDistance")
_SYSTEMS = ("entity", "lane", "road", "trajectory", "world")
_AXES = ("longitudinal", "lateral", "vertical")
_ROUTINGS = ("undefined", "fastest", "shortest", "leastIntersections", "random")
ELEMENTS = ("story", "act", "maneuverGroup", "maneuver", "event", "action")
STATES = ("completeState", "endTransition", "runningState", "skipTransition", "standbyState",
          "startTransition", "stopTransition")  # fmt: skip


@dataclass(frozen=True, slots=True)
class SimulationTime:
    """The scenario's time [s]."""

    rule: str
    value: float


@dataclass(frozen=True, slots=True)
class ElementState:
    """An element of the storyboard, by kind and name, is in a state or makes a transition."""

    element: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class ParameterIs:
    """A parameter compared with a value; known before the scenario starts: `holds`."""

    name: str
    rule: str
    value: str
    holds: bool


@dataclass(frozen=True, slots=True)
class VariableIs:
    """A variable compared with a value."""

    name: str
    rule: str
    value: str


@dataclass(frozen=True, slots=True)
class How:
    """How a distance is measured: freespace (between boxes) or between reference points, which
    distance, in which coordinate system."""

    freespace: bool
    distance: str
    system: str


@dataclass(frozen=True, slots=True)
class RelativeDistance:
    """Distance [m] to an entity."""

    entity: str
    rule: str
    value: float
    how: How


@dataclass(frozen=True, slots=True)
class Distance:
    """Distance [m] to a position."""

    position: Position
    rule: str
    value: float
    how: How


@dataclass(frozen=True, slots=True)
class TimeHeadway:
    """Distance to an entity divided by the own speed [s]."""

    entity: str
    rule: str
    value: float
    how: How


@dataclass(frozen=True, slots=True)
class TimeToCollision:
    """Distance to an entity or a position divided by the speed of closing in [s]."""

    target: str | Position
    rule: str
    value: float
    how: How


@dataclass(frozen=True, slots=True)
class SpeedIs:
    """The own speed [m/s], or part of it along an axis."""

    rule: str
    value: float
    axis: str | None


@dataclass(frozen=True, slots=True)
class AccelerationIs:
    """The own acceleration [m/s2], or part of it along an axis."""

    rule: str
    value: float
    axis: str | None


@dataclass(frozen=True, slots=True)
class RelativeSpeed:
    """The own speed less an entity's [m/s]."""

    entity: str
    rule: str
    value: float
    axis: str | None


@dataclass(frozen=True, slots=True)
class StandStill:
    """Stood for a duration [s]."""

    duration: float


@dataclass(frozen=True, slots=True)
class Travelled:
    """Travelled at least so far [m] since the scenario's start."""

    value: float


@dataclass(frozen=True, slots=True)
class Reached:
    """Within a distance [m] of a position."""

    position: Position
    tolerance: float


@dataclass(frozen=True, slots=True)
class Collision:
    """Touches an entity; None: any."""

    entity: str | None


@dataclass(frozen=True, slots=True)
class AngleIs:
    """The own heading (or pitch, roll) within a tolerance of an angle [rad], in a coordinate
    system; None: the world's."""

    kind: str
    angle: float
    tolerance: float
    system: str | None


OfEntity = (
    RelativeDistance | Distance | TimeHeadway | TimeToCollision | SpeedIs | AccelerationIs
    | RelativeSpeed | StandStill | Travelled | Reached | Collision | AngleIs
)  # fmt: skip
OfValue = SimulationTime | ElementState | ParameterIs | VariableIs


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition.

    Attributes:
        edge: of `EDGES`. delay: [s]. what: about values or entities. entities: that are looked at,
        none for values; all_of: the condition holds for all of them, else for any.
        place: file:line.
    """

    name: str
    edge: str
    delay: float
    what: OfEntity | OfValue
    entities: tuple[str, ...]
    all_of: bool
    place: str


Trigger = tuple[tuple[Condition, ...], ...]
"""Groups: the trigger fires if every condition of any group holds. Without groups it never does."""


class Conditions:
    """Reads triggers."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def trigger(self, node: Node) -> Trigger:
        """A ``StartTrigger`` or ``StopTrigger``."""
        groups = []
        for group in node.all("ConditionGroup"):
            conditions = tuple(self._condition(child) for child in group.all("Condition"))
            if not conditions:
                raise group.element.problem("a condition group without conditions")
            groups.append(conditions)
        if not groups and node.element.tag == "StartTrigger":
            note(node, "StartTrigger", "without conditions it never fires")
        return tuple(groups)

    def _condition(self, node: Node) -> Condition:
        name, edge = label(node, "name"), choice(node, "conditionEdge", EDGES)
        delay = real(node, "delay", 0.0)
        if delay < 0.0:
            raise node.element.problem(f"delay should be at least 0 s, got {delay:g}")
        by_value = node.find("ByValueCondition")
        if by_value is not None:
            what: OfEntity | OfValue = by_value.one_of(_OF_VALUE)
            return Condition(name, edge, delay, what, (), False, node.place)
        by_entity = node.need("ByEntityCondition")
        triggering = by_entity.need("TriggeringEntities")
        all_of = choice(triggering, "triggeringEntitiesRule", ("any", "all")) == "all"
        entities = tuple(text(child, "entityRef") for child in triggering.all("EntityRef"))
        if not entities:
            raise triggering.element.problem("missing element 'EntityRef'")
        what = self._of_entity(by_entity.need("EntityCondition"))
        return Condition(name, edge, delay, what, entities, all_of, node.place)

    def _of_entity(self, node: Node) -> OfEntity:
        return node.one_of(
            {
                "RelativeDistanceCondition": lambda at: RelativeDistance(
                    text(at, "entityRef"), *_compared(at), _how(at, "freespace")
                ),
                "DistanceCondition": lambda at: Distance(
                    self._places.position(at.need("Position")),
                    *_compared(at),
                    _how(at, "freespace"),
                ),
                "TimeHeadwayCondition": lambda at: TimeHeadway(
                    text(at, "entityRef"), *_compared(at), _how(at, "freespace")
                ),
                "TimeToCollisionCondition": self._time_to_collision,
                "SpeedCondition": lambda at: SpeedIs(*_compared(at), _axis(at)),
                "AccelerationCondition": lambda at: AccelerationIs(*_compared(at), _axis(at)),
                "RelativeSpeedCondition": lambda at: RelativeSpeed(
                    text(at, "entityRef"), *_compared(at), _axis(at)
                ),
                "StandStillCondition": lambda at: StandStill(real(at, "duration")),
                "TraveledDistanceCondition": lambda at: Travelled(real(at, "value")),
                "ReachPositionCondition": lambda at: Reached(
                    self._places.position(at.need("Position")), real(at, "tolerance")
                ),
                "CollisionCondition": _collision,
                "AngleCondition": _angle,
            }
        )

    def _time_to_collision(self, node: Node) -> TimeToCollision:
        readers: dict[str, Callable[[Node], str | Position]] = {
            "EntityRef": lambda at: text(at, "entityRef"),
            "Position": self._places.position,
        }
        target = node.need("TimeToCollisionConditionTarget").one_of(readers)
        return TimeToCollision(target, *_compared(node), _how(node, "freespace"))


def _compared(node: Node) -> tuple[str, float]:
    return choice(node, "rule", RULES), real(node, "value")


def _how(node: Node, freespace: str) -> How:
    """Defaults as in OpenSCENARIO 1.1 and later; `alongRoute` of 1.0 chose lane or entity."""
    along = truth(node, "alongRoute", False)
    system = choice(node, "coordinateSystem", _SYSTEMS, "road" if along else "entity")
    choice(node, "routingAlgorithm", _ROUTINGS, "undefined")
    kind = "longitudinal" if along else "euclidianDistance"
    distance = choice(node, "relativeDistanceType", _DISTANCES, kind)
    distance = "euclidianDistance" if distance == "cartesianDistance" else distance
    return How(truth(node, freespace), distance, system)


def _axis(node: Node) -> str | None:
    return choice(node, "direction", _AXES) if given(node, "direction") else None


def _collision(node: Node) -> Collision:
    entity = node.find("EntityRef")
    return Collision(None if entity is None else text(entity, "entityRef"))


def _angle(node: Node) -> AngleIs:
    kind = choice(node, "angleType", ("heading", "pitch", "roll"))
    system = choice(node, "coordinateSystem", _SYSTEMS) if given(node, "coordinateSystem") else None
    return AngleIs(kind, real(node, "angle"), real(node, "angleTolerance"), system)


def _parameter(node: Node) -> ParameterIs:
    name, rule = text(node, "parameterRef"), choice(node, "rule", RULES)
    wanted = text(node, "value")
    if name not in node.scope:
        raise node.element.problem(f"no parameter '{name[:80]}'; {nearest(name, node.scope)}")
    return ParameterIs(name, rule, wanted, _holds(node, node.scope[name], rule, wanted))


def _holds(node: Node, value: object, rule: str, wanted: str) -> bool:
    if isinstance(value, str | bool):
        if rule not in ("equalTo", "notEqualTo"):
            raise node.element.problem(f"'{rule}' does not compare texts")
        own = str(value).lower() if isinstance(value, bool) else str(value)
        return (own == wanted) == (rule == "equalTo")
    return RULES[rule](float(value), real(node, "value"))  # pyright: ignore[reportArgumentType]


_OF_VALUE: dict[str, Callable[[Node], OfValue]] = {
    "SimulationTimeCondition": lambda at: SimulationTime(*_compared(at)),
    "ParameterCondition": _parameter,
    "VariableCondition": lambda at: VariableIs(
        text(at, "variableRef"), choice(at, "rule", RULES), text(at, "value")
    ),
    "StoryboardElementStateCondition": lambda at: ElementState(
        choice(at, "storyboardElementType", ELEMENTS),
        text(at, "storyboardElementRef"),
        choice(at, "state", STATES),
    ),
}
