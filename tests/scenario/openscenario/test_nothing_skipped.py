"""What changes a scenario is played, noted or refused with its line; never dropped in silence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from drivestack.core.errors import InputError, UnsupportedError
from drivestack.scenario import load
from drivestack.scenario.openscenario.scenario import read_file
from tests.scenario.opendrive.roads import road, roads
from tests.scenario.openscenario.documents import (
    at_lane,
    at_time,
    event,
    lane_offset,
    speed,
    timed_speed,
    two_cars,
)
from tests.scenario.writing import write
from tests.world.actors.playing import fired, played

EGO, OTHER = (at_lane(-2, 5.0), speed(0.0)), (at_lane(-1, 20.0), speed(1.0))
TIME_0 = "<SimulationTimeCondition value='0' rule='greaterOrEqual'/>"


def keep(limits: str, system: str = "entity") -> str:
    return (
        "<LongitudinalAction><LongitudinalDistanceAction entityRef='Ego' distance='20' "
        f"freespace='true' continuous='true' coordinateSystem='{system}' "
        f"displacement='leadingReferencedEntity'><DynamicConstraints {limits}/>"
        "</LongitudinalDistanceAction></LongitudinalAction>"
    )


def meet(tolerance: str) -> str:
    places = "".join(
        f"<{tag}><WorldPosition x='80' y='{y}'/></{tag}>"
        for tag, y in (("TargetPositionMaster", -5.25), ("TargetPosition", -1.75))
    )
    return f"<SynchronizeAction masterEntityRef='Ego' {tolerance}>{places}</SynchronizeAction>"


def stop(inner: str) -> str:
    inner = f"<ByValueCondition>{inner}</ByValueCondition>"
    condition = f"<Condition name='e' delay='0' conditionEdge='none'>{inner}</Condition>"
    return f"<ConditionGroup>{condition}</ConditionGroup>"


def on(folder: Path, text: str) -> Path:
    write(folder, "road.xodr", roads(road()))
    return write(folder, "s.xosc", text)


def with_event(action: str, ending: str = "") -> str:
    return two_cars(event("E", action, at_time(1.0)), ego=EGO, other=OTHER, stop=ending)


SMOOTH = "maxAcceleration='3' maxDeceleration='5' maxSpeed='30'"
FOLLOWED = lane_offset(1.0, 1.0).replace('"false"', '"true"').replace(
    'AbsoluteTargetLaneOffset value', 'RelativeTargetLaneOffset entityRef="Ego" value'
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (with_event(keep(f"{SMOOTH} maxAccelerationRate='0.1'")), "'maxAccelerationRate'"),
        (with_event(keep(f"{SMOOTH} maxDecelerationRate='0.1'")), "'maxDecelerationRate'"),
        (with_event(keep(SMOOTH, "trajectory")), "coordinateSystem 'trajectory'; valid: entity,"),
        (with_event(timed_speed(0.0, -8.0)), "a time should be at least 0, got -8"),
        (with_event(FOLLOWED), "an offset from another that goes on"),
        (with_event(speed(0.0), stop(TIME_0)), "the stop trigger fires before anything has moved"),
    ],
)
def test_what_cannot_be_played_is_refused(tmp_path: Path, text: str, what: str) -> None:
    path = on(tmp_path, text)
    with pytest.raises(InputError) as caught:
        list(load(path))
    assert what in str(caught.value)
    assert re.match(rf"{re.escape(str(path))}:\d+: ", str(caught.value))


def notes(path: Path) -> list[str]:
    template, _ = read_file(path)
    found = [note.split(": ", 1)[1] for note in template.at({}).notes]
    return [note for note in found if not note.startswith("Performance")]


def test_what_is_played_otherwise_is_noted(tmp_path: Path) -> None:
    ramp = timed_speed(0.0, 2.0).replace("dynamicsShape", "followingMode='follow' dynamicsShape", 1)
    assert notes(on(tmp_path, with_event(ramp))) == ["followingMode: follow is played as position"]
    path = on(tmp_path, with_event(meet("targetTolerance='0.5' targetToleranceMaster='0'")))
    assert notes(path) == ["targetTolerance: who arrives, arrives exactly"]
    assert notes(on(tmp_path, with_event(speed(0.0)))) == []


def test_an_empty_start_trigger_never_fires_and_a_missing_one_at_once(tmp_path: Path) -> None:
    text = with_event(speed(0.0))
    trigger = re.compile("<StartTrigger>.*?</StartTrigger>")
    empty = on(tmp_path, trigger.sub("<StartTrigger/>", text))
    assert notes(empty) == ["StartTrigger: without conditions it never fires"]
    (start,) = load(empty)
    assert start.script.names == ()
    (start,) = load(on(tmp_path, trigger.sub("", text)))
    assert fired(played(start, 0.5)) == 0


def test_an_act_with_an_empty_start_trigger_never_begins(tmp_path: Path) -> None:
    text = with_event(speed(0.0)).replace("</Act>", "<StartTrigger/></Act>")
    (start,) = load(on(tmp_path, text))
    assert start.script.names == ()


def test_unknown_names_come_with_the_nearest(tmp_path: Path) -> None:
    beside = "<RelativeObjectPosition entityRef='Othr' dx='5' dy='0'/>"
    place = f"<TeleportAction><Position>{beside}</Position></TeleportAction>"
    with pytest.raises(InputError, match="no entity 'Othr'; did you mean 'Other'"):
        list(load(on(tmp_path, two_cars(ego=(*EGO, place), other=OTHER))))
    text = with_event(speed(0.0)).replace("value='1.0'", "value='$Foo'").replace(
        'value="1.0"', 'value="$Foo"'
    )  # fmt: skip
    with pytest.raises(InputError, match="no parameter 'Foo'; none is declared"):
        list(load(on(tmp_path, text)))
    with pytest.raises(UnsupportedError, match="LaneChangeActon: not supported"):
        list(load(on(tmp_path, with_event("<LateralAction><LaneChangeActon/></LateralAction>"))))
