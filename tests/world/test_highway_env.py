"""The reference backend: equal to highway-env's own stepping, own clock, scenes kept apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from drivestack.core.errors import InputError, UnsupportedError
from drivestack.core.start import EgoKind, Physics, Rates, Start
from drivestack.core.tables import BODY, Meta, Plant, Side
from drivestack.core.types import Control, State
from drivestack.scenario.sources.highway_env import load
from drivestack.world.engine import Engine
from drivestack.world.highway_env import HighwayEnvWorld

HOLD = np.zeros((1, 2))
FIELDS = ("x", "y", "heading", "speed", "accel", "steer", "crashed", "lane")


def native(env_id: str, ego: EgoKind = EgoKind.META, seed: int = 4, **others: Any) -> Start:
    return load(env_id, seed, ego=ego, physics=Physics.HIGHWAY_ENV, **others)


def opened(*starts: Start) -> HighwayEnvWorld:
    world = HighwayEnvWorld()
    world.reset(starts)
    return world


def equal(one: NDArray, other: NDArray) -> bool:
    return len(one) == len(other) and all((one[f] == other[f]).all() for f in BODY.names or ())


def stepped_natively(env_id: str, seed: int, actions: list[Any]) -> list[list[tuple[float, ...]]]:
    """Every vehicle's state after each of the environment's own policy steps."""
    import gymnasium
    import highway_env  # noqa: F401
    from gymnasium.envs.registration import load_env_creator

    from drivestack.scenario.sources.highway_env import driver_constants

    states = []
    with driver_constants({"DISTANCE_WANTED": 10.0, "COMFORT_ACC_MAX": 3, "COMFORT_ACC_MIN": -5}):
        creator: Any = load_env_creator(str(gymnasium.spec(env_id).entry_point))
        env = creator(config={})
        env.reset(seed=seed)
        for action in actions:
            env.step(action)
            states.append(
                [(*map(float, v.position), v.heading, v.speed) for v in env.road.vehicles]
            )
    return states


def stepped_by_us(
    start: Start, steps: int, control: Callable[[int], tuple[float, float]], meta: list[int]
) -> list[list[tuple[float, ...]]]:
    world, states = opened(start), []
    for step in range(steps):
        for tick in range(start.policy_ticks):
            action = meta[step] if tick == 0 else Meta.NONE
            world.step(np.array([control(step)]), np.array([action], np.int32))
        rows = world.raw()[0]
        rows = rows[: world.clocks()["n"][0]]
        states.append([tuple(float(r[f]) for f in FIELDS[:4]) for r in rows])
    return states


@pytest.mark.parametrize(
    "env_id",
    [
        "highway-fast-v0",
        "merge-v1",
        "merge-generic-v1",
        "roundabout-v1",
        "roundabout-generic-v1",
        "exit-v1",
        "two-way-v0",
        "u-turn-v1",
    ],
)
def test_equals_the_environments_own_steps(env_id: str) -> None:
    actions = [3, 0, 1, 4, 2, 4, 3]
    ours = stepped_by_us(native(env_id), len(actions), lambda _: (0.0, 0.0), actions)
    assert ours == stepped_natively(env_id, 4, actions)


@pytest.mark.parametrize("env_id", ["intersection-v2", "intersection-v0"])
def test_equals_an_intersection_with_its_spawning_and_clearing(env_id: str) -> None:
    # its own actions are 0 SLOWER, 1 IDLE, 2 FASTER
    own = [0, 1, 2, 1, 0, 2, 2, 1, 1, 1, 2, 1, 1]
    names = [(Meta.SLOWER, Meta.IDLE, Meta.FASTER)[action] for action in own]
    ours = stepped_by_us(native(env_id), len(own), lambda _: (0.0, 0.0), names)
    theirs = stepped_natively(env_id, 4, own)
    assert ours == theirs
    assert len({len(states) for states in theirs}) > 1


@pytest.mark.parametrize("env_id", ["racetrack-v1", "racetrack-oval-v1", "lane-keeping-v0"])
def test_equals_scenes_that_are_steered(env_id: str) -> None:
    steering = [0.1, -0.05, 0.0, 0.02, -0.1, 0.07]
    largest = np.pi / 3 if env_id.startswith("lane") else np.pi / 4
    actions = [np.array([s]) for s in steering]
    # highway-env's steering is positive to the right, ours to the left
    ours = stepped_by_us(
        native(env_id, EgoKind.PLAIN),
        len(actions),
        lambda step: (0.0, -_mapped(steering[step], largest)),
        [Meta.NONE] * len(actions),
    )
    assert ours == stepped_natively(env_id, 4, actions)


def _mapped(action: float, largest: float) -> float:
    """`utils.lmap` from [-1, 1]."""
    return -largest + (action - -1) * (largest - -largest) / (1 - -1)


def test_own_clock_counts_ticks() -> None:
    world = opened(native("merge-v1", rates=Rates(20, 20, 10)))
    for _ in range(20):
        world.step(HOLD)
    scene = world.observe()
    assert scene.tick[0] == 20
    assert scene.tick[0] * scene.dt[0] == 1.0


def test_records_are_iso() -> None:
    start = native("merge-v1", EgoKind.STACK)
    world = opened(start)
    before = world.observe()
    row = start.bodies[0]
    assert before.ego.state[0].tolist() == [row["x"], -row["y"], -row["heading"], row["speed"]]
    assert not before.maps[0].y_right
    for _ in range(5):
        world.step(np.array([[0.5, 0.02]]))
    after = world.observe()
    assert after.ego.state[0, State.Y] > before.ego.state[0, State.Y]
    assert after.ego.state[0, State.YAW] > 0.0
    assert after.control[0, Control.STEER] == 0.02
    assert after.agents.valid.sum() == len(start.bodies) - 1


def test_observes_as_the_engine_does() -> None:
    starts = [native("intersection-v2", EgoKind.STACK), native("merge-v1", EgoKind.IDM)]
    reference, engine = opened(*starts), Engine()
    engine.reset(starts)
    one, other = reference.observe(), engine.observe()
    assert one.agents.state.shape == other.agents.state.shape
    for name in ("ego_lane", "lane", "target_lane", "target_speed", "crashed", "map_index", "dt"):
        assert (getattr(one, name) == getattr(other, name)).all(), name
    for name in ("state", "size", "kind", "id", "valid"):
        assert (getattr(one.agents, name) == getattr(other.agents, name)).all(), name
    assert all(a is b for a, b in zip(one.maps, other.maps, strict=True))


def test_scenes_of_one_process_are_kept_apart() -> None:
    from highway_env.vehicle.behavior import IDMVehicle

    starts = [native("intersection-v2"), native("merge-v1"), native("roundabout-v1")]
    together = opened(*starts)
    alone = [opened(start) for start in starts]
    held = np.zeros((3, 2))
    for _ in range(20):
        together.step(held)
        for world in alone:
            world.step(HOLD)
    for rows, world in zip(together.raw(), alone, strict=True):
        assert equal(rows, world.raw()[0])
    assert (IDMVehicle.DISTANCE_WANTED, IDMVehicle.COMFORT_ACC_MAX) == (10.0, 3.0)


def test_forks_repeat_and_part() -> None:
    world = opened(native("intersection-v2", EgoKind.STACK))
    for _ in range(10):
        world.step(HOLD)
    fork = world.fork(3)
    assert fork.batch == 3
    controls = np.array([[0.0, 0.0], [0.0, 0.0], [-4.0, 0.1]])
    for _ in range(40):  # two spawns
        fork.step(controls)
    before = world.raw()[0]
    for _ in range(40):
        world.step(HOLD)
    first, second, third = fork.raw()
    assert equal(first, second)
    assert equal(first, world.raw()[0])
    assert not equal(third[: len(first)], first)
    assert fork.generators()[0] == world.generators()[0]
    assert not equal(before, world.raw()[0])


def test_ids_are_kept_for_life() -> None:
    world = opened(native("intersection-v2", EgoKind.IDM, seed=3))
    seen: dict[int, float] = {}
    known: list[set[int]] = []
    for _ in range(195):
        world.step(HOLD)
        rows = world.raw()[0]
        known.append(set(rows["id"].tolist()))
        for row in rows:
            assert seen.setdefault(int(row["id"]), row["delta"]) == row["delta"]
    assert len(known[0] - known[-1]) > 0
    assert len(known[-1] - known[0]) > 0


@pytest.mark.parametrize(
    ("env_id", "ego", "seed"),
    [
        ("merge-v1", EgoKind.STACK, 2),
        ("lane-keeping-v0", EgoKind.STACK, 2),
        ("intersection-v2", EgoKind.IDM, 0),
        ("exit-v1", EgoKind.META, 0),
    ],
)
def test_clamped_physics_stops_at_zero_in_both_backends(
    env_id: str, ego: EgoKind, seed: int
) -> None:
    start = load(env_id, seed, ego=ego, physics=Physics.CLAMPED)
    reference, free, engine = opened(start), opened(native(env_id, ego, seed)), Engine()
    engine.reset([start])
    brake = np.array([[-6.0, 0.0]])
    stopped = reversed_ = False
    for _ in range(85):
        reference.step(brake)
        free.step(brake)
        engine.step(brake)
        ours, theirs = engine.raw()[0], reference.raw()[0]
        stopped |= bool((theirs["speed"] == 0.0).any())
        reversed_ |= bool((free.raw()[0]["speed"] < 0.0).any())
        assert theirs["speed"].min() >= 0.0
        for field in FIELDS[:4]:
            # stock arithmetic: bits are compared by tests/parity
            np.testing.assert_allclose(ours[field], theirs[field], rtol=0.0, atol=1e-6)
    assert stopped
    assert reversed_


def test_contact_is_the_exact_overlap() -> None:
    start = native("merge-v1", EgoKind.PLAIN)
    world = opened(start)
    road = world._slots[0].env.road
    ego, other = road.vehicles[0], road.vehicles[1]
    other.position = ego.position + np.array([4.5, 0.5])
    other.speed = ego.speed
    assert not world.observe().contact[0]
    world.step(HOLD)
    scene = world.observe()
    assert scene.contact[0]
    assert scene.contact_side[0] == Side.FRONT
    assert scene.contact_with[0] == start.bodies["id"][1]
    ego.position = ego.position + np.array([0.0, 30.0])
    world.step(HOLD)
    assert not world.observe().contact[0]


def test_released_slots_stand_still_and_are_refilled() -> None:
    world = opened(native("merge-v1"), native("merge-v1", seed=5))
    world.release(0)
    before = world.raw()
    world.step(np.zeros((2, 2)))
    after = world.raw()
    assert equal(before[0], after[0])
    assert not equal(before[1], after[1])
    world.refill(0, native("roundabout-v1"))
    assert world.observe().tick.tolist() == [0, 1]
    world.step(np.zeros((2, 2)))
    assert world.observe().tick.tolist() == [1, 2]


def test_a_wreck_does_not_write_into_the_callers_control() -> None:
    world = opened(native("merge-v1", EgoKind.PLAIN))
    world._slots[0].env.vehicle.crashed = True
    control = np.array([[2.0, 0.3]])
    world.step(control)
    assert control.tolist() == [[2.0, 0.3]]
    assert world.observe().control[0, Control.STEER] == 0.0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: replace(s, reference=None), "not a highway-env scene"),
        (lambda s: replace(s, reference=replace(s.reference, version="1.0")), "made with .* 1.0"),
        (lambda s: replace(s, bodies=_moved(s.bodies)), "its bodies are not those of"),
        (lambda s: replace(s, bodies=s.bodies[:-1], routes=s.routes[:-1]), "its bodies are not"),
        (lambda s: replace(s, slot=_lagged(s.slot)), "no lagged plant"),
    ],
)
def test_other_starts_are_refused(change: Callable[[Start], Start], words: str) -> None:
    with pytest.raises(UnsupportedError, match=words):
        opened(change(native("merge-v1", EgoKind.STACK)))


def test_unequal_rates_are_refused() -> None:
    with pytest.raises(InputError, match="equal physics rates"):
        opened(native("merge-v1"), native("exit-v1"))


def _moved(bodies: NDArray) -> NDArray:
    moved = bodies.copy()
    moved["x"][1] += 1.0
    return moved


def _lagged(slot: NDArray) -> NDArray:
    lagged = slot.copy()
    lagged["plant"] = Plant.LAGGED
    return lagged
