from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.core.errors import InputError
from drivestack.core.start import EgoKind
from drivestack.scenario import load
from tests.scenario.writing import write


def test_a_scene_with_the_scenarios_settings(tmp_path: Path) -> None:
    text = "id: m\nversion: 2\nmap: {kind: highway_env, env: merge-v1}\ntime_limit: 4\nseeds: [3]\n"
    (start,) = load(write(tmp_path, "s.yaml", text))
    assert (start.scenario, start.seed, start.ticks) == ("m@2#3", 3, 80)
    assert (start.rates.physics, start.rates.plan) == (20, 10)
    assert start.ego_kind is EgoKind.STACK
    assert start.reference is not None
    assert start.reference.env_id == "merge-v1"
    assert '"env":"merge-v1"' in start.resolved


def test_egos_of_highway_env_keep_the_scenes_rates(tmp_path: Path) -> None:
    text = "id: m\nmap: {kind: highway_env, env: merge-v1}\nego: {kind: meta}\n"
    (start,) = load(write(tmp_path, "s.yaml", text))
    assert (start.rates.physics, start.policy_ticks) == (15, 15)


def test_goals_are_given_in_the_iso_frame(tmp_path: Path) -> None:
    text = (
        "id: m\nmap: {kind: highway_env, env: merge-v1}\ngoal: {position: [300, -4], radius: 3}\n"
    )
    (start,) = load(write(tmp_path, "s.yaml", text))
    assert start.map.y_right
    np.testing.assert_array_equal(start.goal, [300, 4, 3])
    text = text.replace("position: [300, -4]", "lane: [c, d, 1], s: 10")
    (start,) = load(write(tmp_path, "s.yaml", text))
    np.testing.assert_allclose(start.goal, [320, 4, 3])


@pytest.mark.parametrize(
    ("lines", "place", "words"),
    [
        ("env: mege-v1}", "2: map.env", "did you mean 'merge-v1'?"),
        ("env: merge-v1, config: {controlled_vehicles: 2}}", "2: map.config", "must be 1"),
        ("env: merge-v1, config: {lanes_cont: 2}}", "2: map.config", "lanes_cont"),
        ("env: racetrack-v1}\nrates: {physics: 12, control: 12, plan: 6}", "3: rates.physics",
         "nearest valid: 10 Hz"),
        ("env: merge-v1}\ngoal: {lane: [c, e, 0]}", "3: goal.lane", "did you mean"),
        ("env: merge-v1}\ngoal: {lane: [c, d, 0], s: 900}", "3: goal.s", "the lane's length"),
    ],
)  # fmt: skip
def test_errors_get_the_place_of_the_key(
    tmp_path: Path, lines: str, place: str, words: str
) -> None:
    path = write(tmp_path, "s.yaml", f"id: m\nmap: {{kind: highway_env, {lines}\n")
    with pytest.raises(InputError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}:{place}: ")
    assert words in str(caught.value)
