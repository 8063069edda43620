from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.core.errors import InputError
from drivestack.core.start import Start
from drivestack.core.tables import Driver, Kind
from drivestack.scenario import load
from tests.scenario.writing import document, lane_change, recorded, state, write

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


def test_each_goal_state_is_a_start(tmp_path: Path) -> None:
    text = document("2020a")
    end = "<goalState><time><intervalStart>0</intervalStart><intervalEnd>30</intervalEnd></time>"
    end += "<position><circle><radius>3</radius><center><x>60</x><y>0</y></center></circle>"
    text = text.replace("<goalState>", f"{end}</position></goalState><goalState>")
    write(tmp_path, "r.xml", text)
    first, second = load(tmp_path / "r.xml")
    assert (first.scenario, second.scenario) == ("r:21.1@1#0", "r:21.2@1#0")
    assert (first.ticks, second.ticks) == (60, 40)
    np.testing.assert_allclose(first.goal, [60, 0, 3])
    np.testing.assert_allclose(second.goal, [100, -4, 2])
    suite = "suite: s\nscenarios: [{recording: r.xml, ego: {goal_state: 2}}]"
    (only,) = load(write(tmp_path, "s.yaml", suite))
    assert only.resolved.count('"goal_state":2') == second.resolved.count('"goal_state":2') == 1
    np.testing.assert_array_equal(only.goal, second.goal)
    with pytest.raises(InputError, match=r"goal_state: problem 21 has goal states 1 to 2"):
        load(write(tmp_path, "s.yaml", suite.replace("2}", "3}")))


def test_traffic_can_be_told_to_react(tmp_path: Path) -> None:
    write(tmp_path, "r.xml", document("2020a"))
    text = "id: s\nmap: {kind: commonroad, file: r.xml, traffic: reactive, departure: 0.5}\n"
    (start,) = load(write(tmp_path, "s.yaml", text))
    assert list(start.bodies["reactive"]) == [False, True, False]
    assert (start.slot["reactive"][0], start.slot["departure"][0]) == (True, 0.5)
    assert start.slot["log_n"][0] == 0
    (plain,) = load(
        write(tmp_path, "p.yaml", text.replace(", traffic: reactive, departure: 0.5", ""))
    )
    assert not plain.bodies["reactive"].any()
    assert not plain.slot["reactive"][0]
    with pytest.raises(InputError, match=r"map\.departure: only reactive traffic is handed over"):
        load(write(tmp_path, "s.yaml", text.replace("reactive", "replayed")))


def test_the_paths_of_reactive_traffic_go_on_beyond_the_time_limit(tmp_path: Path) -> None:
    states = [(30.0 + k, 0.0, 0.0, 10.0) for k in range(81)]
    write(
        tmp_path, "r.xml", document("2020a", more=recorded(31, states) + recorded(33, states, 70))
    )
    text = "id: s\nmap: {kind: commonroad, file: r.xml, traffic: reactive}\n"
    (start,) = load(write(tmp_path, "s.yaml", text))
    (plain,) = load(write(tmp_path, "p.yaml", text.replace("reactive", "replayed")))
    assert (start.ticks, len(start.bodies)) == (plain.ticks, len(plain.bodies)) == (40, 4)
    assert start.bodies["replay_n"][2] == 161
    assert plain.bodies["replay_n"][2] == 41


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


def some_traffic(folder: Path) -> Path:
    """Vehicle 31 changes lane, 33 comes later, 35 hardly moves, 37 is on foot, 11 is short."""
    later = [(10.0 + k, -4.0, 0.0, 10.0) for k in range(31)]
    more = recorded(31, lane_change()) + recorded(33, later, first=20)
    more += recorded(35, [(60.0 + 0.1 * k, 0.0, 0.0, 1.0) for k in range(31)])
    more += recorded(39, later[:9])
    more += recorded(37, [(0.2 * k, 9.0, 0.0, 2.0) for k in range(61)], kind="pedestrian")
    return write(folder, "r.xml", document("2020a", more=more))


