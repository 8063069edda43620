"""The engine as a world: forks, refills, batches, clamped physics, replay, growth, contact."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray
from shapely import Polygon

from drivestack.core.geometry import TOUCH, corners
from drivestack.core.rng import stream
from drivestack.core.start import EgoKind, Physics, Start
from drivestack.core.tables import BODY, REPLAY, Driver
from drivestack.scenario.sources.highway_env import load
from drivestack.world.engine import Engine

FIELDS = BODY.names or ()


def start(env: str, seed: int, physics: Physics = Physics.HIGHWAY_ENV) -> Start:
    """A scene at its native rates, stack ego."""
    return load(env, seed, ego=EgoKind.STACK, physics=physics)


def engine(starts: list[Start]) -> Engine:
    """A filled engine."""
    world = Engine()
    world.reset(starts)
    return world


def controls(batch: int, tick: int) -> NDArray[np.float64]:
    """The same mild control for every slot."""
    draw = stream("test_engine", tick)
    return np.repeat(draw.uniform((-1.0, -0.01), (1.0, 0.01), (1, 2)), batch, axis=0)


def same(a: NDArray, b: NDArray) -> bool:
    """Whether two body tables agree in every field."""
    return len(a) == len(b) and all(np.array_equal(a[name], b[name]) for name in FIELDS)


SCENES = ("highway-fast-v0", "merge-v1", "roundabout-v1", "intersection-v2", "exit-v1")


def test_batch_and_order_change_nothing() -> None:
    """A slot's trajectory is its own, whatever stands beside it."""
    starts = [start(env, seed) for env in SCENES for seed in range(3)]
    order = stream("order").permutation(len(starts))
    together, shuffled = engine(starts), engine([starts[k] for k in order])
    alone = [engine([each]) for each in starts]
    for tick in range(90):
        together.step(controls(len(starts), tick))
        shuffled.step(controls(len(starts), tick))
        for world in alone:
            world.step(controls(1, tick))
    tables = together.raw()
    for place, k in enumerate(order):
        assert same(tables[k], alone[k].raw()[0])
        assert same(tables[k], shuffled.raw()[place])


def test_forks_go_on_as_the_original() -> None:
    """Copies see the same future, spawned cars included, and are independent of each other."""
    starts = [start(env, 5) for env in SCENES]
    world = engine(starts)
    for tick in range(40):
        world.step(controls(len(starts), tick))
    copies = world.fork(3)
    other = world.fork(1)
    for tick in range(40, 120):
        world.step(controls(len(starts), tick))
        copies.step(controls(3 * len(starts), tick))
        other.step(-controls(len(starts), tick))
    for slot, table in enumerate(world.raw()):
        for copy in range(3):
            assert same(copies.raw()[3 * slot + copy], table)
    assert not all(same(a, b) for a, b in zip(world.raw(), other.raw(), strict=True))


def test_refilled_slot_is_like_new() -> None:
    """A slot that had another scenario, map and size before drives as a fresh one."""
    world = engine([start("merge-v1", 0), start("roundabout-v1", 0)])
    for tick in range(30):
        world.step(controls(2, tick))
    world.refill(0, start("highway-v0", 1))
    fresh = engine([start("highway-v0", 1)])
    for tick in range(30):
        world.step(controls(2, tick))
        fresh.step(controls(1, tick))
    assert same(world.raw()[0], fresh.raw()[0])


def test_released_slot_stands_still() -> None:
    """It is skipped and observed as it last was."""
    world = engine([start("merge-v1", 0), start("merge-v1", 1)])
    world.step(controls(2, 0))
    before = world.raw()
    world.release(0)
    world.step(controls(2, 1))
    assert same(before[0], world.raw()[0])
    assert not same(before[1], world.raw()[1])
    assert world.observe().tick.tolist() == [1, 2]


@pytest.mark.parametrize("env", ["merge-v1", "intersection-v2"])
def test_clamped_cars_never_reverse(env: str) -> None:
    """highway-env's cars do reverse in these scenes; clamped ones stop at zero."""
    free = engine([start(env, seed) for seed in range(8)])
    clamped = engine([start(env, seed, Physics.CLAMPED) for seed in range(8)])
    lowest = [0.0, 0.0]
    for _ in range(250):
        for k, world in enumerate((free, clamped)):
            world.step(np.tile((-2.0, 0.0), (8, 1)))
            lowest[k] = min(lowest[k], *(float(table["speed"].min()) for table in world.raw()))
    assert lowest[0] < -0.5
    assert lowest[1] == 0.0


