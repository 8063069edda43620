from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from drivestack.core.errors import InputError
from drivestack.scenario import json_schema, load
from drivestack.scenario.loader import documents
from tests.scenario.writing import SCENARIO, edited, write

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scenario_files.md"

FAULTS = [
    # what is replaced, by what, line, field, what the sentence says
    ("width: 4}", "widht: 4}", 6, "map.lanes.1.widht", "did you mean 'width'?"),
    ("width: 4}", "width: -4}", 6, "map.lanes.1.width", "greater than 0, got -4"),
    ("width: 4}", "width: 0}", 6, "map.lanes.1.width", "greater than 0, got 0"),
    ("width: 4}", "width: .nan}", 6, "map.lanes.1.width", "expected a finite number, got .nan"),
    ("width: 4}", "width: -.inf}", 6, "map.lanes.1.width", "expected a finite number"),
    ("width: 4}", "width: 1e400}", 6, "map.lanes.1.width", "expected a finite number"),
    ("width: 4}", "width: '4'}", 6, "map.lanes.1.width", "expected a number, got '4'"),
    ("width: 4}", "width: true}", 6, "map.lanes.1.width", "expected a number, got true"),
    ("width: 4}", "width: 4, speed_limit: -1}", 6, "map.lanes.1.speed_limit", "got -1"),
    ("start: [0, -4]", "start: [0]", 6, "map.lanes.1.start", "a value is missing"),
    ("start: [0, -4]", "start: [0, 1, 2]", 6, "map.lanes.1.start", "at most 2 items"),
    ("start: [0, -4]", "start: 7", 6, "map.lanes.1.start", "expected a list, got 7"),
    ("start: [0, -4]", "start: [100, -4]", 6, "map.lanes.1.end", "has no length"),
    ("from: a, to: b, start: [0, -4]", "from: a, to: a, start: [0, -4]", 6, "map.lanes.1.to",
     "cyclic lane"),
    ("kind: straight, from: a, to: b, start: [0, -4]", "kind: straigt, from: a, to: b", 6,
     "map.lanes.1.kind", "did you mean 'straight'?"),
    ("kind: lanes", "kind: highwayenv", 3, "map.kind", "did you mean 'highway_env'?"),
    ("  kind: lanes\n", "", 3, "map.kind", "missing key 'kind'; found: lanes"),
    ("id: two-lanes", "id: two lanes", 1, "id", "got 'two lanes'"),
    ("id: two-lanes", "id: 7", 1, "id", "expected text, got 7"),
    ("id: two-lanes\n", "", 1, "id", "missing key"),
    ("kind: stack", "kind: stak", 7, "ego.kind", "did you mean 'stack'?"),
    ("kind: stack", "kind: idm, plant: lagged", 7, "ego.plant", "kinematic plant"),
    ("kind: stack", "actuators: {delay: 2}", 7, "ego.actuators", "only the lagged plant"),
    ("kind: stack", "plant: lagged, actuators: {delay: 99}", 7, "ego.actuators.delay", "32"),
    ("kind: stack", "plant: laged", 7, "ego.plant", "did you mean 'lagged'?"),
    ("kind: stack", "kind: meta, target_speeds: [10, 5]", 7, "ego.target_speeds", "ascending"),
    ("kind: stack", "target_speed: 5", 7, "ego.target_speed", "only an ego of kind idm"),
    ("kind: stack", "problem: 4", 7, "ego.problem", "only for maps of kind commonroad"),
    ("kind: stack", "vehicle: 4", 7, "ego.vehicle", "only for maps of kind commonroad"),
    ("lane: [a, b, 0], s: 10", "speed_limit: 3", 7, "ego.speed_limit", "did you mean"),
    ("lane: [a, b, 0], s: 10, ", "", 7, "ego.lane", "missing key; give lane or position"),
    ("lane: [a, b, 0], s: 10", "s: 10", 7, "ego.s", "needs a lane"),
    ("lane: [a, b, 0]", "lane: [a, c, 0]", 7, "ego.lane", "did you mean '[a, b, 0]'?"),
    ("lane: [a, b, 0]", "lane: [a, b, 0], position: [0, 0]", 7, "ego.position", "not both"),
    ("s: 10,", "s: 110,", 7, "ego.s", "expected 0 to 100 m, the lane's length, got 110"),
    ("lane: [a, b, 1]", "lane: [a, b, 2]", 9, "actors.0.lane", "did you mean"),
    ("s: 30", "s: -1", 9, "actors.0.s", "the lane's length, got -1"),
    ("speed: 5", "speed: -5", 9, "actors.0.speed", "greater than or equal to 0, got -5"),
    ("speed: 5", "destination: z", 9, "actors.0.destination", "no node 'z'"),
    ("kind: idm", "kind: ghost", 9, "actors.0.kind", "unknown kind"),
    ("kind: idm, name: lead, lane: [a, b, 1], s: 30, speed: 5", "kind: replayed, track: []", 9,
     "actors.0.track", "at least 1 item"),
    ("kind: idm, name: lead, lane: [a, b, 1], s: 30, speed: 5",
     "kind: replayed, track: [[1, 0, 0, 0, 5], [1, 5, 0, 0, 5]]", 9, "actors.0.track.1",
     "times must grow"),
    ("time_limit: 5", "time_limit: 0", 10, "time_limit", "greater than 0, got 0"),
    ("time_limit: 5", "tme_limit: 5", 10, "tme_limit", "did you mean 'time_limit'?"),
    ("time_limit: 5\n", "", 1, "time_limit", "missing key"),
    ("time_limit: 5", "time_limit: 5\nevents: []", 11, "events", "unknown key"),
    ("time_limit: 5", "time_limit: 5\nphysics: clampd", 11, "physics", "did you mean 'clamped'?"),
    ("time_limit: 5", "time_limit: 5\nrates: {physics: 15, control: 10, plan: 5}", 11,
     "rates.control", "is not a whole number; valid: 1, 3, 5, 15"),
    ("time_limit: 5", "time_limit: 5\nrates: {plan: 8}", 11, "rates.plan",
     "valid: 1, 2, 4, 5, 10, 20"),
    ("time_limit: 5", "time_limit: 5\nrates: {physics: 20.5}", 11, "rates.physics",
     "expected a whole number, got 20.5"),
    ("time_limit: 5", "time_limit: 5\nseeds: 5-2", 11, "seeds", "got '5-2'"),
    ("time_limit: 5", "time_limit: 5\nseeds: [1, 1]", 11, "seeds", "given twice"),
    ("time_limit: 5", "time_limit: 5\nseeds: 0-99999999", 11, "seeds", "1 to 1000000 seeds"),
    ("time_limit: 5", "time_limit: 5\ncount: 0", 11, "count", "greater than or equal to 1"),
    ("time_limit: 5", "time_limit: 5\ngoal: {radius: 3}", 11, "goal.lane", "lane or position"),
    ("time_limit: 5", "time_limit: 5\ngoal: {lane: [b, a, 0]}", 11, "goal.lane", "no lane"),
    ("time_limit: 5", "time_limit: 5\nexpect: {contat: false}", 11, "expect.contat",
     "did you mean 'contact'?"),
    ("time_limit: 5", "time_limit: 5\nexpect: {progress_m: {}}", 11, "expect.progress_m",
     "give min, max or both"),
    ("time_limit: 5", "time_limit: 5\nvary: {ego.speed: 3}", 11, "vary.ego.speed",
     "expected a list"),
    ("time_limit: 5", "time_limit: 5\nvary: {ego.sped: [3]}", 11, "ego.sped",
     "did you mean 'speed'?"),
    ("time_limit: 5", "time_limit: 5\nvary: {ego.speed: [3, -3]}", 11, "ego.speed", "got -3"),
    ("time_limit: 5", "time_limit: 5\nvary: {ego.speed: {uniform: [-1, 3]}}", 11, "ego.speed",
     "got -1"),
    ("time_limit: 5", "time_limit: 5\nvary: {ego.speed: {unifrm: [1, 3]}}", 11,
     "vary.ego.speed.unifrm", "did you mean 'uniform'?"),
    ("time_limit: 5", "time_limit: 5\nvary: {ego.speed: {uniform: [3, 1]}}", 11,
     "vary.ego.speed.uniform", "low < high"),
    ("time_limit: 5", "time_limit: 5\nvary: {actors.led.s: [3]}", 11, "vary.actors.led.s",
     "no item 'led'; did you mean 'lead'?"),
    ("time_limit: 5", "time_limit: 5\nvary: {seeds: [3]}", 11, "vary.seeds", "cannot be varied"),
    ("time_limit: 5", "time_limit: 5\nvary: {time_limit.x: [3]}", 11, "vary.time_limit.x",
     "nothing below"),
    ("time_limit: 5", "time_limit: 5\nexclude: [{ego.s: 3}]", 11, "exclude.0.ego.s",
     "not a varied path"),
    ("time_limit: 5",
     "time_limit: 5\nvary: {ego.s: [3]}\nexclude: [{ego.s: 3}]", 12, "exclude",
     "every combination is excluded"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "field", "words"), FAULTS)
