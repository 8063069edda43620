"""highway-env scenes as starts: every scene and kind of ego, constants, rates, refusals, cache."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivestack.core.errors import InputError, UnsupportedError
from drivestack.core.start import EgoKind, Physics, Rates, SceneRule, Start
from drivestack.core.tables import NO_LANE_ID, Driver, LaneKind, Plant
from drivestack.scenario.cache import packed
from drivestack.scenario.sources.highway_env import driver_constants, load
from drivestack.scenario.sources.highway_env_scenes import COVERED, SCENES
from drivestack.scenario.sources.highway_env_tables import lane_row

ROOT = Path(__file__).resolve().parents[3]
NAMES = ("DISTANCE_WANTED", "COMFORT_ACC_MAX", "COMFORT_ACC_MIN")
DRIVERS = {
    EgoKind.PLAIN: Driver.PLAIN,
    EgoKind.META: Driver.META,
    EgoKind.IDM: Driver.IDM,
    EgoKind.STACK: Driver.STACK,
}


@pytest.fixture(autouse=True)
def fresh_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRIVESTACK_CACHE", str(tmp_path))
    return tmp_path / "starts"


def same(one: Start, other: Start) -> bool:
    """Bit for bit, all fields."""
    a, b = packed(one), packed(other)
    return all(a[name].tobytes() == b[name].tobytes() for name in a) and one.map is other.map


def constants() -> list[float]:
    from highway_env.vehicle.behavior import IDMVehicle

    return [getattr(IDMVehicle, name) for name in NAMES]


@contextmanager
def contaminated(values: tuple[float, float, float]) -> Iterator[None]:
    """`IDMVehicle` as another program may have left it."""
    from highway_env.vehicle.behavior import IDMVehicle

    before = constants()
    for name, value in zip(NAMES, values, strict=True):
        setattr(IDMVehicle, name, value)
    yield
    for name, value in zip(NAMES, before, strict=True):
        setattr(IDMVehicle, name, value)


@pytest.mark.parametrize("env_id", SCENES)
def test_every_scene_with_every_kind_of_ego(env_id: str) -> None:
    for kind in EgoKind:
        start = load(env_id, 5, ego=kind)
        slot = start.slot[0]
        ego = start.bodies[slot["ego"]]
        assert ego["driver"] == DRIVERS[kind]
        assert slot["n"] + slot["obstacles_n"] == len(start.bodies) == slot["next_id"]
        assert list(start.bodies["id"]) == list(range(len(start.bodies)))
        assert (start.bodies["driver"][slot["n"] :] == Driver.OBSTACLE).all()
        assert start.routes.shape[1] >= 4
        assert start.ego_kind == kind
        assert start.reference is not None
        assert start.reference.env_id == env_id
        assert start.map.y_right
        dynamic = env_id == "lane-keeping-v0" and kind in (EgoKind.PLAIN, EgoKind.STACK)
        assert slot["plant"] == (Plant.DYNAMIC if dynamic else Plant.KINEMATIC)
        assert slot["speeds_n"] >= 2


def test_older_ids_differ_in_connected_lanes_only() -> None:
    old, new = load("merge-v0", 3), load("merge-v1", 3)
    assert not old.map.connected
    assert new.map.connected
    assert (old.bodies == new.bodies).all()
    assert len(old.map.links) == len(old.map.lanes)


def test_constants_in_force_are_per_start_and_restored() -> None:
    before = constants()
    for env_id, expected in (
        ("intersection-v2", [7.0, 6.0, -3.0]),
        ("merge-v1", [10.0, 3.0, -5.0]),
    ):
        slot = load(env_id, 0).slot[0]
        found = [slot[n] for n in ("distance_wanted", "comfort_acc_max", "comfort_acc_min")]
        assert found == expected
        assert constants() == before


def test_starts_do_not_depend_on_what_ran_before(fresh_cache: Path) -> None:
    clean = {e: load(e, 1) for e in ("highway-fast-v0", "intersection-v2", "roundabout-v1")}
    for file in fresh_cache.iterdir():
        file.unlink()
    with contaminated((1.0, 2.0, -1.5)):
        again = {e: load(e, 1) for e in reversed(clean)}
        assert constants() == [1.0, 2.0, -1.5]
    for env_id, start in clean.items():
        assert same(start, again[env_id])


def test_constants_are_restored_after_an_error() -> None:
    from highway_env.vehicle.behavior import AggressiveVehicle, IDMVehicle

    before = constants()
    AggressiveVehicle.DISTANCE_WANTED = 3.0

    def fail() -> None:
        with driver_constants({"DISTANCE_WANTED": 4.0}):
            assert (IDMVehicle.DISTANCE_WANTED, AggressiveVehicle.DISTANCE_WANTED) == (4.0, 4.0)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert constants() == before
    assert AggressiveVehicle.DISTANCE_WANTED == 3.0
    del AggressiveVehicle.DISTANCE_WANTED


def test_a_hit_equals_a_miss_and_needs_no_highway_env(fresh_cache: Path) -> None:
    first = load("intersection-v2", 2, ego=EgoKind.META, physics=Physics.HIGHWAY_ENV)
    (file,) = fresh_cache.iterdir()
    written = file.read_bytes()
    assert same(first, load("intersection-v2", 2, ego=EgoKind.META, physics=Physics.HIGHWAY_ENV))
    assert file.read_bytes() == written
    code = (
        "import sys; from drivestack.scenario.sources.highway_env import load;"
        "from drivestack.core.start import EgoKind, Physics;"
        "load('intersection-v2', 2, ego=EgoKind.META, physics=Physics.HIGHWAY_ENV);"
        "print([m for m in ('highway_env', 'gymnasium', 'torch') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_what_a_start_depends_on_is_in_its_name(fresh_cache: Path) -> None:
    load("merge-v1", 2)
    load("merge-v1", 3)
    load("merge-v1", 2, ego=EgoKind.IDM)
    load("merge-v1", 2, physics=Physics.HIGHWAY_ENV)
    load("merge-v1", 2, rates=Rates(20, 20, 10))
    load("merge-v1", 2, time_limit=3.0)
    load("merge-v1", 2, {"policy_frequency": 5})
    assert len(list(fresh_cache.iterdir())) == 7


def test_rates_keep_seconds() -> None:
    native = load("racetrack-v1", 0)
    assert (native.rates, native.policy_ticks, native.ticks) == (Rates(15, 15, 5), 3, 4500)
    faster = load("racetrack-v1", 0, rates=Rates(20, 20, 10))
    assert (faster.policy_ticks, faster.ticks) == (4, 6000)
    assert faster.slot["dt"][0] == 1 / 20
    assert (faster.bodies == native.bodies).all()
    assert faster.reference is not None
    assert json.loads(faster.reference.config) == {"simulation_frequency": 20}
    assert load("merge-v1", 0, time_limit=2.0).ticks == 30


def test_intersections_carry_their_generator_and_warm_up() -> None:
    start = load("intersection-v2", 0)
    assert start.rule == SceneRule.INTERSECTION
    assert start.spawn_probability == 0.6
    assert json.loads(start.generator)["bit_generator"] == "PCG64"
    slot = start.slot[0]
    assert slot["regulated"]
    assert slot["regulation_steps"] == 45
    assert slot["ego"] == slot["n"] - 1
    exits = [start.map.lane_name(k) for k in np.flatnonzero(start.map.lanes["drain"])]
    assert sorted(exits) == [(f"il{k}", f"o{k}", 0) for k in range(4)]
    assert load("merge-v1", 0).generator == ""


def test_goals_lie_on_the_planned_way() -> None:
    start = load("intersection-v2", 0, ego=EgoKind.META)
    ego = start.bodies[start.slot["ego"][0]]
    last = start.routes[start.slot["ego"][0]][ego["route_n"] - 1]
    lane = start.map.lanes[start.map.roads[last[0]]["lane_at"]]
    along = (start.goal[0] - lane["x"]) * lane["dx"] + (start.goal[1] - lane["y"]) * lane["dy"]
    assert last[1] == NO_LANE_ID
    assert along == pytest.approx(25.0)
    for env_id in SCENES:
        word = env_id.split("-")[0]
        assert load(env_id, 0).has_goal == (word in ("merge", "roundabout", "intersection", "exit"))


def test_lanes_and_traffic_keep_the_references_own_numbers() -> None:
    import highway_env.envs as envs

    env = envs.RoundaboutEnv()
    env.reset(seed=4)
    start = load("roundabout-v0", 4, ego=EgoKind.META)
    lanes = env.road.network.lanes_list()
    assert set(start.map.lanes["kind"]) == {LaneKind.STRAIGHT, LaneKind.SINE, LaneKind.CIRCULAR}
    assert [lane.length for lane in lanes] == start.map.lanes["length"].tolist()
    for row, vehicle in zip(start.bodies, env.road.vehicles, strict=True):
        assert (row["x"], row["y"]) == tuple(vehicle.position)
        assert (row["heading"], row["speed"]) == (vehicle.heading, vehicle.speed)
        assert start.map.lane_name(row["lane"]) == vehicle.lane_index
        assert start.map.lane_name(row["target_lane"]) == vehicle.target_lane_index
        assert row["route_n"] == len(vehicle.route)
        assert row["timer"] == getattr(vehicle, "timer", 0.0)
        assert row["target_speed"] == vehicle.target_speed


def test_constants_of_the_tables_are_highway_envs() -> None:
    from highway_env.road.lane import AbstractLane
    from highway_env.road.regulation import RegulatedRoad
    from highway_env.vehicle.behavior import IDMVehicle

    slot = load("merge-v1", 0).slot[0]
    for field, owner, name in (
        ("acc_max", IDMVehicle, "ACC_MAX"),
        ("politeness", IDMVehicle, "POLITENESS"),
        ("max_braking_imposed", IDMVehicle, "LANE_CHANGE_MAX_BRAKING_IMPOSED"),
        ("lane_change_delay", IDMVehicle, "LANE_CHANGE_DELAY"),
        ("kp_a", IDMVehicle, "KP_A"),
        ("kp_heading", IDMVehicle, "KP_HEADING"),
        ("kp_lateral", IDMVehicle, "KP_LATERAL"),
        ("tau_pursuit", IDMVehicle, "TAU_PURSUIT"),
        ("max_steering", IDMVehicle, "MAX_STEERING_ANGLE"),
        ("max_speed", IDMVehicle, "MAX_SPEED"),
        ("min_speed", IDMVehicle, "MIN_SPEED"),
        ("lane_margin", AbstractLane, "VEHICLE_LENGTH"),
        ("regulation_hz", RegulatedRoad, "REGULATION_FREQUENCY"),
    ):
        assert slot[field] == getattr(owner, name), field


def test_linear_drivers_keep_or_lose_their_parameters() -> None:
    where = "highway_env.vehicle.behavior."
    kept = load("merge-v1", 0, {"other_vehicles_type": where + "AggressiveVehicle"}).bodies[1]
    assert kept["driver"] == Driver.LINEAR
    assert kept["min_gain"] == 1.0
    assert kept["time_wanted"] == 2.5
    assert kept["accel_gain"][0] == pytest.approx(0.107, abs=1e-3)
    lost = load("highway-fast-v0", 0, {"other_vehicles_type": where + "AggressiveVehicle"}).bodies
    assert len(set(lost["accel_gain"][1:, 0])) == 20


def test_poly_lanes_keep_vertices_samples_and_widths() -> None:
    from highway_env.road.lane import PolyLane

    line = [(0.0, 0.0), (10.0, 0.0), (14.0, 3.5)]
    lane = PolyLane(line, [(x, y + 3.0) for x, y in line], [(x, y - 3.0) for x, y in line])
    row, points = lane_row(lane)
    knots = points[: row["knots_n"][0]]
    samples = points[row["samples_at"][0] :]
    assert [tuple(p) for p in knots[["x", "y"]]] == line
    assert row["length"][0] == lane.length
    assert row["samples_n"][0] == int(lane.length) + 1
    assert row["widths_n"][0] == len(lane.width_samples) == row["samples_n"][0] + 1
    assert samples["width"].tolist() == lane.width_samples
    assert samples["heading"][12] == lane.heading_at(12.2)


def test_a_planned_destination_of_any_exit_is_followed() -> None:
    start = load("intersection-v2", 0, {"destination": "o3"})
    other = load("intersection-v2", 0)
    assert tuple(start.goal) != tuple(other.goal)


@pytest.mark.parametrize(
    ("env_id", "config", "words"),
    [
        ("merge-v3", {}, "merge-v3.*did you mean 'merge-v"),
        ("parking-v0", {}, "parking-v0.*not covered"),
        ("intersection-v1", {}, "not covered; did you mean 'intersection-v"),
        ("highway-v0", {"lane_count": 3}, "lane_count.*did you mean 'lanes_count'"),
        ("highway-v0", {"controlled_vehicles": 2}, "controlled_vehicles must be 1"),
        ("highway-v0", {"other_vehicles_type": "os.system"}, "other_vehicles_type 'os.system'"),
        ("highway-v0", {"simulation_frequency": 0}, "whole number from 1 to"),
        ("highway-v0", {"lanes_count": -3}, "lanes_count must be a whole number from 1 to 64"),
        ("highway-v0", {"vehicles_count": 10**8}, "vehicles_count must be"),
        ("highway-v0", {"vehicles_count": "abc"}, "vehicles_count must be"),
        ("highway-v0", {"initial_lane_id": 17}, "a lane from 0 to 3, got 17"),
        ("highway-v0", {"duration": -1}, "duration must be a number from"),
        ("intersection-v2", {"spawn_probability": 7}, "spawn_probability must be"),
        ("intersection-v2", {"destination": "nowhere"}, "no destination 'nowhere'"),
        ("highway-v0", {"vehicles_density": float("nan")}, "vehicles_density must be a number"),
        ("merge-v1", {"action": {"type": "ContinuousAction"}}, "highway-env refuses"),
        ("racetrack-oval-v1", {"length": 0}, "without a seed"),
        (
            "intersection-v2",
            {"other_vehicles_type": "highway_env.vehicle.behavior.LinearVehicle"},
            "IDMVehicle where cars spawn",
        ),
    ],
)
def test_refusals_are_one_sentence(
    env_id: str, config: dict[str, Any], words: str, fresh_cache: Path
) -> None:
    with pytest.raises(InputError, match=words) as caught:
        load(env_id, 0, config)
    assert "\n" not in str(caught.value)
    assert not fresh_cache.exists()


def test_refused_numbers_and_plants() -> None:
    with pytest.raises(InputError, match="nearest valid: 20 Hz"):
        load("racetrack-v1", 0, rates=Rates(18, 18, 9))
    with pytest.raises(InputError, match="seed"):
        load("merge-v1", -1)
    with pytest.raises(InputError, match="time limit"):
        load("merge-v1", 0, time_limit=-3.0)
    with pytest.raises(UnsupportedError, match="kinematic plant"):
        load("merge-v1", 0, ego=EgoKind.META, plant=Plant.LAGGED)
    assert load("merge-v1", 0, plant=Plant.LAGGED).slot["plant"][0] == Plant.LAGGED


def test_every_covered_id_is_registered() -> None:
    import gymnasium
    import highway_env  # noqa: F401

    for env_id, facts in COVERED.items():
        spec = gymnasium.spec(env_id)
        assert spec.max_episode_steps in (None, facts.seconds * facts.policy)
