from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from drivestack.core.errors import InputError
from drivestack.core.start import EgoKind, Physics
from drivestack.core.tables import Driver, Kind, LaneKind, Plant
from drivestack.scenario import load
from tests.scenario.writing import SCENARIO, edited, write

ROADS = """\
id: all-kinds
map:
  kind: lanes
  lanes:
    - {kind: straight, from: a, to: b, start: [0, 0], end: [50, 0], speed_limit: null}
    - {kind: circular, from: b, to: c, center: [50, 20], radius: 20,
       start_phase: -1.5707963267948966, end_phase: 0}
    - {kind: sine, from: c, to: d, start: [70, 20], end: [70, 80], amplitude: 1, pulsation: 0.1}
    - {kind: polyline, from: d, to: e, points: [[70, 80], [70, 100], [90, 120]], widths: [4, 3, 4]}
ego: {kind: meta, target_speeds: [5, 10, 15], lane: [b, c, 0], s: 10, lateral: 1, speed: 9}
goal: {lane: [d, e, 0]}
actors:
  - {kind: parked, lane: [a, b, 0], s: 40, lateral: -1}
  - {kind: idm, lane: [a, b, 0], s: 5, speed: 3, target_speed: 8, time_gap: 1, destination: d}
  - {kind: obstacle, position: [70, 60], heading: 0.5}
  - {kind: replayed, type: bicycle, length: 2, width: 0.6,
     track: [[1, 0, 0, 0, 4], [2, 4, 0, 0, 4]]}
time_limit: 2.51
rates: {physics: 10, control: 10, plan: 5}
physics: highway_env
"""


def test_every_key_arrives(tmp_path: Path) -> None:
    (start,) = load(write(tmp_path, "s.yaml", ROADS))
    assert list(start.map.lanes["kind"]) == [
        LaneKind.STRAIGHT, LaneKind.CIRCULAR, LaneKind.SINE, LaneKind.POLYLINE,
    ]  # fmt: skip
    assert list(start.map.lanes["limited"]) == [False, True, True, True]
    assert (start.map.y_right, start.map.connected) == (False, True)
    assert list(start.bodies["driver"]) == [
        Driver.META, Driver.IDM, Driver.REPLAY, Driver.OBSTACLE, Driver.OBSTACLE,
    ]  # fmt: skip
    assert list(start.bodies["kind"][2:]) == [Kind.BICYCLE, Kind.PARKED, Kind.OBSTACLE]
    assert list(start.bodies["id"]) == [0, 1, 2, 3, 4]
    assert list(start.bodies["lane"][[0, 1, 3]]) == [1, 0, 0]
    assert list(start.bodies["target_lane"]) == [1, 0, -1, -1, -1]
    assert list(start.bodies["present"]) == [True, True, False, True, True]
    slot = start.slot[0]
    assert (slot["n"], slot["obstacles_at"], slot["obstacles_n"], slot["ego"]) == (3, 3, 2, 0)
    assert (slot["dt"], slot["clamped"], slot["plant"]) == (0.1, False, Plant.KINEMATIC)
    assert list(slot["speeds"][:3]) == [5, 10, 15]
    assert (start.ticks, start.policy_ticks, start.ego_kind) == (26, 10, EgoKind.META)
    assert start.physics is Physics.HIGHWAY_ENV
    np.testing.assert_allclose(start.goal, [90, 120, 5])


def test_places_on_lanes(tmp_path: Path) -> None:
    (start,) = load(write(tmp_path, "s.yaml", ROADS))
    ego = start.bodies[0]
    angle = 10 / 20 - math.pi / 2
    np.testing.assert_allclose(ego["heading"], angle + math.pi / 2)
    np.testing.assert_allclose(ego["x"], 50 + 19 * math.cos(angle))  # left is towards the centre
    np.testing.assert_allclose(ego["y"], 20 + 19 * math.sin(angle))
    assert tuple(start.bodies[["x", "y"]][3]) == (40, -1)


