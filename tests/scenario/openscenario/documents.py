"""OpenSCENARIO documents written for these tests."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from drivestack.scenario.expressions import Value
from drivestack.scenario.openscenario.axes import Variations
from tests.scenario.opendrive.roads import road, roads
from tests.scenario.writing import write

HEADER = '<FileHeader revMajor="1" revMinor="3" date="2024-01-01" description="" author=""/>'

CAR = (
    '<Vehicle name="car" vehicleCategory="car">'
    '<BoundingBox><Center x="1.4" y="0" z="0.9"/><Dimensions width="2" length="5" height="1.8"/>'
    '</BoundingBox><Performance maxSpeed="70" maxDeceleration="10" maxAcceleration="10"/></Vehicle>'
)

TELEPORT = (
    '<PrivateAction><TeleportAction><Position><LanePosition roadId="1" laneId="-1" s="$s"/>'
    "</Position></TeleportAction></PrivateAction>\n"
)

SPEED = (
    "<PrivateAction><LongitudinalAction><SpeedAction>"
    '<SpeedActionDynamics dynamicsShape="linear" dynamicsDimension="rate" value="2"/>'
    '<SpeedActionTarget><AbsoluteTargetSpeed value="${$kph / 3.6}"/></SpeedActionTarget>'
    "</SpeedAction></LongitudinalAction></PrivateAction>\n"
)

AFTER = (
    '<StartTrigger><ConditionGroup><Condition name="c" delay="0" conditionEdge="rising">'
    '<ByValueCondition><SimulationTimeCondition value="3" rule="greaterThan"/></ByValueCondition>'
    "</Condition></ConditionGroup></StartTrigger>\n"
)


def parameter(name: str, kind: str, value: str, *groups: str) -> str:
    inner = "".join(f"<ConstraintGroup>{group}</ConstraintGroup>" for group in groups)
    tag = "ParameterDeclaration"
    return f'<{tag} name="{name}" parameterType="{kind}" value="{value}">{inner}</{tag}>\n'


def bound(rule: str, value: str) -> str:
    return f'<ValueConstraint rule="{rule}" value="{value}"/>'


PARAMETERS = parameter("kph", "double", "36") + parameter("s", "double", "10")


def scenario(
    parameters: str = PARAMETERS,
    init: str = TELEPORT,
    action: str = SPEED,
    trigger: str = AFTER,
    entities: str = CAR,
    more: str = "",
) -> str:
    return (
        f"<OpenSCENARIO>\n{HEADER}\n<ParameterDeclarations>{parameters}</ParameterDeclarations>\n{more}"
        '<RoadNetwork><LogicFile filepath="road.xodr"/></RoadNetwork>\n'
        f'<Entities><ScenarioObject name="Ego">{entities}</ScenarioObject></Entities>\n'
        f'<Storyboard><Init><Actions><Private entityRef="Ego">{init}</Private></Actions></Init>\n'
        '<Story name="s"><Act name="a"><ManeuverGroup maximumExecutionCount="1" name="g">\n'
        '<Actors selectTriggeringEntities="false"><EntityRef entityRef="Ego"/></Actors>\n'
        '<Maneuver name="m"><Event name="e" priority="overwrite">'
        f'<Action name="x">{action}</Action>\n'
        f"{trigger}</Event></Maneuver></ManeuverGroup></Act></Story></Storyboard></OpenSCENARIO>\n"
    )


def variation(axes: str, path: str = "s.xosc") -> str:
    return (
        f"<OpenSCENARIO>\n{HEADER}\n<ParameterValueDistribution>"
        f'<ScenarioFile filepath="{path}"/>\n<Deterministic>{axes}</Deterministic>'
        "</ParameterValueDistribution></OpenSCENARIO>\n"
    )


def steps(name: str, low: str, high: str, step: str) -> str:
    return (
        f'<DeterministicSingleParameterDistribution parameterName="{name}"><DistributionRange '
        f'stepWidth="{step}"><Range lowerLimit="{low}" upperLimit="{high}"/></DistributionRange>'
        "</DeterministicSingleParameterDistribution>\n"
    )


def values(name: str, *given: str) -> str:
    inner = "".join(f'<Element value="{value}"/>' for value in given)
    return (
        f'<DeterministicSingleParameterDistribution parameterName="{name}"><DistributionSet>{inner}'
        "</DistributionSet></DeterministicSingleParameterDistribution>\n"
    )


def together(*sets: dict[str, str]) -> str:
    inner = ""
    for given in sets:
        parts = [f'<ParameterAssignment parameterRef="{k}" value="{v}"/>' for k, v in given.items()]
        inner += f"<ParameterValueSet>{''.join(parts)}</ParameterValueSet>"
    return (
        "<DeterministicMultiParameterDistribution><ValueSetDistribution>"
        f"{inner}</ValueSetDistribution></DeterministicMultiParameterDistribution>\n"
    )


def on_road(folder: Path, text: str, name: str = "s.xosc") -> Path:
    write(folder, "road.xodr", roads(road()))
    return write(folder, name, text)


def entity(name: str) -> str:
    return f'<ScenarioObject name="{name}">{CAR}</ScenarioObject>\n'


def private(name: str, *actions: str) -> str:
    inner = "".join(f"<PrivateAction>{action}</PrivateAction>" for action in actions)
    return f'<Private entityRef="{name}">{inner}</Private>\n'


def at_lane(lane: int, s: float) -> str:
    place = f'<LanePosition roadId="1" laneId="{lane}" s="{s}"/>'
    return f"<TeleportAction><Position>{place}</Position></TeleportAction>"


def speed(value: float) -> str:
    return (
        "<LongitudinalAction><SpeedAction>"
        '<SpeedActionDynamics dynamicsShape="step" dynamicsDimension="time" value="0"/>'
        f'<SpeedActionTarget><AbsoluteTargetSpeed value="{value}"/></SpeedActionTarget>'
        "</SpeedAction></LongitudinalAction>"
    )


def timed_speed(value: float, seconds: float) -> str:
    """A linear change of speed that takes so long."""
    step = 'dynamicsShape="step" dynamicsDimension="time" value="0"'
    ramp = f'dynamicsShape="linear" dynamicsDimension="time" value="{seconds}"'
    return speed(value).replace(step, ramp)


def lane_offset(value: float, accel: float) -> str:
    return (
        '<LateralAction><LaneOffsetAction continuous="false"><LaneOffsetActionDynamics '
        f'dynamicsShape="sinusoidal" maxLateralAcc="{accel}"/><LaneOffsetTarget>'
        f'<AbsoluteTargetLaneOffset value="{value}"/></LaneOffsetTarget>'
        "</LaneOffsetAction></LateralAction>"
    )


def event(
    name: str,
    action: str,
    condition: str,
    edge: str = "none",
    delay: float = 0.0,
    priority: str = "parallel",
) -> str:
    return (
        f'<Event name="{name}" priority="{priority}"><Action name="{name}Action"><PrivateAction>'
        f"{action}</PrivateAction></Action><StartTrigger><ConditionGroup>"
        f'<Condition name="c" delay="{delay}" conditionEdge="{edge}">{condition}</Condition>'
        "</ConditionGroup></StartTrigger></Event>\n"
    )


def of_ego(condition: str) -> str:
    return (
        '<ByEntityCondition><TriggeringEntities triggeringEntitiesRule="any">'
        '<EntityRef entityRef="Ego"/></TriggeringEntities>'
        f"<EntityCondition>{condition}</EntityCondition></ByEntityCondition>"
    )


def at_time(seconds: float) -> str:
    time = f'<SimulationTimeCondition value="{seconds}" rule="greaterOrEqual"/>'
    return f"<ByValueCondition>{time}</ByValueCondition>"


def two_cars(
    *events: str, ego: tuple[str, ...], other: tuple[str, ...], stop: str = "", more: str = ""
) -> str:
    """A scenario of the ego and one actor, who plays the events."""
    ending = f"<StopTrigger>{stop}</StopTrigger>" if stop else ""
    return (
        f"<OpenSCENARIO>{HEADER}{more}"
        '<RoadNetwork><LogicFile filepath="road.xodr"/></RoadNetwork>'
        f"<Entities>{entity('Ego')}{entity('Other')}</Entities><Storyboard><Init><Actions>"
        f"{private('Ego', *ego)}{private('Other', *other)}</Actions></Init>"
        '<Story name="s"><Act name="a"><ManeuverGroup maximumExecutionCount="1" name="g">'
        '<Actors selectTriggeringEntities="false"><EntityRef entityRef="Other"/></Actors>'
        f'<Maneuver name="m">{"".join(events)}</Maneuver></ManeuverGroup></Act></Story>{ending}'
        "</Storyboard></OpenSCENARIO>"
    )


def parameter_sets(found: Variations) -> Iterator[dict[str, Value]]:
    """The valid parameter sets, the last axis fastest; unvaried: one that replaces nothing."""
    axes = found.axes()
    for point in itertools.product(*axes.values()):
        values = dict(zip(axes, point, strict=True))
        if not found.leaves_out(values):
            yield found.given(values)
