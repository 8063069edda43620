"""Hidden state drawn anew: what is seen stays, what is open varies as said, rows do not mix."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from drivestack.core.rng import stream
from drivestack.core.script import Measure, Phase
from drivestack.core.start import EgoKind, Start
from drivestack.core.tables import Driver
from drivestack.core.types import Tracks
from drivestack.learn.families import families_in, start_of
from drivestack.world.engine import Engine
from tests.test_readme import ROOT
from tests.world import small_worlds

DRAWS = 400


def busy() -> Start:
    """MOBIL traffic, all of it near the ego."""
    start = small_worlds.changing()
    bodies = start.bodies.copy()
    bodies["x"] = 20.0 + 0.4 * (bodies["x"] - 20.0)
    return replace(start, bodies=bodies)


def drawn(world: Engine, hidden: tuple[int, ...] = ()) -> tuple[Engine, Tracks]:
    """Many copies of a world of one slot, drawn anew; all but some are seen."""
    copies = world.fork(DRAWS)
    tracks = copies.observe().agents
    seen = Tracks(
        state=tracks.state,
        size=tracks.size,
        kind=tracks.kind,
        id=tracks.id,
        age=tracks.age,
        valid=tracks.valid & ~np.isin(tracks.id, hidden)[:, :, None],
    )
    copies.redraw(seen, [stream("test", number) for number in range(DRAWS)])
    return copies, seen


def world_of(start: Start, ticks: int = 5) -> Engine:
    bodies = start.bodies.copy()
    bodies["id"] = np.arange(len(bodies))  # small worlds number nobody
    world = Engine()
    world.reset([replace(start, bodies=bodies)])
    for _ in range(ticks):
        world.step(np.zeros((1, 2)))
    return world


def shipped(file: str, family: str) -> Engine:
    documents = families_in([ROOT / "scenarios" / file])
    return world_of(start_of(documents[family], 3))


def test_what_is_seen_stays_as_it_is() -> None:
    world = world_of(busy())
    before, (copies, _) = world.observe(), drawn(world)
    after = copies.observe()
    for name in ("state", "size", "id", "kind", "valid"):
        now, then = getattr(after.agents, name), getattr(before.agents, name)
        np.testing.assert_array_equal(now, np.repeat(then, DRAWS, axis=0))
    np.testing.assert_array_equal(after.ego.state, np.repeat(before.ego.state, DRAWS, axis=0))


def test_who_is_too_far_to_be_felt_is_left_out() -> None:
    """A car 150 m ahead stays if it closes in at 15 m/s, 60 m in 4 s, and not at 10."""
    for speed, stays in ((5.0, True), (10.0, False)):
        cars = [small_worlds.car(20.0, 4.0, 20.0, driver=Driver.STACK)]
        cars += [small_worlds.car(20.0 + 150.0, 0.0, speed)]
        road = small_worlds.highway(2)
        start = small_worlds.start_of(
            road, small_worlds.place(road, np.concatenate(cars)), EgoKind.STACK
        )
        copies, _ = drawn(world_of(start, ticks=0))
        assert copies.observe().agents.valid[:, 0, 0].all() == stays


def test_who_is_unseen_is_there_in_every_other_copy() -> None:
    world = world_of(busy())
    hidden = int(world.observe().agents.id[0, 0])
    copies, _ = drawn(world, (hidden,))
    there = copies.observe().agents.valid[:, :, -1]
    assert 0.4 < there[:, 0].mean() < 0.6  # three sigma of 400 draws
    assert there[:, 1:].all()


def test_so_is_an_obstacle_that_is_unseen() -> None:
    road = small_worlds.highway(2)
    bodies = [small_worlds.car(20.0, 4.0, 20.0, driver=Driver.STACK), small_worlds.obstacle(70, 4)]
    placed = small_worlds.place(road, np.concatenate(bodies))
    world = world_of(small_worlds.start_of(road, placed, EgoKind.STACK), ticks=0)
    lying = int(world.observe().agents.id[0, 0])
    seen, hidden = (drawn(world, unseen)[0] for unseen in ((), (lying,)))
    assert seen.observe().agents.valid[:, 0, 0].all()
    there = hidden.observe().agents.valid[:, 0, 0]
    assert 0.4 < there.mean() < 0.6
    for _ in range(80):
        hidden.step(np.zeros((DRAWS, 2)))
    np.testing.assert_array_equal(hidden.observe().contact, there)


def test_drivers_want_other_speeds_about_their_own() -> None:
    world = world_of(busy())
    copies, _ = drawn(world)
    wanted, now = copies.observe().target_speed, world.observe().agents.state[0, :, 0, 3]
    fast = now >= 15.0  # half of the limit: most have the speed they want
    assert (np.abs(np.median(wanted[:, fast], axis=0) - now[fast]) < 2.0).all()
    assert (wanted.std(axis=0) > 0.5).all()
    assert (wanted >= 0.0).all()


def test_forks_of_a_world_drawn_anew_part() -> None:
    copies, _ = drawn(world_of(busy()))
    for _ in range(40):
        copies.step(np.zeros((DRAWS, 2)))
    x = copies.observe().agents.state[:, :, 0, 0]
    assert (x.std(axis=0) > 0.2).all()


def test_other_turns_lead_along_the_roads() -> None:
    world = shipped("highway_env.yaml", "intersection-v2")
    copies, _ = drawn(world)
    store, roads = copies._store, copies._starts[0].map.roads
    differs = False
    for slot in range(DRAWS):
        for k in range(int(store.slots["n"][slot])):
            body = store.bodies[slot, k]
            if body["driver"] != Driver.IDM or not body["routed"]:
                continue
            route = store.routes[slot, k, body["route_head"] : body["route_n"], 0]
            ends, starts = roads["end"][route[:-1]], roads["start"][route[1:]]
            np.testing.assert_array_equal(ends, starts)
            before = world._store.routes[0, k, body["route_head"] : body["route_n"], 0]
            differs = differs or not np.array_equal(before, route)
    assert differs


def test_events_come_at_other_moments_or_never() -> None:
    world = shipped("rare.yaml", "rare-pedestrian-behind-van")
    copies, _ = drawn(world)
    cues, conditions = copies._store.stage.cues, copies._store.stage.conditions
    waits = ~cues["ends_episode"] & (world._store.stage.cues["phase"] == Phase.WAITING)
    walks = int(np.flatnonzero(waits[0])[0])
    never = cues["phase"][:, walks] == Phase.STOPPED
    assert 0.14 < never.mean() < 0.26
    row = int(cues["conditions_at"][0, walks])
    assert conditions["measure"][0, row] == Measure.DISTANCE
    true = world._store.stage.conditions["value"][0, row]
    by = np.log(conditions["value"][~never, row] / true)
    assert abs(by.mean()) < 0.06
    assert 0.26 < by.std() < 0.34
    ends = np.flatnonzero(cues["ends_episode"][0])
    assert (cues["phase"][:, ends] == Phase.WAITING).all()


def test_a_draw_depends_on_its_generator_alone() -> None:
    world = world_of(busy())
    copies, seen = drawn(world)
    alone = world.fork(1)
    one = Tracks(
        *(getattr(seen, name)[:1] for name in ("state", "size", "kind", "id", "age", "valid"))
    )
    alone.redraw(one, [stream("test", 7)])
    np.testing.assert_array_equal(
        alone._store.bodies[0][["target_speed", "delta", "timer"]],
        copies._store.bodies[7][["target_speed", "delta", "timer"]],
    )