def test_drivers_routes_and_replay(tmp_path: Path) -> None:
    (start,) = load(write(tmp_path, "s.yaml", ROADS))
    car, bicycle = start.bodies[1], start.bodies[2]
    assert (car["speed"], car["target_speed"], car["time_wanted"]) == (3, 8, 1)
    assert car["timer"] == pytest.approx((5 * math.pi) % 1.0)
    assert start.routes[1, : car["route_n"], 0].tolist() == [0, 1, 2]
    assert start.routes[0, : start.bodies["route_n"][0], 0].tolist() == [1, 2, 3]
    assert (bicycle["replay_from"], bicycle["replay_n"], bicycle["replay_at"]) == (10, 11, 0)
    np.testing.assert_allclose(start.replay["x"], np.linspace(0, 4, 11))


def test_defaults_are_those_of_stack_runs(tmp_path: Path) -> None:
    (start,) = load(write(tmp_path, "s.yaml", SCENARIO))
    assert (start.rates.physics, start.rates.control, start.rates.plan) == (20, 20, 10)
    assert start.physics is Physics.CLAMPED
    assert start.slot["clamped"][0]
    assert not start.has_goal
    assert json.loads(start.resolved)["id"] == "two-lanes"


def test_starts_of_one_map_share_it(tmp_path: Path) -> None:
    path = write(tmp_path, "s.yaml", SCENARIO + "seeds: 0-2\nvary: {ego.speed: [1, 2]}\n")
    starts = list(load(path))
    assert len(starts) == 6
    assert all(start.map is starts[0].map for start in starts)


def test_lanes_are_numbered_from_the_left(tmp_path: Path) -> None:
    (start,) = load(write(tmp_path, "s.yaml", SCENARIO))
    assert start.map.lane_name(1) == ("a", "b", 1)
    assert start.map.lanes["y"].tolist() == [0, -4]


def test_a_track_outside_the_episode_is_an_error(tmp_path: Path) -> None:
    actor = "kind: idm, name: lead, lane: [a, b, 1], s: 30, speed: 5"
    late = "kind: replayed, track: [[6, 0, 0, 0, 1], [7, 1, 0, 0, 1]]"
    with pytest.raises(InputError, match=r":9: actors\.0: no recorded time falls on a tick"):
        load(write(tmp_path, "s.yaml", edited(actor, late)))


def test_a_destination_without_a_way_is_an_error(tmp_path: Path) -> None:
    actor = "kind: idm, name: lead, lane: [a, b, 1], s: 30, speed: 5"
    text = edited(actor, actor + ", destination: a")
    with pytest.raises(InputError, match=r":9: actors\.0\.destination: no way leads from here"):
        list(load(write(tmp_path, "s.yaml", text)))


def test_an_arc_beyond_half_a_circle_is_an_error(tmp_path: Path) -> None:
    arc = "kind: circular, from: a, to: b, center: [0, 0], radius: 40, start_phase: 0"
    lane = "kind: straight, from: a, to: b, start: [0, -4]"
    old = next(line for line in SCENARIO.splitlines() if lane in line)
    text = SCENARIO.replace(old, f"    - {{{arc}, end_phase: 4.7, width: 4}}")
    with pytest.raises(InputError, match=r"end_phase: an arc may turn by pi at most"):
        list(load(write(tmp_path, "s.yaml", text)))


@pytest.mark.parametrize(("s", "lateral", "free"), [(44.0, 0.0, False), (44.0, -2.5, True)])
def test_an_actor_in_the_ego_is_an_error(
    tmp_path: Path, s: float, lateral: float, free: bool
) -> None:
    """Nobody could drive so that they do not touch."""
    text = ROADS.replace("lane: [b, c, 0], s: 10, lateral: 1", "lane: [a, b, 0], s: 42")
    text = text.replace("lane: [a, b, 0], s: 40, lateral: -1", f"lane: [a, b, 0], s: {s}")
    path = write(tmp_path, "s.yaml", text.replace(f"s: {s}", f"s: {s}, lateral: {lateral}"))
    if free:
        assert len(list(load(path))) == 1
        return
    with pytest.raises(InputError, match=r":13: actors\.0: it overlaps the ego at the start"):
        list(load(path))
