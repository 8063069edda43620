"""The traffic that is timed: highway-env's own episodes, read from the cache of first states."""

from __future__ import annotations

from collections.abc import Iterable

from drivestack.core.start import EgoKind, Physics, Rates, Start
from drivestack.scenario.sources.highway_env import load

SCENES = ("highway-v0", "intersection-v2")
"""Scenes on which the engine is compared with highway-env."""

CAPACITY = (10, 50, 200, 800)
"""Numbers of cars on highway-v0's four lanes."""

CROWD = 40
"""Cars asked for in roundabout-generic-v1; its own rule places them 7 m apart or not at all."""


def default(env_id: str, seeds: Iterable[int], ego: EgoKind = EgoKind.IDM) -> list[Start]:
    """Default episodes of one scene.

    An `idm` ego by default: it drives whole episodes without a crash of its own making, and the
    reference does not deep-copy its road for it, as it does for an ego under given controls.
    """
    return [load(env_id, seed, ego=ego, physics=Physics.HIGHWAY_ENV) for seed in seeds]


def highway(cars: int, seeds: Iterable[int], rates: Rates | None = None) -> list[Start]:
    """highway-v0 with so many cars, the ego among them, at density 2."""
    config = {"vehicles_count": cars - 1, "vehicles_density": 2}
    return [
        load("highway-v0", seed, config, EgoKind.IDM, None, Physics.HIGHWAY_ENV, rates)
        for seed in seeds
    ]


def crowded_roundabout(seeds: Iterable[int]) -> list[Start]:
    """roundabout-generic-v1, 32 lanes, as full as its own rule makes it."""
    config = {"vehicles_count": CROWD}
    return [
        load("roundabout-generic-v1", seed, config, EgoKind.IDM, None, Physics.HIGHWAY_ENV)
        for seed in seeds
    ]


def forkable() -> Start:
    """20 agents on 4 lanes at 10 Hz."""
    return highway(20, [0], Rates(physics=10, control=10, plan=10))[0]


def highway_stack(agents: int, count: int) -> list[Start]:
    """highway-v0 at its own density with so many other cars and the stack as ego, in step."""
    rates = Rates(physics=20, control=20, plan=10)
    return [
        load("highway-v0", seed, {"vehicles_count": agents}, EgoKind.STACK, None, Physics.CLAMPED,
             rates)
        for seed in range(count)
    ]  # fmt: skip
