"""IDM cars at traffic lights: they wait for green, and nothing changes where there are none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from drivestack.core.lights import Colour, Light
from drivestack.core.start import Start
from drivestack.scenario import load
from drivestack.world import build_world
from tests.scenario.writing import write

ROAD = """
id: road
map:
  kind: lanes
  lanes:
  - {kind: straight, from: a, to: b, start: [0, 0], end: [100, 0]}
  - {kind: straight, from: b, to: c, start: [100, 0], end: [300, 0]}
ego: {kind: plain, lane: [b, c, 0], s: 150}
actors:
- {kind: idm, lane: [a, b, 0], s: 20, speed: 12}
time_limit: 20
"""


def start_of(folder: Path, *lights: Light) -> Start:
    (start,) = load(write(folder, "road.yaml", ROAD))
    return replace(start, lights=lights)


def fronts(start: Start, ticks: int, beside: int = 0) -> np.ndarray:
    """(T,) x of the car's front; `beside` worlds without lights run in the same batch."""
    world = build_world("engine")
    world.reset([start, *[replace(start, lights=())] * beside])
    found = []
    for _ in range(ticks):
        found.append(world.observe().agents.state[0, 0, 0, 0] + 2.5)
        world.step(np.zeros((1 + beside, 2)))
    return np.array(found)


def main(*phases: tuple[Colour, int], lane: int = 0, s: float = 90.0) -> Light:
    return Light("main", phases, 0, ((lane, s),))


def test_it_waits_for_green_and_goes(tmp_path: Path) -> None:
    light = main((Colour.RED, 240), (Colour.GREEN, 1000))
    front = fronts(start_of(tmp_path, light), 400)
    assert 86.0 < front[239] < 90.0, "it stands a metre or so before the line"
    assert front[239] - front[220] < 0.2
    assert front[399] > 110.0


def test_lines_on_the_next_lane_count(tmp_path: Path) -> None:
    front = fronts(start_of(tmp_path, main((Colour.RED, 1), lane=1, s=5.0)), 300)
    assert 101.0 < front[-1] < 105.0


def test_green_dark_and_late_yellow_are_passed(tmp_path: Path) -> None:
    free = fronts(start_of(tmp_path), 150)
    assert free[-1] > 100.0
    for light in (
        main((Colour.GREEN, 1)),
        main((Colour.INACTIVE, 1)),
        main((Colour.YELLOW, 1), s=28.0),  # 5.5 m ahead at 12 m/s
    ):
        assert fronts(start_of(tmp_path, light), 150).tobytes() == free.tobytes()
    assert fronts(start_of(tmp_path, main((Colour.YELLOW, 1))), 300)[-1] < 90.0


def test_neither_batch_nor_fork_matters(tmp_path: Path) -> None:
    start = start_of(tmp_path, main((Colour.RED, 100), (Colour.GREEN, 100)))
    alone = fronts(start, 200)
    assert fronts(start, 200, beside=2).tobytes() == alone.tobytes()
    world = build_world("engine")
    world.reset([start])
    for _ in range(80):
        world.step(np.zeros((1, 2)))
    fork = world.fork(2)
    for _ in range(119):
        fork.step(np.zeros((2, 2)))
    assert (fork.observe().agents.state[:, 0, 0, 0] + 2.5).tolist() == [alone[199]] * 2
