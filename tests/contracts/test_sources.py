"""What every source of scenarios promises: checked starts, the same each time, that worlds run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from drivestack.core.start import EgoKind, Physics, Start
from drivestack.core.tables import Driver
from drivestack.scenario import json_schema
from drivestack.scenario.expand import cases
from drivestack.scenario.override import Override, documents_with, load_with
from drivestack.scenario.resolve import resolve, starts_in
from drivestack.scenario.sources import COUNTED, SOURCES
from drivestack.world import WORLDS
from tests.scenario.opendrive.roads import on_road, road, roads
from tests.scenario.openscenario.documents import at_lane, at_time, event, speed, two_cars
from tests.scenario.openscenario.documents import on_road as openscenario
from tests.scenario.writing import SCENARIO, document, write

ROAD = """\
id: bend
map: {kind: road, pieces: [{length: 60}, {length: 60, radius: -50}], lanes: 2, oncoming: 1}
ego: {lane: ["0", "1", 1], s: 5, speed: 8}
actors:
  - {kind: scripted, lane: ["1", "2", 0], s: 5, speed: 6, events: [{do: {brake: {rate: 2}}}]}
time_limit: 4
"""

CUT_IN = two_cars(
    event("Brake", speed(2.0), at_time(1.0)),
    ego=(at_lane(-1, 5.0), speed(8.0)),
    other=(at_lane(-2, 30.0), speed(6.0)),
)

EXAMPLES: dict[str, Callable[[Path], Path]] = {
    "lanes": lambda folder: write(folder, "s.yaml", SCENARIO),
    "highway_env": lambda folder: write(
        folder, "s.yaml", "id: m\nmap: {kind: highway_env, env: merge-v1}\ntime_limit: 4\n"
    ),
    "commonroad": lambda folder: write(folder, "r.xml", document("2020a")),
    "road": lambda folder: write(folder, "s.yaml", ROAD),
    "opendrive": lambda folder: on_road(folder, roads(road())),
    "openscenario": lambda folder: openscenario(folder, CUT_IN),
}
"""A small scenario of every kind of map; a source is told by an example of its own."""


def test_every_source_has_a_kind_of_map_and_an_example() -> None:
    assert set(EXAMPLES) == set(SOURCES)
    kinds = {
        model["properties"]["kind"]["const"]
        for name, model in json_schema()["$defs"].items()
        if name.endswith("Map")
    }
    assert kinds == set(SOURCES)


def made(folder: Path, kind: str, override: Override | None = None) -> list[Start]:
    return list(load_with(EXAMPLES[kind](folder), override or Override()))


@pytest.mark.parametrize("kind", [kind for kind in SOURCES if kind in EXAMPLES])
def test_starts_can_be_counted_without_making_them(tmp_path: Path, kind: str) -> None:
    """The queue numbers scenarios before they are made: one a case where nothing counts them."""
    assert set(COUNTED) <= set(SOURCES)
    (document,) = documents_with(EXAMPLES[kind](tmp_path), Override())
    for case in cases(document):
        assert len(list(resolve(case))) == starts_in(case)


@pytest.mark.parametrize("kind", SOURCES)
def test_starts_are_whole(tmp_path: Path, kind: str) -> None:
    for start in made(tmp_path, kind):
        lanes, bodies, slot = start.map.lanes, start.bodies, start.slot[0]
        assert start.scenario.endswith(f"#{start.seed}")
        assert json.loads(start.resolved)["seed"] == start.seed
        assert start.source
        assert start.ticks > 0
        assert start.rates.physics % start.rates.control == 0
        assert start.rates.control % start.rates.plan == 0
        assert slot["dt"] == 1.0 / start.rates.physics
        assert 0 <= slot["ego"] < slot["n"] <= len(bodies)
        for name in bodies.dtype.names or ():
            if bodies[name].dtype.kind == "f":
                assert np.isfinite(bodies[name]).all(), name
        assert (bodies["length"] > 0.0).all()
        assert (bodies["width"] > 0.0).all()
        assert ((bodies["lane"] >= 0) & (bodies["lane"] < len(lanes))).all()
        assert len(set(bodies["id"].tolist())) == len(bodies)
        stands = bodies["driver"] == Driver.OBSTACLE
        assert not stands[: slot["n"]].any(), "vehicles come first"
        assert stands[slot["n"] :].all()
        assert ((start.routes[..., 0] >= -1) & (start.routes[..., 0] < len(start.map.roads))).all()


@pytest.mark.parametrize("kind", SOURCES)
def test_the_same_file_gives_the_same_starts(tmp_path: Path, kind: str) -> None:
    first, second = made(tmp_path, kind), made(tmp_path, kind)
    assert len(first) == len(second) >= 1
    for a, b in zip(first, second, strict=True):
        assert (a.scenario, a.resolved, a.generator) == (b.scenario, b.resolved, b.generator)
        for name in ("bodies", "slot", "replay"):
            left, right = getattr(a, name), getattr(b, name)
            for field in left.dtype.names:
                np.testing.assert_array_equal(left[field], right[field], err_msg=field)
        np.testing.assert_array_equal(a.routes, b.routes)
        np.testing.assert_array_equal(a.goal, b.goal)
        np.testing.assert_array_equal(a.map.lanes["x"], b.map.lanes["x"])


@pytest.mark.parametrize("ego", EgoKind)
@pytest.mark.parametrize("kind", SOURCES)
def test_starts_run_with_any_ego_and_physics(tmp_path: Path, kind: str, ego: EgoKind) -> None:
    for physics in Physics:
        (start, *_) = made(tmp_path, kind, Override(ego=ego, physics=physics, seed=7))
        assert (start.ego_kind, start.physics, start.seed) == (ego, physics, 7)
        world = WORLDS["engine"]()
        world.reset([start])
        before = world.observe()
        for _ in range(5):
            world.step(np.zeros((1, 2)))
        after = world.observe()
        assert after.tick.tolist() == [5]
        assert before.agents.valid.sum() >= 1, "an example has traffic"
        assert not np.array_equal(after.ego.state, before.ego.state)
