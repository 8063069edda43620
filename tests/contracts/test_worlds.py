"""What every world promises: slots on their own, forks, refills, records that are copies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from drivestack.core.protocols import World
from drivestack.core.rng import stream
from drivestack.core.start import EgoKind, Physics, Rates, Start
from drivestack.core.tables import Meta, Side
from drivestack.core.types import Floats, Scene
from drivestack.scenario.sources.highway_env import load
from drivestack.world import WORLDS

SCENES = ("merge-v1", "roundabout-v1", "intersection-v2")
"""An obstacle, right of way, and traffic that is spawned: every world can run highway-env's."""

RATES = Rates(20, 20, 10)
TICKS = 24
"""One policy step of 20 ticks lies in between."""


def start(env: str, seed: int = 1, **others: Any) -> Start:
    given = {"ego": EgoKind.STACK, "rates": RATES, "physics": Physics.CLAMPED} | others
    return load(env, seed, **given)


STARTS = [start(env) for env in SCENES]


def filled(name: str, starts: Iterable[Start]) -> World:
    world = WORLDS[name]()
    world.reset(list(starts))
    return world


def controls(batch: int, tick: int, sign: float = 1.0) -> Floats:
    """The same mild control for every slot."""
    return np.tile(sign * stream("worlds", tick).uniform((-1.0, -0.01), (2.0, 0.01)), (batch, 1))


def driven(world: World, ticks: Iterable[int], sign: float = 1.0) -> World:
    for tick in ticks:
        world.step(controls(world.batch, tick, sign))
    return world


def seen(scene: Scene, slot: int) -> dict[str, bytes]:
    """What a record says of one slot, without the places that are empty."""
    there = scene.agents.valid[slot, :, -1]
    agents = ("state", "size", "kind", "id")
    more = ("lane", "target_lane", "target_speed", "agent_crashed")
    own = ("tick", "dt", "ego_lane", "ego_target_lane", "crashed", "contact", "contact_side",
           "contact_with", "control")  # fmt: skip
    ego = ("state", "accel", "steer", "size")
    return {
        **{name: getattr(scene, name)[slot].tobytes() for name in own},
        **{f"ego.{name}": getattr(scene.ego, name)[slot].tobytes() for name in ego},
        **{name: getattr(scene.agents, name)[slot][there].tobytes() for name in agents},
        **{name: getattr(scene, name)[slot][there].tobytes() for name in more},
        "map": scene.maps[scene.map_index[slot]].lanes.tobytes(),
    }


def assert_slots(one: World, other: World, pairs: Iterable[tuple[int, int]]) -> None:
    """Slots of two worlds are seen alike."""
    left, right = one.observe(), other.observe()
    for a, b in pairs:
        assert seen(left, a) == seen(right, b)


@pytest.mark.parametrize("name", WORLDS)
def test_the_first_record_is_the_start(name: str) -> None:
    world = filled(name, STARTS)
    scene = world.observe()
    assert world.batch == len(STARTS)
    assert isinstance(scene, Scene)
    assert scene.tick.tolist() == [0] * len(STARTS)
    assert (scene.dt == 1.0 / RATES.physics).all()
    for slot, given in enumerate(STARTS):
        sign = -1.0 if given.map.y_right else 1.0
        ego = given.bodies[int(given.slot["ego"][0])]
        wanted = [ego["x"], sign * ego["y"], sign * ego["heading"], ego["speed"]]
        np.testing.assert_array_equal(scene.ego.state[slot], wanted)
        there = scene.agents.valid[slot, :, -1]
        assert there.sum() == len(given.bodies) - 1
        assert len(set(scene.agents.id[slot][there].tolist())) == there.sum()
        assert not scene.maps[scene.map_index[slot]].y_right, "records are ISO 8855"


@pytest.mark.parametrize("name", WORLDS)
def test_a_tick_applies_the_controls(name: str) -> None:
    world = filled(name, STARTS)
    before = world.observe()
    kept = [seen(before, slot) for slot in range(3)]
    given = controls(3, 0)
    world.step(given)
    after = world.observe()
    assert after.tick.tolist() == [1, 1, 1]
    np.testing.assert_array_equal(after.control, given)
    np.testing.assert_array_equal(after.ego.steer, given[:, 1])
    moved = np.hypot(*(after.ego.state - before.ego.state)[:, :2].T)
    np.testing.assert_allclose(moved, before.ego.state[:, 3] * before.dt, rtol=1e-6)
    assert [seen(before, slot) for slot in range(3)] == kept, "a record is a copy"
    assert set(after.contact_side.tolist()) <= set(Side)


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize(
    "wrong", [np.zeros((2, 2)), np.zeros((3, 3)), np.full((3, 2), np.nan), np.full((3, 2), np.inf)]
)
def test_wrong_controls_move_nothing(name: str, wrong: Floats) -> None:
    world = driven(filled(name, STARTS), range(5))
    before = world.observe()
    with pytest.raises(ValueError, match="controls: "):
        world.step(wrong)
    after = world.observe()
    assert [seen(before, slot) for slot in range(3)] == [seen(after, slot) for slot in range(3)]


