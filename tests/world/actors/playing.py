"""Scripted actors played in the engine, and how they moved."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from drivestack.core.start import Start
from drivestack.core.types import Floats, Scene
from drivestack.scenario import load
from drivestack.world import build_world

HZ = 20
ROAD = [
    {"kind": "straight", "from": "a", "to": "b", "start": [0, 5.25], "end": [2000, 5.25],
     "width": 3.5},
    {"kind": "straight", "from": "a", "to": "b", "start": [0, 1.75], "end": [2000, 1.75],
     "width": 3.5},
]  # fmt: skip
LEFT, RIGHT = ["a", "b", 0], ["a", "b", 1]


def started(
    folder: Path,
    *actors: dict,
    ego: dict | None = None,
    lanes: list | None = None,
    seconds: float = 20.0,
    **keys: object,
) -> Start:
    """The start of a scenario with these actors, the ego far behind them unless given."""
    scenario = {
        "id": "played",
        "map": {"kind": "lanes", "lanes": lanes or ROAD},
        "ego": {"lane": RIGHT, "s": 5.0, "speed": 0.0} if ego is None else ego,
        "actors": list(actors),
        "time_limit": seconds,
        **keys,
    }
    path = folder / "played.yaml"
    path.write_text(json.dumps(scenario))
    (start,) = load(path)
    return start


def scripted(name: str, *events: dict, **keys: object) -> dict:
    """A scripted actor on the left lane."""
    return {"kind": "scripted", "name": name, "lane": LEFT, "s": 100.0, "events": list(events),
            **keys}  # fmt: skip


def played(start: Start, seconds: float, accel: float = 0.0) -> list[Scene]:
    """The scenes of ticks 0, 1, ... while the ego keeps one acceleration."""
    world = build_world("engine")
    world.reset([start])
    scenes = [world.observe()]
    for _ in range(round(seconds * HZ)):
        world.step(np.array([[accel, 0.0]]))
        scenes.append(world.observe())
    return scenes


def tracks(scenes: list[Scene], agent: int = 0) -> Floats:
    """(T, 4) states x, y, yaw, v of one agent, by its place."""
    return np.array([scene.agents.state[0, agent, 0] for scene in scenes])


def fired(scenes: list[Scene], cue: int = 0) -> int | None:
    """The tick at which a cue began."""
    last = scenes[-1]
    return int(last.cue_began[0, cue]) if last.cue_fired[0, cue] else None
