"""`lights:` from the file to the first state, and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drivestack.core.errors import InputError
from drivestack.core.lights import Colour, Light
from drivestack.scenario import load
from drivestack.scenario.cache import content_digest, packed, unpacked
from drivestack.scenario.expand import cases
from drivestack.scenario.export import exported
from drivestack.scenario.loader import documents
from tests.scenario.writing import SCENARIO, write

LIGHTS = """\
lights:
  - name: main
    phases: [[green, 10], [yellow, 3], [red, 0.5]]
    offset: -2.5
    lines: [{lane: [a, b, 0], s: 90}, {lane: [a, b, 1]}]
"""
MAIN = Light(
    "main",
    ((Colour.GREEN, 200), (Colour.YELLOW, 60), (Colour.RED, 10)),
    -50,
    ((0, 90.0), (1, 100.0)),
)


def test_seconds_become_ticks(tmp_path: Path) -> None:
    (start,) = load(write(tmp_path, "lit.yaml", SCENARIO + LIGHTS))
    assert start.lights == (MAIN,)
    assert start.lights[0].at(0) is Colour.GREEN
    assert start.lights[0].at(150) is Colour.YELLOW


def test_rates_count(tmp_path: Path) -> None:
    rates = "rates: {physics: 10, control: 10, plan: 10}\n"
    (start,) = load(write(tmp_path, "lit.yaml", SCENARIO + LIGHTS + rates))
    assert [ticks for _, ticks in start.lights[0].phases] == [100, 30, 5]
    assert start.lights[0].offset == -25


def test_offsets_can_be_varied_by_name(tmp_path: Path) -> None:
    vary = "vary: {lights.main.offset: [0, 1]}\n"
    starts = load(write(tmp_path, "lit.yaml", SCENARIO + LIGHTS + vary))
    assert [start.lights[0].offset for start in starts] == [0, 20]


def test_a_scenario_without_keeps_its_name(tmp_path: Path) -> None:
    (start,) = load(write(tmp_path, "dark.yaml", SCENARIO))
    assert "lights" not in json.loads(start.resolved)
    assert "lights" not in json.loads(str(packed(start)["start"]))["facts"]


def test_kept_on_disk(tmp_path: Path) -> None:
    (dark,) = load(write(tmp_path, "dark.yaml", SCENARIO))
    (start,) = load(write(tmp_path, "lit.yaml", SCENARIO + LIGHTS))
    assert unpacked(packed(start)).lights == start.lights
    assert content_digest(start) != content_digest(dark)


def test_written_as_yaml(tmp_path: Path) -> None:
    (document,) = documents(write(tmp_path, "lit.yaml", SCENARIO + LIGHTS))
    ((_, text),) = (pair for case in cases(document) for pair in exported(case))
    (start,) = load(write(tmp_path, "again.yaml", text))
    assert start.lights == (MAIN,)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("green", "gren", r"lights\.0\.phases\.0.*did you mean 'green'"),
        ("[green, 10]", "[green, 0]", r"lights\.0\.phases\.0.*greater than 0"),
        ("[red, 0.5]", "[red, 0.01]", r"lights\.0\.phases\.2.*a tick at least, 0\.05 s"),
        ("[[green, 10], [yellow, 3], [red, 0.5]]", "[]", r"lights\.0\.phases: expected at least 1"),
        ("s: 90", "s: 190", r"lights\.0\.lines\.0\.s: expected 0 to 100 m"),
        ("[a, b, 1]", "[a, b, 7]", r"lights\.0\.lines\.1\.lane: no lane \[a, b, 7\]"),
        ("offset", "offs", r"offs: unknown key; did you mean 'offset'"),
        ("name: main\n", "name: main main\n", r"lights\.0\.name: expected text of the form"),
    ],
)
def test_wrong_lights(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert LIGHTS.count(old) == 1
    path = write(tmp_path, "wrong.yaml", SCENARIO + LIGHTS.replace(old, new))
    with pytest.raises(InputError, match=rf"wrong\.yaml:\d+: .*{sentence}") as error:
        list(load(path))
    assert "\n" not in str(error.value)


def test_names_are_given_once(tmp_path: Path) -> None:
    twice = LIGHTS + LIGHTS.removeprefix("lights:\n")
    with pytest.raises(InputError, match=r"lights\.1\.name: name 'main' is given twice"):
        load(write(tmp_path, "twice.yaml", SCENARIO + twice))


def test_scenes_of_others_have_none(tmp_path: Path) -> None:
    text = "id: x\nmap: {kind: highway_env, env: merge-v1}\n"
    with pytest.raises(InputError, match="lights: only for maps of kind"):
        load(write(tmp_path, "scene.yaml", text + LIGHTS))
