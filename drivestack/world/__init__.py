"""Worlds that scenarios run in: the compiled engine and the highway-env reference."""

from __future__ import annotations

from collections.abc import Callable

from drivestack.core.errors import unknown
from drivestack.core.protocols import World
from drivestack.core.start import Start

from .supported import reference_of


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
        reference_of(start)


def build_world(name: str) -> World:
    """An empty world of a backend; raises InputError for an unknown name."""
    if name not in WORLDS:
        raise unknown("backend", name, WORLDS)
    return WORLDS[name]()
