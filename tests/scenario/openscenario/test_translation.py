"""Imported actors move as OpenSCENARIO says: from the file through the engine, by arithmetic."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest

from drivestack.core.errors import UnsupportedError
from drivestack.scenario import load
from drivestack.scenario.expand import cases
from drivestack.scenario.export import exported
from drivestack.scenario.loader import documents
from tests.scenario.opendrive.roads import road, roads
from tests.scenario.openscenario.documents import (
    CAR,
    at_lane,
    at_time,
    entity,
    event,
    of_ego,
    speed,
    two_cars,
)
from tests.scenario.writing import write
from tests.world.actors.playing import HZ, fired, played, tracks

LONG = '<geometry s="0" x="0" y="0" hdg="0" length="2000"><line/></geometry>'
EGO = (at_lane(-2, 5.0), speed(15.0))
OTHER = (at_lane(-1, 105.0), speed(10.0))


def on(folder: Path, text: str) -> Path:
    write(folder, "road.xodr", roads(road(plan=LONG, length=2000)))
    return write(folder, "s.xosc", text)


def lane_change(rate: float) -> str:
    return (
        "<LateralAction><LaneChangeAction>"
        '<LaneChangeActionDynamics dynamicsShape="sinusoidal" dynamicsDimension="rate" '
        f'value="{rate}"/>'
        '<LaneChangeTarget><RelativeTargetLane entityRef="Ego" value="0"/></LaneChangeTarget>'
        "</LaneChangeAction></LateralAction>"
    )


def gap(value: str) -> str:
    return (
        f"<LongitudinalAction><LongitudinalDistanceAction entityRef='Ego' {value} freespace='true' "
        "displacement='leadingReferencedEntity' coordinateSystem='entity' continuous='false'/>"
        "</LongitudinalAction>"
    )


def distance(value: float) -> str:
    return of_ego(
        f'<RelativeDistanceCondition entityRef="Other" value="{value}" rule="lessThan" '
        'relativeDistanceType="longitudinal" freespace="true" coordinateSystem="entity"/>'
    )


@pytest.mark.parametrize("rate", [1.0, 2.5])
def test_a_cut_in_fires_at_its_distance_and_has_its_peak_rate(tmp_path: Path, rate: float) -> None:
    text = two_cars(
        event("CutIn", lane_change(rate), distance(40.0), "rising"), ego=EGO, other=OTHER
    )
    (start,) = load(on(tmp_path, text))
    scenes = played(start, 20)
    # 100 m between equal reference points, 5 m of cars, 5 m/s of closing
    began = math.floor((100.0 - 5.0 - 40.0) / 5.0 * HZ) + 1
    assert start.script.names == ("CutInAction",)
    assert fired(scenes) == began
    y = tracks(scenes)[:, 1]
    u = np.clip((np.arange(len(y)) - began) / HZ / (math.pi * 3.5 / (2.0 * rate)), 0.0, 1.0)
    np.testing.assert_allclose(y, -1.75 - 3.5 * (1.0 - np.cos(math.pi * u)) / 2.0, atol=1e-9)


def test_reference_points_are_rear_axles(tmp_path: Path) -> None:
    (start,) = load(on(tmp_path, two_cars(ego=EGO, other=OTHER)))
    assert start.bodies["x"].tolist() == pytest.approx([5.0 + 1.4, 105.0 + 1.4])
    assert start.map.lanes["speed_limit"].max() == 15.0


@pytest.mark.parametrize(("value", "free"), [("timeGap='2.0'", 30.0), ("distance='12'", 12.0)])
def test_a_gap_before_the_start_is_put_right(tmp_path: Path, value: str, free: float) -> None:
    other = (at_lane(-2, 20.0), speed(15.0), gap(value))
    (start,) = load(on(tmp_path, two_cars(ego=EGO, other=other)))
    ego, lead = start.bodies["x"]
    assert lead - ego - 5.0 == pytest.approx(free)


def test_headway_starts_a_walk(tmp_path: Path) -> None:
    condition = of_ego(
        '<TimeHeadwayCondition entityRef="Other" value="2.0" rule="lessThan" freespace="true" '
        'relativeDistanceType="longitudinal" coordinateSystem="road"/>'
    )
    text = two_cars(
        event("Go", speed(3.0), condition, "rising"), ego=EGO, other=(at_lane(-1, 95.0),)
    )
    (start,) = load(on(tmp_path, text))
    scenes = played(start, 8)
    assert fired(scenes) == math.floor((90.0 - 5.0 - 30.0) / 15.0 * HZ) + 1
    assert tracks(scenes)[-1, 3] == pytest.approx(3.0)


def test_events_wait_for_single_actions(tmp_path: Path) -> None:
    waits = (
        '<ByValueCondition><StoryboardElementStateCondition storyboardElementType="action" '
        'storyboardElementRef="FirstAction" state="completeState"/></ByValueCondition>'
    )
    text = two_cars(
        event("First", lane_change(2.0), at_time(1.0)),
        event("Second", speed(0.0), waits, delay=1.0),
        ego=EGO,
        other=OTHER,
        stop=f'<ConditionGroup><Condition name="e" delay="0" conditionEdge="none">{at_time(9.0)}'
        "</Condition></ConditionGroup>",
    )
    (start,) = load(on(tmp_path, text))
    scenes = played(start, 8)
    ended = math.ceil((1.0 + math.pi * 3.5 / 4.0) * HZ)
    assert (fired(scenes, 0), fired(scenes, 1)) == (HZ, ended + HZ)
    assert start.ticks == 9 * HZ


def test_events_wait_for_the_start_of_another(tmp_path: Path) -> None:
    waits = (
        '<ByValueCondition><StoryboardElementStateCondition storyboardElementType="event" '
        'storyboardElementRef="First" state="startTransition"/></ByValueCondition>'
    )
    text = two_cars(
        event("First", lane_change(2.0), at_time(1.0)),
        event("Second", speed(0.0), waits, delay=1.0),
        ego=EGO,
        other=OTHER,
    )
    (start,) = load(on(tmp_path, text))
    scenes = played(start, 4)
    assert (fired(scenes, 0), fired(scenes, 1)) == (HZ, 2 * HZ + 1)  # it is seen a tick later


def timed_line(times: tuple[float, ...], scale: float = 1.0, shift: float = 0.0) -> str:
    """A line from x = 105 on, 20 m from vertex to vertex."""
    vertices = "".join(
        f"<Vertex time='{t}'><Position><WorldPosition x='{105 + 20 * k}' y='-1.75'/></Position>"
        "</Vertex>" for k, t in enumerate(times)
    )  # fmt: skip
    return (
        "<RoutingAction><FollowTrajectoryAction initialDistanceOffset='0'><TrajectoryRef>"
        f"<Trajectory name='t' closed='false'><Shape><Polyline>{vertices}</Polyline></Shape>"
        "</Trajectory></TrajectoryRef><TimeReference><Timing domainAbsoluteRelative='relative' "
        f"scale='{scale}' offset='{shift}'/></TimeReference>"
        "<TrajectoryFollowingMode followingMode='position'/></FollowTrajectoryAction>"
        "</RoutingAction>"
    )


@pytest.mark.parametrize(
    ("scale", "shift", "at"),
    [(1.0, 0.0, (3, 5, 7)), (1.0, 0.5, (3.5, 5.5, 7.5)), (0.5, 0.0, (2, 3, 4)),
     (0.5, -1.0, (1, 2, 3))],
)  # fmt: skip
def test_times_of_a_trajectory_count_from_the_start_of_its_action(
    tmp_path: Path, scale: float, shift: float, at: tuple[float, ...]
) -> None:
    """Vertices at 2, 4 and 6 s, times scale, plus shift; the action begins at 1 s."""
    text = two_cars(event("F", timed_line((2, 4, 6), scale, shift), at_time(1.0)),
                    ego=EGO, other=(at_lane(-1, 105.0), speed(0.0)))  # fmt: skip
    (start,) = load(on(tmp_path, text))
    states = tracks(played(start, 9))
    for k, time in enumerate(at):
        assert states[round(time * HZ), 0] == pytest.approx(106.4 + 20.0 * k)
    np.testing.assert_allclose(states[: round(at[0] * HZ), 0], 106.4)  # it waits at the first
    assert states[round(0.5 * (at[0] + at[1]) * HZ), 0] == pytest.approx(116.4)


def test_a_trajectory_that_begins_before_its_action_is_refused(tmp_path: Path) -> None:
    text = two_cars(event("F", timed_line((2, 4), 1.0, -3.0), at_time(1.0)), ego=EGO, other=OTHER)
    with pytest.raises(UnsupportedError, match="begins 1 s before its action"):
        list(load(on(tmp_path, text)))


def test_a_trajectory_has_parameters_of_its_own(tmp_path: Path) -> None:
    vertices = "".join(f"<Vertex><Position><WorldPosition x='{x}' y='$side'/></Position></Vertex>"
                       for x in (105, 150))  # fmt: skip
    line = (
        "<RoutingAction><FollowTrajectoryAction initialDistanceOffset='0'><TrajectoryRef>"
        "<Trajectory name='t' closed='false'><ParameterDeclarations>"
        "<ParameterDeclaration name='side' parameterType='double' value='-3'/>"
        f"</ParameterDeclarations><Shape><Polyline>{vertices}</Polyline></Shape></Trajectory>"
        "</TrajectoryRef><TimeReference><None/></TimeReference>"
        "<TrajectoryFollowingMode followingMode='position'/></FollowTrajectoryAction>"
        "</RoutingAction>"
    )
    (start,) = load(on(tmp_path, two_cars(event("F", line, at_time(1.0)), ego=EGO, other=OTHER)))
    assert tracks(played(start, 3))[-1, 1] == pytest.approx(-3.0)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (two_cars(event("X", "<TeleportAction><Position><WorldPosition x='0' y='0'/></Position>"
                        "</TeleportAction>", at_time(1.0)), ego=EGO, other=OTHER), "Teleport"),
        (two_cars(event("X", lane_change(1.0), of_ego('<OffroadCondition duration="1"/>')),
                  ego=EGO, other=OTHER), "OffroadCondition"),
        (two_cars(ego=(*EGO, lane_change(1.0)), other=OTHER), "driven by the stack"),
    ],
)  # fmt: skip
def test_what_is_not_supported_is_named_with_its_line(tmp_path: Path, text: str, what: str) -> None:
    path = on(tmp_path, text)
    with pytest.raises(UnsupportedError) as caught:
        list(load(path))
    assert what in str(caught.value)
    assert re.match(rf"{re.escape(str(path))}:\d+: ", str(caught.value))


def test_what_is_imported_plays_the_same(tmp_path: Path) -> None:
    text = two_cars(
        event("CutIn", lane_change(2.0), distance(40.0), "rising"), ego=EGO, other=OTHER
    )
    path = on(tmp_path, text)
    (document,) = documents(path)
    (case,) = cases(document)
    ((name, words),) = exported(case)
    (start,) = load(path)
    (again,) = load(write(tmp_path, f"{name}.yaml", words))
    one, other = tracks(played(start, 15)), tracks(played(again, 15))
    np.testing.assert_allclose(one, other, atol=1e-9)


TRUCK = (
    '<Vehicle name="truck" vehicleCategory="truck">'
    '<BoundingBox><Center x="6" y="0" z="2"/><Dimensions width="2.5" length="18" height="4"/>'
    '</BoundingBox><Performance maxSpeed="30" maxDeceleration="6" maxAcceleration="2"/></Vehicle>'
)


def between(kind: str, value: float, more: str = "") -> str:
    return of_ego(
        f'<{kind} value="{value}" rule="greaterThan" freespace="false" {more}'
        'relativeDistanceType="longitudinal" coordinateSystem="entity" entityRef="Other"/>'
    )


def test_without_freespace_reference_points_count(tmp_path: Path) -> None:
    """Both rear axles: 40 m apart at the start, then 10 m more every second."""
    text = two_cars(
        event("Stop", speed(0.0), between("RelativeDistanceCondition", 60.0)),
        ego=(at_lane(-2, 5.0), speed(0.0)), other=(at_lane(-1, 45.0), speed(10.0)),
    )  # fmt: skip
    head, tail = text.split(entity("Other"))
    text = head + entity("Other").replace(CAR, TRUCK) + tail
    (start,) = load(on(tmp_path, text))
    assert fired(played(start, 3)) == 2 * HZ + 1
    with pytest.raises(UnsupportedError, match=r"is 0\.3 m beside its middle"):
        list(load(on(tmp_path, text.replace('x="6" y="0"', 'x="6" y="0.3"'))))


def test_a_gap_at_the_start_lies_between_reference_points(tmp_path: Path) -> None:
    other = (at_lane(-2, 20.0), speed(15.0), gap("distance='30'").replace("'true'", "'false'", 1))
    text = two_cars(ego=EGO, other=other)
    head, tail = text.split(entity("Other"))
    (start,) = load(on(tmp_path, head + entity("Other").replace(CAR, TRUCK) + tail))
    ego, lead = start.bodies["x"]
    assert (lead - 6.0) - (ego - 1.4) == pytest.approx(30.0)
