"""Run the reference backend and write what it did, one file an episode.

Called in a subprocess, in portable arithmetic or as installed (`tests/portable.py`):

    run = run_reference("tests.parity.record", "record",
                        episodes=[asdict(e) for e in episodes], folder=str(folder))
    for episode in episodes:
        recorded = read(folder / f"{episode.name}.npz")
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.core.rng import stream
from drivestack.core.start import EgoKind, Physics, Start
from drivestack.core.tables import Meta
from drivestack.scenario.cache import packed
from drivestack.scenario.sources.highway_env import load
from drivestack.world.highway_env import HighwayEnvWorld

from .episodes import SEEN, STEER, Episode, seen


def record(episodes: list[dict[str, Any]], folder: str) -> dict[str, NDArray]:
    """Write one file for each episode into `folder`; returns the file names."""
    names = []
    for given in episodes:
        kinds = {"ego": EgoKind(given["ego"]), "physics": Physics(given["physics"])}
        episode = Episode(**{**given, **kinds})
        path = Path(folder) / f"{episode.name}.npz"
        np.savez(path, **run(episode))
        names.append(path.name)
    return {"files": np.array(names, np.str_)}


def run(episode: Episode) -> dict[str, NDArray]:
    """One episode as plain arrays (see `episodes.Recorded`)."""
    start = load(
        episode.env_id,
        episode.seed,
        episode.config,
        episode.ego,
        physics=episode.physics,
        rates=episode.rates,
    )
    ticks = start.ticks if episode.ticks is None else episode.ticks
    controls, meta = given_actions(start, ticks)
    world = HighwayEnvWorld()
    world.reset([start])
    noise = stream("parity", episode.env_id, episode.seed, "noise", episode.draw)
    tables, generators, steps = [], [], []
    for tick in range(ticks + 1):
        tables.append(seen(world.raw()[0]))
        generators.append(world.generators()[0])
        steps.append(world.clocks()["regulation_steps"][0])
        if tick < ticks:
            world.step(controls[tick : tick + 1], meta[tick : tick + 1])
            if episode.noise:
                _disturb(world, noise, episode.noise)
    return packed(start) | {
        "n": np.array([len(table) for table in tables], np.int32),
        "bodies": _padded(tables),
        "controls": controls,
        "meta": meta,
        "generators": np.array(generators, np.str_),
        "regulation_steps": np.array(steps, np.int32),
    }


def given_actions(start: Start, ticks: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Fixed actions of one episode: controls held for 1 s, one meta-action a policy step.

    Returns:
        (T, 2) ISO controls, (T,) `Meta`, NONE between policy steps.
    """
    draw = stream("parity", start.scenario, start.seed, "actions")
    held = start.rates.physics
    pieces = ticks // held + 1
    steer = STEER.get(start.scenario.split("-")[0], 0.1)
    values = np.stack([draw.uniform(-3.0, 3.0, pieces), draw.uniform(-steer, steer, pieces)], -1)
    controls = np.repeat(values, held, axis=0)[:ticks]
    meta = np.full(ticks, Meta.NONE, np.int32)
    meta[:: start.policy_ticks] = draw.integers(0, 5, len(meta[:: start.policy_ticks]))
    return np.ascontiguousarray(controls), meta


def _padded(tables: list[NDArray]) -> NDArray:
    whole = np.zeros((len(tables), max(map(len, tables))), SEEN)
    for row, table in zip(whole, tables, strict=True):
        row[: len(table)] = table
    return whole


def _disturb(world: HighwayEnvWorld, draw: np.random.Generator, size: float) -> None:
    """Relative noise on every vehicle's position, heading and speed (parity note, section 1)."""
    for vehicle in world._slots[0].env.road.vehicles:
        vehicle.position = vehicle.position * (1.0 + size * draw.standard_normal(2))
        vehicle.heading = vehicle.heading * (1.0 + size * draw.standard_normal())
        vehicle.speed = vehicle.speed * (1.0 + size * draw.standard_normal())
