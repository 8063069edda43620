"""Worlds that scenarios run in: the compiled engine and the highway-env reference."""

from __future__ import annotations

from collections.abc import Callable

from drivestack.core.errors import UnsupportedError, unknown
from drivestack.core.protocols import World
from drivestack.core.start import Start
from drivestack.core.tables import Plant


def _engine() -> World:
    from .engine import Engine

    return Engine()


def _highway_env() -> World:
    from .highway_env import HighwayEnvWorld

    return HighwayEnvWorld()


WORLDS: dict[str, Callable[[], World]] = {"engine": _engine, "highway_env": _highway_env}
"""Backends by name; each entry builds an empty world."""


def check_start(name: str, start: Start) -> None:
    """Raise UnsupportedError if a backend cannot run a scenario; nothing heavy is loaded for it."""
    if name == "highway_env":
        if start.reference is None:
            raise UnsupportedError(
                f"{start.source}: '{start.scenario}' is not a highway-env scene; "
                "run it with --backend engine"
            )
        if Plant(int(start.slot["plant"][0])) == Plant.LAGGED:
            raise UnsupportedError(
                f"{start.source}: '{start.scenario}': highway-env has no lagged plant; "
                "run it with --backend engine"
            )


def build_world(name: str) -> World:
    """An empty world of a backend; raises InputError for an unknown name."""
    if name not in WORLDS:
        raise unknown("backend", name, WORLDS)
    return WORLDS[name]()
