"""Which episodes the parity tests record, and what a recorded episode looks like."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.core.start import EgoKind, Physics, Rates, Start
from drivestack.core.tables import BODY
from drivestack.scenario.cache import unpacked
from drivestack.scenario.sources.highway_env_scenes import COVERED, SCENES

KINDS = (EgoKind.PLAIN, EgoKind.META, EgoKind.IDM)
"""The kinds of ego that parity is promised for."""

STEER = {"highway": 0.01, "exit": 0.01, "merge": 0.01, "two": 0.01, "u": 0.03}
"""Largest fixed steering angle [rad] by the first word of a scene's id; others 0.1."""

_COMPARED = (
    "driver", "id", "crashed", "has_impact", "yielding", "lane", "target_lane", "x", "y",
    "heading", "speed", "accel", "steer", "impact_x", "impact_y", "target_speed", "timer",
    "delta", "lateral_speed", "yaw_rate",
)  # fmt: skip
"""Fields of `BODY` that an engine must reproduce at every tick."""

SEEN = np.dtype([*((name, BODY[name]) for name in _COMPARED), ("route_left", np.int32)])
"""What is recorded of every body; impacts mean something only where `has_impact`."""


@dataclass(frozen=True)
class Episode:
    """One run of the reference.

    Attributes:
        physics_hz: None: native. ticks: None: the scene's whole duration.
        noise: relative noise put on every position, heading and speed after every tick.
        draw: which stream the noise is drawn from.
    """

    env_id: str
    seed: int
    ego: EgoKind = EgoKind.IDM
    physics_hz: int | None = None
    ticks: int | None = None
    config: dict[str, Any] = field(default_factory=dict)
    physics: Physics = Physics.HIGHWAY_ENV
    noise: float = 0.0
    draw: int = 0

    @property
    def name(self) -> str:
        """File name without ending; a configuration is told by a checksum."""
        rate = f"-{self.physics_hz}hz" if self.physics_hz else ""
        text = json.dumps(self.config, sort_keys=True)
        config = f"-{zlib.crc32(text.encode()):08x}" if self.config else ""
        noise = f"-noise{self.draw}" if self.noise else ""
        return f"{self.env_id}-{self.seed}-{self.ego}{rate}-{self.physics}{config}{noise}"

    @property
    def rates(self) -> Rates | None:
        """The rates to load the scene with."""
        hz = self.physics_hz
        if hz is None:
            return None
        return Rates(hz, hz, max(part for part in range(1, 11) if hz % part == 0))


@dataclass(frozen=True, eq=False)
class Recorded:
    """What the reference did.

    Attributes:
        start: the first state. n: (T + 1,) bodies at each tick, the start first.
        bodies: (T + 1, M) `SEEN` in list order, obstacles last.
        controls: (T, 2) ISO controls given, meta: (T,) `Meta` given.
        generators: (T + 1,) the scene's generator as JSON, empty where nothing is drawn.
        regulation_steps: (T + 1,).
    """

    start: Start
    n: NDArray[np.int32]
    bodies: NDArray
    controls: NDArray[np.float64]
    meta: NDArray[np.int32]
    generators: NDArray[np.str_]
    regulation_steps: NDArray[np.int32]


def seen(bodies: NDArray) -> NDArray:
    """The compared fields of a `BODY` table, as `SEEN`."""
    table = np.zeros(len(bodies), SEEN)
    for name in _COMPARED:
        table[name] = bodies[name]
    table["route_left"] = bodies["route_n"] - bodies["route_head"]
    return table


def read(path: Path) -> Recorded:
    """A recorded episode from its file."""
    with np.load(path, allow_pickle=False) as arrays:
        names = ("n", "bodies", "controls", "meta", "generators", "regulation_steps")
        return Recorded(unpacked(arrays), **{name: arrays[name] for name in names})


def all_episodes(
    seeds: Iterable[int],
    scenes: Iterable[str] = SCENES,
    kinds: Iterable[EgoKind] = KINDS,
    **others: Any,
) -> list[Episode]:
    """Every scene with every kind of ego and every seed, for its whole duration."""
    chosen = tuple(kinds)
    numbers = tuple(seeds)
    return [
        Episode(scene, seed, kind, **others)
        for scene in scenes
        for kind in chosen
        for seed in numbers
    ]


def default_ticks(env_id: str, physics_hz: int | None = None) -> int:
    """Ticks of a scene's whole duration."""
    facts = COVERED[env_id]
    return round(facts.seconds * (physics_hz or facts.physics))
