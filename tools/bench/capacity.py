"""What the engine alone can do: agent-steps, observing, resetting and forking."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scenes import CAPACITY, crowded_roundabout, default, forkable, highway
from timing import Timed, drive, median, timed

from drivestack.core.start import Start
from drivestack.world.engine import Engine
from drivestack.world.highway_env import HighwayEnvWorld

FORKS = 32
"""k of the fork."""

FORK_TICKS = 40
"""4 s at 10 Hz."""

MOST_AGENT_STEPS = 6_000_000
"""One loop is cut where it would take longer than some seconds."""


def agent_steps(starts: Sequence[Start], repetitions: int) -> Timed:
    """Vehicles moved by one tick each, a second; whole episodes where they are not too long.

    Cars that leave or enter an intersection are counted at the end of the loop only, so scenes
    that spawn are not measured here.
    """
    cars = sum(int(start.slot["n"][0]) for start in starts)
    ticks = min(starts[0].ticks, max(MOST_AGENT_STEPS // cars, 1))
    engine = Engine()
    drive(engine, starts, 5)
    loops = [drive(engine, starts, ticks) for _ in range(repetitions)]
    return median(loops).each(lambda seconds: cars * ticks / seconds)


def capacities(repetitions: int, batches: Sequence[int]) -> dict[str, Timed]:
    """Agent-steps a second of every map and batch."""
    found = {}
    for batch in batches:
        seeds = range(batch)
        for cars in CAPACITY:
            rate = agent_steps(highway(cars, seeds), repetitions)
            found[f"agent_steps_per_s.B{batch}.N{cars}"] = rate
        rate = agent_steps(crowded_roundabout(seeds), repetitions)
        found[f"agent_steps_per_s_maps.B{batch}.roundabout-generic-v1 crowded"] = rate
        for env_id in ("roundabout-v1", "exit-v1", "racetrack-large-v1"):
            rate = agent_steps(default(env_id, seeds), repetitions)
            found[f"agent_steps_per_s_maps.B{batch}.{env_id}"] = rate
    largest = max(batches)
    crowd = found[f"agent_steps_per_s_maps.B{largest}.roundabout-generic-v1 crowded"]
    found["agent_steps_per_s_roundabout"] = crowd
    return found


def growth(found: dict[str, Timed], batch: int) -> Timed:
    """Time per agent-step with 800 cars over that with 50."""
    few, many = (found[f"agent_steps_per_s.B{batch}.N{cars}"] for cars in (50, 800))
    return few.over(many)


def observing(batch: int, repetitions: int) -> Timed:
    """Microseconds of one `observe` of highway-v0, all B slots."""
    starts = default("highway-v0", range(batch))
    engine = Engine()
    drive(engine, starts, 30)
    return _mean_of_many(engine.observe, 100, repetitions).each(lambda seconds: seconds * 1e6)


def resetting(repetitions: int) -> dict[str, Timed]:
    """Milliseconds from a start in hand to a world at its first tick, highway-v0, B = 1."""
    starts = default("highway-v0", [0])
    engine, reference = Engine(), HighwayEnvWorld()
    ours = _mean_of_many(lambda: engine.reset(starts), 20, repetitions)
    theirs = _mean_of_many(lambda: reference.reset(starts), 2, repetitions)
    cached = _mean_of_many(lambda: default("highway-v0", [0]), 20, repetitions)
    found = {"reset_ms": ours, "reset_ms_highway_env": theirs, "read_start_ms": cached}
    return {key: value.each(lambda seconds: seconds * 1e3) for key, value in found.items()}


def forking(repetitions: int) -> Timed:
    """Roll-outs a second: the fork itself and 40 ticks of all its slots."""
    engine = Engine()
    drive(engine, [forkable()], 10)
    controls = np.zeros((FORKS, 2))

    def roll_out() -> None:
        forked = engine.fork(FORKS)
        for _ in range(FORK_TICKS):
            forked.step(controls)

    return _mean_of_many(roll_out, 10, repetitions).each(lambda seconds: FORKS / seconds)


def _mean_of_many(call: Callable[[], object], calls: int, repetitions: int) -> Timed:
    """Seconds of one call: the median over repetitions of the mean of some calls."""
    call()

    def loop() -> None:
        for _ in range(calls):
            call()

    loops = [timed(loop) for _ in range(repetitions)]
    return median(loops).each(lambda seconds: seconds / calls)