@pytest.mark.parametrize("name", WORLDS)
def test_a_slot_does_not_depend_on_its_batch(name: str) -> None:
    together = driven(filled(name, STARTS), range(TICKS))
    turned = driven(filled(name, STARTS[::-1]), range(TICKS))
    assert_slots(together, turned, [(slot, 2 - slot) for slot in range(3)])
    for slot, given in enumerate(STARTS):
        assert_slots(together, driven(filled(name, [given]), range(TICKS)), [(slot, 0)])
    again = together.observe()
    assert [seen(again, k) for k in range(3)] == [seen(together.observe(), k) for k in range(3)]
    together.reset(STARTS)
    assert_slots(together, filled(name, STARTS), [(slot, slot) for slot in range(3)])


@pytest.mark.parametrize("name", WORLDS)
def test_forks_go_on_alike_and_apart(name: str) -> None:
    world = driven(filled(name, STARTS), range(10))
    copies, other = world.fork(2), world.fork(1)
    assert (copies.batch, other.batch) == (6, 3)
    assert_slots(world, copies, [(slot // 2, slot) for slot in range(6)])
    driven(other, range(10, TICKS), -1.0)
    driven(copies, range(10, TICKS))
    driven(world, range(10, TICKS))
    assert_slots(world, copies, [(slot // 2, slot) for slot in range(6)])
    left, right = world.observe(), other.observe()
    assert all(seen(left, slot) != seen(right, slot) for slot in range(3))


@pytest.mark.parametrize("name", WORLDS)
def test_a_refilled_slot_is_like_new(name: str) -> None:
    world = driven(filled(name, STARTS), range(10))
    undisturbed = driven(filled(name, STARTS), range(TICKS))
    world.refill(1, start("merge-v1", seed=2))
    driven(world, range(10, TICKS))
    fresh = driven(filled(name, [start("merge-v1", seed=2)]), range(10, TICKS))
    assert_slots(world, fresh, [(1, 0)])
    assert_slots(world, undisturbed, [(0, 0), (2, 2)])


@pytest.mark.parametrize("name", WORLDS)
def test_a_released_slot_stands_still(name: str) -> None:
    world = driven(filled(name, STARTS), range(5))
    before = seen(world.observe(), 2)
    world.release(2)
    driven(world, range(5, TICKS))
    assert seen(world.observe(), 2) == before
    assert world.observe().tick.tolist() == [TICKS, TICKS, 5]
    assert_slots(world, driven(filled(name, STARTS[:2]), range(TICKS)), [(0, 0), (1, 1)])


@pytest.mark.parametrize("physics", Physics)
@pytest.mark.parametrize("name", WORLDS)
def test_clamped_egos_stop_and_others_reverse(name: str, physics: Physics) -> None:
    world = filled(name, [start("merge-v1", physics=physics)])
    for _ in range(100):
        world.step(np.array([[-8.0, 0.0]]))
    scene = world.observe()
    there = scene.agents.valid[0, :, -1]
    if physics is Physics.CLAMPED:
        assert scene.ego.state[0, 3] == 0.0
        assert (scene.agents.state[0, there, -1, 3] >= 0.0).all()
    else:
        assert scene.ego.state[0, 3] < -5.0


@pytest.mark.parametrize("kind", EgoKind)
@pytest.mark.parametrize("name", WORLDS)
def test_every_kind_of_ego_drives(name: str, kind: EgoKind) -> None:
    world = filled(name, [start("merge-v1", ego=kind)])
    first = world.observe().ego.state[0]
    meta = np.array([Meta.SLOWER if kind is EgoKind.META else Meta.NONE], np.int32)
    world.step(np.array([[1.0, 0.0]]), meta)
    for _ in range(TICKS):
        world.step(np.array([[1.0, 0.0]]))
    last = world.observe().ego.state[0]
    assert last[0] - first[0] > 10.0
    if kind is EgoKind.META:
        assert last[3] < first[3]


@pytest.mark.parametrize("name", WORLDS)
def test_worlds_agree(name: str) -> None:
    """The same starts lead to the same trajectories, whichever world runs them."""
    ours, first = (driven(filled(which, STARTS), range(TICKS)) for which in (name, "engine"))
    for slot in range(3):
        a, b = ours.observe(), first.observe()
        np.testing.assert_allclose(a.ego.state[slot], b.ego.state[slot], atol=1e-6, rtol=0.0)
        left, right = a.agents.valid[slot, :, -1], b.agents.valid[slot, :, -1]
        np.testing.assert_array_equal(a.agents.id[slot][left], b.agents.id[slot][right])
        np.testing.assert_allclose(
            a.agents.state[slot][left], b.agents.state[slot][right], atol=1e-6, rtol=0.0
        )


@pytest.mark.parametrize("name", WORLDS)
def test_gathered_slots_go_on_from_their_own_ticks(name: str) -> None:
    world = driven(filled(name, STARTS), range(6))
    early = world.gather([(world, 2)])
    driven(world, range(6, 12))
    together = world.gather([(world, 1), (early, 0), (world, 1), (world, 0)])
    assert [int(tick) for tick in together.observe().tick] == [12, 6, 12, 12]
    apart = [world.gather([(world, 1)]), early, world.gather([(world, 0)])]
    for one in (together, *apart):
        driven(one, range(12, 20))
    for other, slots in zip(apart, ((0, 2), (1,), (3,)), strict=True):
        assert_slots(together, other, [(slot, 0) for slot in slots])


def test_slots_of_strangers_are_not_gathered() -> None:
    one, other = filled("engine", STARTS), filled("engine", STARTS)
    with pytest.raises(ValueError, match="come from one another"):
        one.gather([(one, 0), (other, 0)])