def replayed_start() -> Start:
    """A merge scene in which the first car of the traffic follows rows of its own."""
    base = start("merge-v1", 0)
    bodies = base.bodies.copy()
    rows = np.zeros(20, REPLAY)
    rows["x"], rows["y"] = np.linspace(100.0, 119.0, 20), 4.0
    rows["speed"] = 15.0
    bodies["driver"][1] = Driver.REPLAY
    bodies["replay_n"][1], bodies["replay_from"][1] = 20, 5
    bodies["present"][1] = False
    return dataclasses.replace(base, bodies=bodies, replay=rows)


def test_replayed_body_follows_its_rows() -> None:
    """It appears, follows, and disappears; others do not see it before and after."""
    recorded = replayed_start()
    world = engine([start("highway-fast-v0", 0), recorded, recorded])
    for tick in range(1, 31):
        world.step(np.zeros((3, 2)))
        for slot in (1, 2):
            body = world.raw()[slot][1]
            assert body["present"] == (5 <= tick < 25)
            if body["present"]:
                assert body["x"] == recorded.replay["x"][tick - 5]
        assert world.observe().agents.valid[1, 0, 0] == (5 <= tick < 25)


def test_recorded_rows_do_not_pile_up() -> None:
    """Refilling for ever keeps what the slots replay now; forks share one table."""
    recorded, other = replayed_start(), start("highway-fast-v0", 0)
    world = engine([recorded, other])
    for _ in range(5):
        world.refill(0, other)
        world.refill(1, dataclasses.replace(recorded, replay=recorded.replay.copy()))
        world.refill(0, recorded)
    assert len(world._store.replay) == 2 * len(recorded.replay)
    copies = world.fork(4)
    copies.refill(0, recorded)
    assert len(copies._store.replay) == 2 * len(recorded.replay)
    fresh = engine([recorded])
    for _ in range(12):
        fresh.step(np.zeros((1, 2)))
        copies.step(np.zeros((8, 2)))
    assert all(same(copies.raw()[slot], fresh.raw()[0]) for slot in range(8))


def test_contact_is_exact_overlap_of_boxes() -> None:
    """The ego's field says what shapely says, at every tick of crowded scenes."""
    world = engine([start("intersection-v2", seed) for seed in range(12)])
    seen = {True: 0, False: 0}
    for _ in range(150):
        world.step(np.tile((1.0, 0.0), (12, 1)))
        scene = world.observe()
        for b in range(12):
            here = scene.agents.valid[b, :, 0]
            boxes = corners(scene.agents.state[b, here, 0, :3], scene.agents.size[b, here])
            ego = Polygon(corners(scene.ego.state[b, :3], scene.ego.size[b]))
            apart = min((ego.distance(Polygon(box)) for box in boxes), default=np.inf)
            assert bool(scene.contact[b]) == (apart <= TOUCH)
            seen[apart <= TOUCH] += 1
    assert min(seen.values()) > 20


def test_records_are_iso_and_frozen() -> None:
    """y, heading and steering change sign once; arrays cannot be written."""
    world = engine([start("roundabout-v1", 2)])
    world.step(np.array([[0.5, 0.02]]))
    scene, raw = world.observe(), world.raw()[0]
    assert scene.ego.state[0].tolist() == [
        raw["x"][0], -raw["y"][0], -raw["heading"][0], raw["speed"][0],
    ]  # fmt: skip
    assert scene.control[0].tolist() == [0.5, 0.02]
    assert raw["steer"][0] == -0.02
    assert not scene.maps[0].y_right
    with pytest.raises(ValueError, match="read-only"):
        scene.ego.state[0, 0] = 0.0


def test_tables_grow_with_the_traffic() -> None:
    """More cars enter than there was room for; the reference's limit does not exist."""
    base = start("intersection-v2", 3)
    crowded = dataclasses.replace(base, spawn_probability=1.0, policy_ticks=1)
    world = engine([crowded])
    most = 0
    for _ in range(600):
        world.step(np.tile((-5.0, 0.0), (1, 1)))
        most = max(most, len(world.raw()[0]))
    assert most > len(base.bodies) + 16
