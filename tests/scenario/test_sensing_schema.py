"""The block `sensing:`: what it becomes, how it varies, what is refused."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from pathlib import Path

import pytest

from drivestack.core.errors import InputError
from drivestack.core.sensor import PERFECT, Radar, Sensor
from drivestack.scenario import json_schema, load
from drivestack.scenario.sensing_schema import Sensing
from tests.scenario.writing import SCENARIO, write


def loaded(folder: Path, more: str) -> list[Sensor]:
    return [start.sensing for start in load(write(folder, "s.yaml", SCENARIO + more))]


def test_default_is_perfect(tmp_path: Path) -> None:
    assert loaded(tmp_path, "") == [PERFECT]
    assert loaded(tmp_path, "sensing: {}\n") == [PERFECT]


def test_every_key_is_carried_over(tmp_path: Path) -> None:
    values = {
        "range": 80.0,
        "field_of_view": 2.0,
        "visible_share": 0.25,
        "position_noise": 0.5,
        "speed_noise": 0.75,
        "latency": 3,
        "miss_probability": 0.1,
        "ghost_probability": 0.2,
        "ghost_ticks": 4,
        "freeze_probability": 0.3,
        "freeze_ticks": 5,
    }
    radar = {
        "range": 90.0,
        "opening": 0.3,
        "near_range": 20.0,
        "near_opening": 1.0,
        "range_noise": 0.1,
        "speed_noise": 0.2,
        "miss_probability": 0.3,
    }
    names = [*values, "radar"]
    assert names == [field.name for field in fields(Sensor)] == list(Sensing.model_fields)
    assert list(radar) == [field.name for field in fields(Radar)]
    text = json.dumps(values | {"radar": radar})
    expected = Sensor(**values, radar=Radar(**radar))
    assert loaded(tmp_path, f"sensing: {text}\n") == [expected]


def test_a_radar_is_no_fault_of_the_sensors(tmp_path: Path) -> None:
    (found,) = loaded(tmp_path, "sensing: {radar: {range: 0}}\n")
    assert found.is_perfect
    assert found.radar.range == 0.0


def test_it_can_vary_and_names_the_episode(tmp_path: Path) -> None:
    path = write(tmp_path, "s.yaml", SCENARIO + "vary: {sensing.latency: [0, 2]}\n")
    starts = list(load(path))
    assert [start.sensing.latency for start in starts] == [0, 2]
    assert "sensing.latency=2" in starts[1].scenario
    assert json.loads(starts[1].resolved)["sensing"]["latency"] == 2


def test_suites_and_scenes_have_it_too(tmp_path: Path) -> None:
    suite = "suite: s\ndefaults: {sensing: {range: 50}}\nscenarios: [{env: lane-keeping-v0}]\n"
    (start,) = load(write(tmp_path, "suite.yaml", suite))
    assert start.sensing == Sensor(range=50.0, field_of_view=math.tau)


@pytest.mark.parametrize(
    ("block", "field", "words"),
    [
        ("{rnage: 5}", "sensing.rnage", "did you mean 'range'?"),
        ("{latncy: 5}", "sensing.latncy", "did you mean 'latency'?"),
        ("{range: 0}", "sensing.range", "greater than 0, got 0"),
        ("{range: .inf}", "sensing.range", "expected a finite number"),
        ("{latency: 1.5}", "sensing.latency", "1.5"),
        ("{latency: -1}", "sensing.latency", "got -1"),
        ("{latency: 2000}", "sensing.latency", "got 2000"),
        ("{miss_probability: 1.2}", "sensing.miss_probability", "got 1.2"),
        ("{field_of_view: 7}", "sensing.field_of_view", "got 7"),
        ("{position_noise: -0.1}", "sensing.position_noise", "got -0.1"),
        ("{ghost_probability: 0.1}", "sensing.ghost_probability", "needs range"),
        ("{freeze_ticks: 3}", "sensing.freeze_ticks", "needs freeze_probability"),
        ("perfect", "sensing", "perfect"),
    ],
)
def test_faults_name_the_field(tmp_path: Path, block: str, field: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        loaded(tmp_path, f"sensing: {block}\n")
    message = str(caught.value)
    assert f"s.yaml:11: {field}:" in message
    assert words in message


def test_json_schema_follows() -> None:
    definition = json_schema()["$defs"]["Sensing"]
    assert set(definition["properties"]) == {field.name for field in fields(Sensor)}
    assert definition["additionalProperties"] is False
