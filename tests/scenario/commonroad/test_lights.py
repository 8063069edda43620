"""Lights of a CommonRoad document: cycles, lanelets, turns, stop lines, what is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.core.errors import InputError
from drivestack.core.lights import Colour, Light
from drivestack.scenario import load
from drivestack.scenario.commonroad.recording import Recording, read_recording
from drivestack.scenario.expand import cases
from drivestack.scenario.export import exported
from drivestack.scenario.loader import documents
from tests.scenario.writing import adjacent, document, lanelet, write

TURNS = """<intersection id="50"><incoming id="51"><incomingLanelet ref="1"/>
<successorsStraight ref="3"/></incoming><incoming id="52"><incomingLanelet ref="2"/>
<successorsRight ref="4"/></incoming></intersection>
"""


def signal(number: int, more: str = "<direction>all</direction>", active: str = "true") -> str:
    phases = (("green", 170), ("yellow", 30), ("redYellow", 10), ("red", 790))
    cycle = "".join(
        f"<cycleElement><duration>{steps}</duration><color>{color}</color></cycleElement>"
        for color, steps in phases
    )
    return (
        f'<trafficLight id="{number}"><cycle>{cycle}<timeOffset>40</timeOffset></cycle>{more}'
        f"<active>{active}</active></trafficLight>\n"
    )


def network(first: str, second: str = "") -> str:
    return (
        lanelet(1, (0.0, 100.0), 0.0, '<successor ref="3"/>', adjacent("Right", 2), first)
        + lanelet(2, (0.0, 100.0), -4.0, '<successor ref="4"/>', adjacent("Left", 1), second)
        + lanelet(3, (100.0, 200.0), 0.0, '<predecessor ref="1"/>', adjacent("Right", 4))
        + lanelet(4, (100.0, 200.0), -4.0, '<predecessor ref="2"/>', adjacent("Left", 3))
    )


def read(folder: Path, lanelets: str, more: str) -> Recording:
    return read_recording(write(folder, "lit.xml", document("2020a", lanelets, more=more)))


def governing(recording: Recording) -> dict[int, tuple[tuple[int, float], ...]]:
    return {light.id: lines for light, lines in recording.lights}


REF = '<trafficLightRef ref="{}"/>'


def test_a_light_at_the_end_of_its_lanelets(tmp_path: Path) -> None:
    lanelets = network(f"<stopLine>{REF.format(9)}</stopLine>{REF.format(9)}", REF.format(9))
    text = document("2020a", lanelets, more=signal(9))
    (start,) = load(write(tmp_path, "lit.xml", text))
    phases = (
        (Colour.GREEN, 340), (Colour.YELLOW, 60), (Colour.RED_YELLOW, 20), (Colour.RED, 1580),
    )  # fmt: skip
    assert start.lights == (Light("9", phases, 80, ((0, 100.0), (1, 100.0))),)
    assert "light" not in start.source


def test_the_cycle_goes_on_before_the_ego_takes_its_place(tmp_path: Path) -> None:
    path = write(tmp_path, "lit.xml", document("2020a", network(REF.format(9)), more=signal(9)))
    vehicle = write(
        tmp_path, "car.yaml",
        "id: car\nmap: {kind: commonroad, file: lit.xml}\nego: {vehicle: 11}\n",
    )  # fmt: skip
    (start,) = load(vehicle)
    assert start.lights[0].offset == 80 - 4, "its recording begins at step 2, which is 4 ticks"
    assert path.exists()


def test_a_drawn_stop_line(tmp_path: Path) -> None:
    points = "".join(f"<point><x>93</x><y>{y}</y></point>" for y in (2, -2))
    recording = read(tmp_path, network(f"<stopLine>{points}{REF.format(9)}</stopLine>"), signal(9))
    assert governing(recording) == {9: ((0, 93.0),)}


def test_turns(tmp_path: Path) -> None:
    """Lanelet 1 leads straight on, 2 to the right: each has the light for its turn."""
    both = REF.format(8) + REF.format(9)
    more = signal(8, "<direction>left</direction>") + signal(9, "<direction>right</direction>")
    recording = read(tmp_path, network(both, both), more + TURNS)
    assert governing(recording) == {9: ((1, 100.0),)}
    assert recording.left_out == ("1 traffic lights that govern no lanelet",)
    more = signal(8) + signal(9, "<direction>straightRight</direction>")
    recording = read(tmp_path, network(both, both), more + TURNS)
    assert governing(recording) == {9: ((0, 100.0), (1, 100.0))}, "the one for fewer turns"


def test_lights_for_some_turns_of_a_lanelet_are_left_out(tmp_path: Path) -> None:
    """Nobody says which turns lanelet 1 has, so a light for one turn may not be for all."""
    more = signal(9, "<direction>left</direction>")
    recording = read(tmp_path, network(REF.format(9)), more)
    assert governing(recording) == {}
    assert "light 9 for some turns of lanelet 1" in recording.source


def test_lights_out_of_order_are_left_out(tmp_path: Path) -> None:
    recording = read(tmp_path, network(REF.format(9)), signal(9, active="false"))
    assert governing(recording) == {}
    assert "light 9, out of order" in recording.source


def test_reactive_vehicles_do_not_see_them(tmp_path: Path) -> None:
    write(tmp_path, "lit.xml", document("2020a", network(REF.format(9)), more=signal(9)))
    text = "id: r\nmap: {kind: commonroad, file: lit.xml, traffic: reactive}\n"
    (start,) = load(write(tmp_path, "r.yaml", text))
    assert "do not heed lights" in start.source


def test_imported_as_yaml(tmp_path: Path) -> None:
    text = document("2020a", network(REF.format(9)), more=signal(9))
    path = write(tmp_path, "lit.xml", text)
    (start,) = load(path)
    (doc,) = documents(path)
    ((_, yaml),) = (pair for case in cases(doc) for pair in exported(case))
    (again,) = load(write(tmp_path, "lit.yaml", yaml))
    assert again.lights == start.lights


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("<direction>all", "<direction>lef", "direction: unknown; did you mean 'left'"),
        ("<active>true", "<active>yes", "active: expected true or false, got 'yes'"),
        ("<color>green", "<color>gren", "color: unknown colour; did you mean 'green'"),
        ("<timeOffset>40", "<timeOffset>soon", "timeOffset: expected a number"),
    ],
)
def test_wrong_lights(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    more = signal(9)
    assert old in more
    with pytest.raises(InputError, match=rf"lit\.xml:\d+: .*{sentence}"):
        read(tmp_path, network(REF.format(9)), more.replace(old, new))
