"""What the stack is told of lights: those in range, as old as the frame."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from drivestack.core.lights import Colour, Light
from drivestack.core.sensor import Sensor
from drivestack.core.types import StopLines
from drivestack.world import build_world, sensing
from tests.scenes import starts_of, write_road

MAIN = Light("main", ((Colour.GREEN, 2), (Colour.RED, 100)), 0, ((0, 60.0), (1, 120.0)))


def seen(folder: Path, sensors: list[Sensor | None], ticks: int) -> StopLines:
    """One row for each sensor; None: a scenario without lights."""
    (start,) = starts_of(write_road(folder))
    starts = [
        start if sensor is None else replace(start, lights=(MAIN,), sensing=sensor)
        for sensor in sensors
    ]
    world = build_world("engine")
    world.reset(starts)
    mounts = [sensing.Mount.of(start) for start in starts]
    depth = max(mount.sensor.latency for mount in mounts)
    memory = sensing.fresh(len(starts), depth)
    for _ in range(ticks):
        _, memory = sensing.sense(world.observe(), mounts, memory)
        world.step(np.zeros((len(starts), 2)))
    found, _ = sensing.sense(world.observe(), mounts, memory)
    return found.stop_lines


def test_lines_and_colours(tmp_path: Path) -> None:
    lines = seen(tmp_path, [Sensor(), None], 2)
    assert lines.valid.tolist() == [[True, True], [False, False]]
    assert lines.lane[0].tolist() == [0, 1]
    assert lines.pose[0].tolist() == [[60.0, 4.0, 0.0], [120.0, 0.0, 0.0]]
    assert lines.colour[0].tolist() == [Colour.RED, Colour.RED]


def test_range_and_latency(tmp_path: Path) -> None:
    near, late = Sensor(range=50.0), Sensor(latency=2)
    lines = seen(tmp_path, [near, late], 3)
    assert lines.valid.tolist() == [[True, False], [True, True]]
    assert lines.colour[0, 0] == Colour.RED
    assert lines.colour[1].tolist() == [Colour.GREEN, Colour.GREEN], "as of tick 1"


def test_without_lights_there_is_nothing(tmp_path: Path) -> None:
    assert seen(tmp_path, [None, None], 0).valid.shape == (2, 0)