def test_errors_name_file_line_field_and_nearest_key(
    tmp_path: Path, old: str, new: str, line: int, field: str, words: str
) -> None:
    path = write(tmp_path, "scenario.yaml", edited(old, new))
    with pytest.raises(InputError) as caught:
        load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}:{line}: {field}: "), message
    assert words in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("kind: stack", '"a\\nb": 1', "ego.a b"),
        ("kind: stack", f"{'k' * 900}: 1", "k" * 50 + "..."),
        ("  kind: lanes\n", "  kind: [lanes]\n", "unknown kind"),
    ],
)
def test_odd_names_still_make_one_short_line(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    with pytest.raises(InputError) as caught:
        load(write(tmp_path, "scenario.yaml", edited(old, new)))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 1200


def test_actor_names_are_unique(tmp_path: Path) -> None:
    second = "  - {kind: parked, name: lead, lane: [a, b, 1], s: 60}\ntime_limit: 5"
    path = write(tmp_path, "scenario.yaml", edited("time_limit: 5", second))
    with pytest.raises(InputError, match=r":10: actors\.1\.name: name 'lead' is given twice"):
        load(path)


@pytest.mark.parametrize(
    ("lines", "field", "words"),
    [
        ("ego: {speed: 3}", "ego.speed", "highway_env places its ego"),
        ("ego: {lane: [a, b, 0]}", "ego.lane", "highway_env places its ego"),
        ("actors: [{kind: parked, position: [0, 0]}]", "actors", "has its own traffic"),
        ("ego: {problem: 3}", "ego.problem", "only for maps of kind commonroad"),
        ("ego: {vehicle: all}", "ego.vehicle", "only for maps of kind commonroad"),
        ("ego: {vehicle: most}", "ego.vehicle", "a recorded vehicle, or all, got 'most'"),
        ("ego: {vehicle: 3, problem: 3}", "ego.vehicle", "give either problem or vehicle"),
    ],
)
def test_scenes_place_their_own(tmp_path: Path, lines: str, field: str, words: str) -> None:
    text = f"id: x\nmap: {{kind: highway_env, env: merge-v1}}\n{lines}\n"
    with pytest.raises(InputError) as caught:
        documents(write(tmp_path, "x.yaml", text))
    assert f":3: {field}: " in str(caught.value)
    assert words in str(caught.value)


def test_json_schema_is_plain_json_and_knows_the_keys() -> None:
    schema = json.loads(json.dumps(json_schema()))
    scenario = schema["$defs"]["Scenario"]
    assert {"id", "map"} <= set(scenario["required"])
    assert scenario["additionalProperties"] is False
    lane = schema["$defs"]["StraightLane"]["properties"]
    assert {"from", "to", "start", "end", "width"} <= set(lane)


@pytest.mark.parametrize("model", ["Scenario", "Suite", "Sensing"])
def test_the_page_on_scenario_files_names_every_key(model: str) -> None:
    words = set(re.findall(r"`(\w+)`", PAGE.read_text()))
    assert set(json_schema()["$defs"][model]["properties"]) <= words


def test_the_example_of_these_tests_is_valid(tmp_path: Path) -> None:
    (start,) = load(write(tmp_path, "scenario.yaml", SCENARIO))
    assert start.scenario == "two-lanes@1#0"
