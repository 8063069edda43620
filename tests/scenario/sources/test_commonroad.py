from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.core.errors import InputError
from drivestack.core.start import Start
from drivestack.core.tables import Driver, Kind
from drivestack.scenario import load
from tests.scenario.writing import document, state, write

VERSIONS = ("2018a", "2018b", "2020a")


def loaded(folder: Path, version: str, **parts: str) -> Start:
    (start,) = load(write(folder, f"{version}.xml", document(version, **parts)))
    return start


def test_seconds_and_steps_and_both_spellings_give_equal_starts(tmp_path: Path) -> None:
    first, *others = [loaded(tmp_path, version) for version in VERSIONS]
    for other in others:
        for name in ("bodies", "routes", "slot", "replay", "goal"):
            np.testing.assert_array_equal(getattr(first, name), getattr(other, name), name)
        np.testing.assert_array_equal(first.map.lanes, other.map.lanes)
        assert (first.ticks, first.has_goal) == (other.ticks, other.has_goal)


def test_the_ego_starts_at_the_planning_problem(tmp_path: Path) -> None:
    start = loaded(tmp_path, "2020a")
    ego = start.bodies[0]
    assert tuple(ego[["x", "y", "heading", "speed"]]) == (5, 0, 0, 12)
    assert (ego["driver"], start.slot["ego"][0], start.ticks) == (Driver.STACK, 0, 40)
    assert start.source == "CommonRoad 2020a TST_Road-1_1_T-1"


def test_tracks_are_replayed_at_the_physics_rate(tmp_path: Path) -> None:
    start = loaded(tmp_path, "2018a")
    car, parked = start.bodies[1], start.bodies[2]
    assert (car["driver"], car["present"], car["replay_from"], car["replay_n"]) == (
        Driver.REPLAY, False, 4, 21,
    )  # fmt: skip
    np.testing.assert_allclose(start.replay["x"], np.linspace(32, 42, 21))
    np.testing.assert_allclose(start.replay["heading"], np.linspace(0.2, 1.2, 21))
    np.testing.assert_allclose(start.replay["speed"], np.linspace(11, 16, 21))
    assert (parked["driver"], parked["kind"], parked["x"]) == (Driver.OBSTACLE, Kind.PARKED, 150)
    assert (car["length"], car["width"]) == (4.5, 1.8)


def test_goals(tmp_path: Path) -> None:
    np.testing.assert_allclose(loaded(tmp_path, "2020a").goal, [100, -4, 2])
    box = (
        "<position><rectangle><length>8</length><width>6</width><orientation>1</orientation>"
        "<center><x>60</x><y>-4</y></center></rectangle></position>"
    )
    np.testing.assert_allclose(loaded(tmp_path, "2020a", goal=box).goal, [60, -4, 5])
    anywhere = "<velocity><intervalStart>0</intervalStart><intervalEnd>9</intervalEnd></velocity>"
    assert not loaded(tmp_path, "2020a", goal=anywhere).has_goal
    home = '<position><lanelet ref="1"/></position>'
    np.testing.assert_allclose(loaded(tmp_path, "2020a", goal=home).goal, [100, 0, 2])


def second_problem() -> str:
    start = state("initialState", "5", 8.0, -4.0, 0.0, 9.0)
    time = "<time><intervalStart>10</intervalStart><intervalEnd>15</intervalEnd></time>"
    return f'<planningProblem id="22">{start}<goalState>{time}</goalState></planningProblem>'


def test_each_planning_problem_is_a_start(tmp_path: Path) -> None:
    write(tmp_path, "r.xml", document("2020a", more=second_problem()))
    first, second = load(tmp_path / "r.xml")
    assert (first.scenario, second.scenario) == ("r:21@1#0", "r:22@1#0")
    assert second.bodies["x"][0] == 8
    assert second.ticks == 20
    assert second.bodies["replay_from"][1] == 0, "the clock starts with the problem"
    assert second.replay["x"][0] == 35
    text = "suite: s\nscenarios: [{recording: r.xml, ego: {kind: idm, problem: 22}}]"
    (only,) = load(write(tmp_path, "s.yaml", text))
    assert only.scenario == "r:22@1#0"
    assert only.resolved.count('"problem":22') == second.resolved.count('"problem":22') == 1
    with pytest.raises(InputError, match=r"s\.yaml:2: ego\.problem: no planning problem 23"):
        load(write(tmp_path, "s.yaml", text.replace("22", "23")))


def test_the_egos_own_recording_does_not_drive_beside_it(tmp_path: Path) -> None:
    text = document("2020a")
    assert "<x>150.0</x><y>1.0</y>" in text
    (start,) = load(
        write(tmp_path, "r.xml", text.replace("<x>150.0</x><y>1.0</y>", "<x>5.05</x><y>0.0</y>"))
    )
    assert list(start.bodies["driver"]) == [Driver.STACK, Driver.REPLAY]


def test_a_recording_outside_the_folder_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "r.xml", document("2020a"))
    text = "id: s\nmap:\n  kind: commonroad\n  file: ../r.xml\n"
    with pytest.raises(InputError, match=r"s\.yaml:4: map\.file: .* without '\.\.'"):
        load(write(tmp_path, "inner/s.yaml", text))
