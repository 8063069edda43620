"""Hostile roads and scenarios are refused before anything heavy is loaded, in little memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scenario.opendrive.roads import LINE, lane, road, roads, section
from tests.scenario.openscenario.documents import at_lane, speed, two_cars
from tests.scenario.writing import document, write, write_gzip

MOST = 128 << 10
"""KiB of the process alone, since ``ru_maxrss`` begins with its parent's. Refusals take 55 to 115
MiB, compiled code 50 more."""

CHECK = """
import re, sys
from pathlib import Path
from drivestack.core.errors import InputError
from drivestack.scenario.limits import check_files
try:
    check_files([Path(sys.argv[1])], False)
except InputError as error:
    print(error)
print("heavy" if {"numba", "torch"} & set(sys.modules) else "light")
print(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
"""

FINE = two_cars(ego=(at_lane(-2, 5.0), speed(1.0)), other=(at_lane(-1, 20.0), speed(1.0)))


def on(folder: Path, text: str, scenario: str = FINE) -> Path:
    write(folder, "road.xodr", text)
    return write(folder, "s.xosc", scenario)


def many_pieces(folder: Path) -> Path:
    return on(folder, roads(road(plan=LINE * 20_000)))


def many_sections(folder: Path) -> Path:
    return on(folder, roads(road(lanes=section(0, lane(1), lane(-1) + lane(-2)) * 4_000)))


def many_elements(folder: Path) -> Path:
    return on(folder, roads(road(more="<type s='0' type='town'/>" * 240_000)))


def no_number(folder: Path) -> Path:
    return on(folder, roads(road(plan=LINE.replace('length="100"', 'length="nan"'))))


def no_entity(folder: Path) -> Path:
    beside = "<RelativeObjectPosition entityRef='Othr' dx='5' dy='0'/>"
    place = f"<TeleportAction><Position>{beside}</Position></TeleportAction>"
    return on(folder, roads(road()), two_cars(ego=(place,), other=(at_lane(-1, 20.0),)))


def no_lane(folder: Path) -> Path:
    return on(folder, roads(road()), FINE.replace('laneId="-2"', 'laneId="-9"'))


def no_place(folder: Path) -> Path:
    return on(folder, roads(road()), FINE.replace('s="5.0"', 's="5e6"'))


def blank_recording(folder: Path) -> Path:
    return write_gzip(folder, "bomb.xml.gz", [b"<commonRoad>", *[b" " * (1 << 20)] * 600])


def long_tag(folder: Path) -> Path:
    """As long as a file may be; expat would read it anew with every piece."""
    return write(folder, "a.xml", "<commonRoad" + " a='1'" * 2_000_000 + "/>")


def long_comment(folder: Path) -> Path:
    return write(folder, "a.xml", "<commonRoad><!--" + "x\n" * 7_000_000 + "--></commonRoad>")


def long_text(folder: Path) -> Path:
    return write(folder, "a.xml", "<commonRoad>" + "\n" * 15_000_000 + "</commonRoad>")


def many_lanelets(folder: Path) -> Path:
    return write(folder, "a.xml", "<commonRoad>" + "<lanelet/>" * 300_000 + "</commonRoad>")


def cut_short(folder: Path) -> Path:
    text = document("2020a")
    return write(folder, "a.xml", text[: len(text) // 2])


REFUSED = {
    many_pieces: "more than 10000 elements 'geometry'",
    many_sections: "more than 10000 elements 'lane'",
    many_elements: "more than 100000 XML elements",
    no_number: "expected a finite number",
    no_entity: "no entity 'Othr'; did you mean 'Other'?",
    no_lane: "road '1' has no lane -9",
    no_place: "is not on road '1', which is 100 m long",
    long_tag: "a tag or comment of more than 1048576 bytes",
    long_comment: "a tag or comment of more than 1048576 bytes",
    long_text: "an element with more than 1048576 characters of text",
    many_lanelets: "more than 150000 XML elements",
    cut_short: "broken XML",
    blank_recording: "larger than 16777216 bytes when decompressed",
}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read in /proc")
@pytest.mark.parametrize(
    ("make", "sentence"), REFUSED.items(), ids=[make.__name__ for make in REFUSED]
)
def test_refusals_are_light(tmp_path: Path, make: Callable[[Path], Path], sentence: str) -> None:
    command = [sys.executable, "-c", CHECK, str(make(tmp_path))]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    *said, weight, peak = out.splitlines()
    assert len(said) == 1
    assert sentence in said[0]
    assert weight == "light"
    assert int(peak) < MOST


def test_what_is_fine_passes(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CHECK, str(on(tmp_path, roads(road())))]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert out.splitlines()[0] == "light"
