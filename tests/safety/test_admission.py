"""What cannot be used is replaced and named: every number of every record, at its largest."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from drivestack.core.types import Echoes, Observation, Plan, PlanSource, Sight, StopLines
from drivestack.safety.admission import (
    admitted_control,
    admitted_observation,
    admitted_plan,
    blind,
    no_fault,
    nowhere,
)
from drivestack.safety.faults import Fault, Faults, no_faults
from tests.safety.fuzz import copied, damaged
from tests.scenes import bend, observation, two_lanes

ROAD = two_lanes()


def last() -> Faults:
    return no_faults(2, 0.05, 50.0, (5.0, 2.0))


def scene() -> Observation:
    """Two scenarios with two others each, one of whom is not there in the second one."""
    seen = observation([ROAD], [(100, 0, 0, 10)] * 2, [[(120, 0, 0, 5), (90, 4, 0, 9)]] * 2, tick=7)
    valid = np.ones((2, 2, 1), np.bool_)
    valid[1, 1] = False
    three = np.ones((2, 3))
    pose = np.tile([200.0, 0.0, 0.0], (2, 1, 1))
    lines = StopLines(np.zeros((2, 1), np.int32), pose, np.full((2, 1), 4.0),
                      np.full((2, 1), 3, np.int32), np.ones((2, 1), np.bool_))  # fmt: skip
    return replace(
        seen,
        tracks=replace(seen.tracks, valid=valid),
        echoes=Echoes(three, three.copy(), three.copy(), three.copy(), three > 0.0),
        stop_lines=lines,
        sight=Sight(np.full(2, 80.0), np.zeros(2, np.bool_)),
    )


def with_number(path: str, place: tuple[int, ...], value: float) -> Observation:
    """The scene with one number of the second scenario replaced."""
    seen = copied(scene())
    *parts, name = path.split(".")
    record = getattr(seen, parts[0]) if parts else seen
    array = getattr(record, name).copy()
    array[(1, *place)] = value
    damaged(record, name, array)
    return seen


def named(found: np.ndarray, row: int) -> list[str]:
    return [fault.name for fault in Fault if found[row, fault]]


def admitted(seen: Any, memory: Faults | None = None) -> tuple[Observation, list[str]]:
    found = no_fault(2)
    result = admitted_observation(seen, memory or last(), found)
    return result, named(found, 1)


NUMBERS = [
    ("ego.state", (0,), 1e8), ("ego.state", (1,), 1e8), ("ego.state", (2,), 1e4),
    ("ego.state", (3,), 200.0), ("ego.accel", (), 200.0), ("ego.steer", (), math.pi),
    ("ego.size", (0,), 200.0), ("ego.size", (1,), 200.0), ("dt", (), 10.0),
    ("tracks.state", (0, 0, 0), 1e8), ("tracks.state", (1, 0, 1), 1e8),
    ("tracks.state", (0, 0, 2), 1e4), ("tracks.state", (1, 0, 3), 200.0),
    ("tracks.size", (0, 0), 200.0), ("tracks.size", (1, 1), 200.0),
    ("echoes.along", (0,), 1e8), ("echoes.lateral", (1,), 1e8), ("echoes.closing", (0,), 200.0),
    ("echoes.drift", (1,), 200.0), ("stop_lines.pose", (0, 0), 1e8),
    ("stop_lines.pose", (0, 1), 1e8), ("stop_lines.pose", (0, 2), 1e4),
    ("stop_lines.width", (0,), 200.0), ("sight.range", (), 1e8),
]  # fmt: skip
"""Where a number stands, and the largest that may stand there."""


@pytest.mark.parametrize(("path", "place", "most"), NUMBERS)
def test_every_number_is_looked_at(path: str, place: tuple[int, ...], most: float) -> None:
    about = "EGO" if path.startswith(("ego", "dt")) else "TRACKS"
    signs = (1.0, -1.0) if path not in ("ego.size", "dt", "tracks.size", "sight.range") else (1.0,)
    for sign in signs:
        assert admitted(with_number(path, place, sign * most))[1] == []
        beyond = with_number(path, place, sign * math.nextafter(most, math.inf))
        assert admitted(beyond)[1] == [f"{about}_OUT_OF_RANGE"]
    for value in (math.nan, math.inf, *(sign * math.inf for sign in signs)):
        assert admitted(with_number(path, place, value))[1] == [f"{about}_NOT_FINITE"]


@pytest.mark.parametrize(
    ("path", "place", "value", "wrong"),
    [
        ("ego.size", (0,), 0.0, ["EGO_OUT_OF_RANGE"]),
        ("ego.size", (1,), -1.0, ["EGO_OUT_OF_RANGE"]),
        ("ego.size", (1,), 0.5, []),
        ("dt", (), 0.0, ["EGO_OUT_OF_RANGE"]),
        ("dt", (), -0.05, ["EGO_OUT_OF_RANGE"]),
        ("dt", (), 1e-3, []),
        ("map_index", (), -1, ["EGO_OUT_OF_RANGE"]),
        ("map_index", (), 1, ["EGO_OUT_OF_RANGE"]),
        ("tracks.size", (0, 0), 0.0, ["TRACKS_OUT_OF_RANGE"]),
        ("tracks.size", (0, 1), 0.5, []),
        ("tracks.size", (1, 0), 0.0, []),  # who is not there has no size
        ("tracks.age", (0,), -1, ["TRACKS_OUT_OF_RANGE"]),
        ("tracks.age", (1,), -1, []),
        ("tracks.age", (0,), 0, []),
        ("sight.range", (), 0.0, []),
        ("sight.range", (), -1.0, ["TRACKS_OUT_OF_RANGE"]),
    ],
)
def test_signs_and_places(
    path: str, place: tuple[int, ...], value: float, wrong: list[str]
) -> None:
    assert admitted(with_number(path, place, value))[1] == wrong


def test_what_is_good_is_the_same_record() -> None:
    seen = scene()
    assert admitted(seen)[0] is seen


def assert_first_row_kept(result: Observation, seen: Observation) -> None:
    for record, other in ((result.ego, seen.ego), (result.tracks, seen.tracks),
                          (result.echoes, seen.echoes), (result.stop_lines, seen.stop_lines),
                          (result.sight, seen.sight)):  # fmt: skip
        for one in fields(record):
            assert np.array_equal(getattr(record, one.name)[0], getattr(other, one.name)[0])
    assert (result.dt[0], result.map_index[0]) == (seen.dt[0], seen.map_index[0])


@pytest.mark.parametrize("path", ["tracks.state", "echoes.along", "stop_lines.width"])
def test_a_row_with_bad_tracks_has_none_and_keeps_its_ego(path: str) -> None:
    place = {"tracks.state": (0, 0, 1), "echoes.along": (0,), "stop_lines.width": (0,)}[path]
    seen = with_number(path, place, math.nan)
    result, _ = admitted(seen)
    assert not result.tracks.valid[1].any()
    assert not result.echoes.valid[1].any()
    assert not result.stop_lines.valid[1].any()
    assert result.sight.range[1] == 0.0
    for array in (result.tracks.state, result.tracks.size, result.echoes.along,
                  result.echoes.lateral, result.echoes.closing, result.echoes.drift,
                  result.stop_lines.pose, result.stop_lines.width):  # fmt: skip
        assert not array[1].any()
    assert result.ego.state[1].tolist() == seen.ego.state[1].tolist()
    assert_first_row_kept(result, scene())


def test_a_row_with_a_bad_ego_has_the_last_one() -> None:
    memory, before = last(), observation([ROAD, bend()], [(3, 1, 0.5, 9)] * 2, steer=0.1)
    known = memory.last.copy()
    known["dt"] = 0.1, 0.2
    memory = replace(
        memory, ego=before.ego, maps=before.maps, last=known, map_index=np.array([0, 1], np.int32)
    )
    result, _ = admitted(with_number("ego.accel", (), math.inf), memory)
    assert result.ego.state[1].tolist() == [3.0, 1.0, 0.5, 9.0]
    assert result.ego.steer.tolist() == [0.0, 0.1]
    assert result.dt.tolist() == [0.05, 0.2]
    assert result.map_index.tolist() == [0, 0], "there is only one map now"
    assert not result.tracks.valid[1].any()
    assert_first_row_kept(result, scene())


def test_a_row_with_a_bad_ego_is_on_the_last_map_again() -> None:
    memory = replace(last(), map_index=np.array([0, 1], np.int32))
    seen = with_number("ego.accel", (), math.inf)
    for number in (1, 2):
        maps = (ROAD,) * (number + 1)
        result, _ = admitted(replace(seen, maps=maps), memory)
        assert result.map_index.tolist() == [0, 1]
    result, _ = admitted(with_number("map_index", (), 5), memory)
    assert result.map_index.tolist() == [0, 0], "as far as there is one"


def without(path: str, value: Any) -> Any:
    seen = copied(scene())
    *parts, name = path.split(".")
    damaged(getattr(seen, parts[0]) if parts else seen, name, value)
    return seen


WRONG: dict[str, Callable[[Any], Any]] = {
    "none": lambda array: None,
    "list": lambda array: array.tolist(),
    "type": lambda array: array.astype(np.float32),
    "rows": lambda array: array[:1],
    "axis": lambda array: array[..., None],
}


@pytest.mark.parametrize("how", WRONG)
@pytest.mark.parametrize("part", ["", "ego", "tracks", "closures", "stop_lines", "echoes", "sight"])
def test_arrays_that_are_none(part: str, how: str) -> None:
    whole = scene()
    record = getattr(whole, part) if part else whole
    for one in fields(record):
        value = getattr(record, one.name)
        if isinstance(value, np.ndarray):
            path = f"{part}.{one.name}" if part else one.name
            result, faults = admitted(without(path, WRONG[how](value)))
            assert faults == ["OBSERVATION_MISSING"], path
            assert result.tick.tolist() == [0, 0]


@pytest.mark.parametrize(
    "seen",
    [
        None, 7, "text", scene().ego,
        SimpleNamespace(**{f.name: getattr(scene(), f.name) for f in fields(scene())}),
        without("maps", ()), without("maps", [ROAD]), without("maps", (None,)),
        without("maps", (ROAD, 3)), without("ego", None), without("sight", scene().ego),
        without("tracks", None), without("echoes", 1), without("stop_lines", None),
        without("closures", "x"),
    ],
)  # fmt: skip
def test_observations_that_are_none(seen: Any) -> None:
    assert admitted(seen)[1] == ["OBSERVATION_MISSING"]


def test_tracks_of_no_moment_are_none() -> None:
    tracks = copied(scene().tracks)
    damaged(tracks, "state", np.zeros((2, 2, 0, 4)))
    damaged(tracks, "valid", np.zeros((2, 2, 0), np.bool_))
    assert admitted(without("tracks", tracks))[1] == ["OBSERVATION_MISSING"]


def test_blind_is_the_last_ego_on_its_map_and_nobody_else() -> None:
    memory = last()
    nothing = blind(memory)
    assert nothing.maps == (nowhere(),)
    assert nothing.map_index.tolist() == [0, 0]
    for record in (nothing.tracks, nothing.echoes, nothing.stop_lines):
        assert not record.valid.any()
    assert nothing.tracks.state.shape == (2, 0, 1, 4)
    assert nothing.tracks.size.shape == (2, 0, 2)
    assert nothing.age.tolist() == [0, 0]
    known = replace(memory, maps=(ROAD, bend()), map_index=np.array([1, 0], np.int32))
    assert blind(known).maps is known.maps
    assert blind(known).map_index.tolist() == [1, 0]


def test_nowhere_is_a_straight_road_around_the_origin() -> None:
    lane = nowhere().lanes
    assert len(lane) == 1
    assert lane["length"].tolist() == [2e4]
    assert (lane["x"].tolist(), lane["y"].tolist()) == ([-1e4], [0.0])
    assert nowhere() is nowhere()


@pytest.mark.parametrize(
    ("value", "wrong"),
    [(1e3, []), (-1e3, []), (1001.0, ["CONTROL_OUT_OF_RANGE"]), (-1e9, ["CONTROL_OUT_OF_RANGE"]),
     (math.nan, ["CONTROL_NOT_FINITE"]), (math.inf, ["CONTROL_NOT_FINITE"])],
)  # fmt: skip
@pytest.mark.parametrize("column", [0, 1])
def test_controls(value: float, wrong: list[str], column: int) -> None:
    control, found = np.zeros((2, 2)), no_fault(2)
    control[1, column] = value
    assert admitted_control(control, found) is control
    assert named(found, 1) == wrong
    assert named(found, 0) == []
    turned = np.asfortranarray(control)
    again = no_fault(2)
    admitted_control(turned, again)
    assert np.array_equal(again, found)


@pytest.mark.parametrize(
    "control",
    [None, "x", [[0.0, 0.0]] * 2, np.zeros((2, 3)), np.zeros((1, 2)), np.zeros(4),
     np.zeros((2, 2), np.float32), np.zeros((2, 2), np.int64), np.zeros((2, 2), object)],
)  # fmt: skip
def test_controls_that_are_none(control: Any) -> None:
    found = no_fault(2)
    none = admitted_control(control, found)
    assert none.shape == (2, 2)
    assert np.isnan(none).all()
    assert named(found, 0) == named(found, 1) == ["CONTROL_MISSING"]


def test_every_row_of_the_controls_is_looked_at() -> None:
    control, found = np.zeros((3, 2)), no_fault(3)
    control[2, 0] = math.nan
    admitted_control(control, found)
    assert [named(found, row) for row in range(3)] == [[], [], ["CONTROL_NOT_FINITE"]]


def test_a_plan_is_good_whatever_else_is_not() -> None:
    given, found = plan(), no_fault(2)
    found[0, Fault.CONTROL_MISSING] = True
    assert admitted_plan(given, np.array([7, 7], np.int32), found) is given


def plan() -> Plan:
    source = np.full(2, PlanSource.CANDIDATE, np.int32)
    return Plan(np.ones((2, 3, 4)), np.ones((2, 3, 2)), np.zeros(2, np.int32), source,
                np.full(2, 5, np.int32), np.full(2, 0.1))  # fmt: skip


@pytest.mark.parametrize(
    ("name", "place", "most"),
    [("states", (0, 0), 1e8), ("states", (2, 1), 1e8), ("states", (1, 2), 1e4),
     ("states", (2, 3), 200.0), ("controls", (0, 0), 200.0), ("controls", (2, 1), math.pi)],
)  # fmt: skip
def test_numbers_of_plans(name: str, place: tuple[int, ...], most: float) -> None:
    for value, wrong in ((most, []), (-most, []), (most * 1.01, ["PLAN_OUT_OF_RANGE"]),
                         (-most * 1.01, ["PLAN_OUT_OF_RANGE"]), (math.nan, ["PLAN_NOT_FINITE"]),
                         (math.inf, ["PLAN_NOT_FINITE"])):  # fmt: skip
        given, found = copied(plan()), no_fault(2)
        array = getattr(given, name).copy()
        array[(1, *place)] = value
        damaged(given, name, array)
        result = admitted_plan(given, np.array([7, 7], np.int32), found)
        assert named(found, 1) == wrong
        assert named(found, 0) == []
        if not wrong:
            assert result is given
            continue
        assert result.source.tolist() == [PlanSource.CANDIDATE, PlanSource.FALLBACK]
        assert not result.states[1].any()
        assert not result.controls[1].any()
        assert (result.states[0] == 1.0).all()
        assert (result.controls[0] == 1.0).all()
        assert result.tick.tolist() == [5, 5]


@pytest.mark.parametrize("given", [None, 3, "plan", scene().ego, replace(plan()).states])
def test_plans_that_are_none(given: Any) -> None:
    found = no_fault(2)
    result = admitted_plan(given, np.array([7, 9], np.int32), found)
    assert named(found, 0) == named(found, 1) == ["PLAN_MISSING"]
    assert (result.source == PlanSource.FALLBACK).all()
    assert result.tick.tolist() == [7, 9]
    assert result.chosen.tolist() == [-1, -1]
    assert result.states.shape == (2, 1, 4)
    assert result.controls.shape == (2, 1, 2)
    assert not result.states.any()
    assert not result.controls.any()
    assert result.dt.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("how", WRONG)
@pytest.mark.parametrize("name", [one.name for one in fields(Plan)])
def test_arrays_of_plans_that_are_none(name: str, how: str) -> None:
    given, found = copied(plan()), no_fault(2)
    damaged(given, name, WRONG[how](getattr(given, name)))
    assert admitted_plan(given, np.zeros(2, np.int32), found) is not given
    assert named(found, 0) == ["PLAN_MISSING"]
