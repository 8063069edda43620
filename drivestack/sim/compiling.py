"""Compile what runs need before the first of them, in several processes at once.

Kernels are compiled when they are first called, one after the other: a run from an empty cache
waits for all of them, and so does each of its processes. The steps here meet them in different
orders, so that processes seldom want the same kernel at the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from drivestack.core.compiled import compile_seconds
from drivestack.core.start import Start
from drivestack.core.types import Goal, Observation
from drivestack.scenario import load
from drivestack.world import build_world, sensing

from .driver import Driver
from .goals import goals_of
from .settings import settings_of

_TICKS = 3
"""So many times the world is stepped: the first tick does not regulate crossings yet."""


def compile_all(workers: int) -> Iterator[tuple[int, int, float]]:
    """Compile whatever the built-in stacks and worlds need, unless it is in the cache.

    Args:
        workers: processes.

    Yields:
        Steps done, steps in all, and the seconds that the last one spent on compiling.
    """
    import joblib

    done, total = 0, sum(map(len, ROUNDS))
    for steps in ROUNDS:
        engine: Any = joblib.Parallel
        parallel = engine(workers, return_as="generator_unordered", batch_size=1)
        for seconds in parallel(joblib.delayed(_measured)(step) for step in steps):
            done += 1
            yield done, total, seconds


def _measured(step: Callable[[], None]) -> float:
    before = compile_seconds()
    step()
    return compile_seconds() - before


def _starts() -> list[Start]:
    """Short scenarios with what the kernels tell apart: traffic, actors, both plants."""
    files = sorted(Path(__file__).with_name("first_steps").glob("*.yaml"))
    return [start for file in files for start in load(file)]


def _move() -> None:
    """The world alone, without anybody who decides."""
    for start in _starts():
        world = build_world("engine")
        world.reset([start])
        for _ in range(_TICKS):
            world.step(np.zeros((1, 2)))


def _look() -> None:
    """What is sensed of the world, and where it is to go: all that follows needs these kernels."""
    for start in _starts():
        _sensed(start)


def _decide(stack: str) -> None:
    """One decision of a stack; the world stands still."""
    for start in _starts():
        seen, goal = _sensed(start)
        driver = Driver(stack).stack_for(start)
        driver.decide(seen, driver.start(1, goal))


def _sensed(start: Start) -> tuple[Observation, Goal]:
    world = build_world("engine")
    world.reset([start])
    scene = world.observe()
    goal = goals_of([start], [scene.maps[number] for number in scene.map_index], 0)
    seen, _ = sensing.sense(scene, [sensing.Mount.of(start)], sensing.fresh(1, 0))
    return seen, goal


def _drive(stack: str) -> None:
    """Whole episodes, with all measures."""
    from .suite import run_starts

    for start in _starts():
        run_starts([start], settings_of(stack=stack))


ROUNDS: Sequence[Sequence[Callable[[], None]]] = (
    (_look,),
    (
        partial(_decide, "pdm_lane"),  # first: it takes longest, and hardly needs what follows
        _move,
        partial(_decide, "pdm15"),
        partial(_drive, "constant"),
    ),
    (
        *(partial(_drive, stack) for stack in ("pdm_lane", "pdm15", "idm")),
        partial(_decide, "flow"),
    ),
)
"""Steps of each round may run at the same time; the last one meets what is left."""