def with_ego(folder: Path, ego: str, more: str = "") -> list[Start]:
    some_traffic(folder)
    text = f"suite: s\nscenarios: [{{recording: r.xml, ego: {{{ego}}}{more}}}]"
    return list(load(write(folder, "s.yaml", text)))


def test_the_ego_takes_the_place_of_a_recorded_vehicle(tmp_path: Path) -> None:
    (start,) = with_ego(tmp_path, "vehicle: 31")
    ego, states = start.bodies[0], np.array(lane_change())
    np.testing.assert_allclose(tuple(ego[["x", "y", "heading", "speed"]]), states[0])
    assert (ego["driver"], ego["length"], ego["width"]) == (Driver.STACK, 4.5, 1.8)
    assert (start.ticks, start.log.shape) == (160, (161, 4))
    np.testing.assert_allclose(start.log[::2], states, atol=1e-12)
    np.testing.assert_allclose(start.goal, [*states[-1, :2], 3.0])
    assert len(start.bodies) == 7, "it does not drive beside itself"
    assert not (start.replay["x"][:2] == 5.0).any()


def test_the_clock_starts_with_the_recorded_vehicle(tmp_path: Path) -> None:
    (start,) = with_ego(tmp_path, "vehicle: 33", ", time_limit: 9")
    assert (start.ticks, len(start.log)) == (180, 61)
    assert start.bodies["x"][1] == pytest.approx(lane_change()[20][0]), "31 is in its step 20"


def test_all_vehicles_that_are_suited_can_be_the_ego(tmp_path: Path) -> None:
    starts = with_ego(tmp_path, "vehicle: all")
    assert [start.scenario for start in starts] == ["r:11@1#0", "r:31@1#0", "r:33@1#0"]
    assert ['"vehicle":31' in starts[1].resolved, '"vehicle":33' in starts[2].resolved]
    (same,) = with_ego(tmp_path, "vehicle: 31")
    np.testing.assert_array_equal(same.log, starts[1].log)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (32, r"no vehicle 32; did you mean 31\?"),
        (35, r"35 is not suited as ego: its drive ends 3\.0 m from .* did you mean 33\?"),
        (37, r"37 is not suited as ego: it is a pedestrian; did you mean 33\?"),
        (12, r"12 is not suited as ego: it is a standing parked; did you mean 11\?"),
        (39, r"39 is not suited as ego: it is recorded for 0\.8 s, less than 1 s; did you mean 33"),
    ],
)
def test_a_vehicle_that_is_not_suited_is_refused(tmp_path: Path, number: int, words: str) -> None:
    with pytest.raises(InputError, match=rf"s\.yaml:2: ego\.vehicle: .*{words}"):
        with_ego(tmp_path, f"vehicle: {number}")


def test_a_recording_of_nobody_has_no_vehicle_to_choose(tmp_path: Path) -> None:
    write(tmp_path, "r.xml", document("2020a").replace("<type>car<", "<type>bicycle<"))
    text = "suite: s\nscenarios: [{recording: r.xml, ego: {vehicle: all}}]"
    with pytest.raises(InputError, match=r"ego\.vehicle: no recorded vehicle is suited"):
        load(write(tmp_path, "s.yaml", text))


def test_a_problem_whose_ego_was_recorded_has_its_log_and_size(tmp_path: Path) -> None:
    states = [(5.0 + 1.2 * k, 0.0, 0.0, 12.0) for k in range(31)]
    write(tmp_path, "r.xml", document("2020a", more=recorded(31, states)))
    (start,) = load(tmp_path / "r.xml")
    assert (start.bodies["length"][0], start.bodies["width"][0]) == (4.5, 1.8)
    assert (len(start.log), start.ticks) == (61, 40)
    np.testing.assert_allclose(start.log[-1], [41.0, 0.0, 0.0, 12.0])
    np.testing.assert_allclose(start.goal, [100, -4, 2], err_msg="the problem's own")
    write(tmp_path, "r.xml", document("2020a"))
    (nobody,) = load(tmp_path / "r.xml")
    assert (nobody.log.shape, nobody.bodies["length"][0]) == ((0, 4), 5.0)
