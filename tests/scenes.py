"""Small scenes for tests of the stack: maps, observations, starts written as YAML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from drivestack.core.map import Map
from drivestack.core.start import Start
from drivestack.core.types import (
    Closures,
    Echoes,
    EgoState,
    Floats,
    Goal,
    Observation,
    Sight,
    StopLines,
    Tracks,
)
from drivestack.roads.build import LaneSpec, build_map, circular, straight
from drivestack.scenario import load

EMPTY = np.zeros((0, 4))


def road_map(name: str, roads: dict[tuple[str, str], list[LaneSpec]]) -> Map:
    """A map (ISO 8855) of roads and their lanes."""
    lanes = [(start, end, lane) for (start, end), own in roads.items() for lane in own]
    return build_map(name, lanes)


@cache
def two_lanes(length: float = 600.0) -> Map:
    """Two parallel lanes along x: lane 0 at y = 4, lane 1 at y = 0."""
    lanes = [straight((0, 4), (length, 4)), straight((0, 0), (length, 0))]
    return road_map("two-lanes", {("a", "b"): lanes})


@cache
def bend() -> Map:
    """80 m straight, a left quarter circle of 40 m radius, 200 m straight."""
    roads = {
        ("a", "b"): [straight((0, 0), (80, 0))],
        ("b", "c"): [circular((80, 40), 40.0, -np.pi / 2, 0.0)],
        ("c", "d"): [straight((120, 40), (120, 240))],
    }
    return road_map("bend", roads)


def observation(
    maps: Sequence[Map],
    egos: Sequence[Sequence[float]],
    tracks: Sequence[Floats] = (),
    tick: int = 0,
    steer: float = 0.0,
    closures: Closures | None = None,
) -> Observation:
    """Egos ``x, y, yaw, v`` on their maps; tracks (n, 4) of each scenario, all cars of 5 x 2 m."""
    batch = len(egos)
    given = [np.asarray(track, np.float64).reshape(-1, 4) for track in tracks]
    given += [EMPTY] * (batch - len(given))
    most = max([1, *(len(track) for track in given)])
    state, valid = np.zeros((batch, most, 1, 4)), np.zeros((batch, most, 1), np.bool_)
    for b, track in enumerate(given):
        state[b, : len(track), 0], valid[b, : len(track), 0] = track, True
    size = np.broadcast_to([5.0, 2.0], (batch, most, 2)).copy()
    none = np.zeros((batch, most), np.int32)
    numbers = np.broadcast_to(np.arange(most, dtype=np.int32), (batch, most)).copy()
    ego = EgoState(
        np.array(egos, np.float64),
        np.zeros(batch),
        np.full(batch, steer),
        np.broadcast_to([5.0, 2.0], (batch, 2)).copy(),
    )
    return Observation(
        tick=np.full(batch, tick, np.int32),
        dt=np.full(batch, 0.05),
        maps=tuple(maps),
        map_index=np.arange(batch, dtype=np.int32) % len(maps),
        ego=ego,
        tracks=Tracks(state, size, none, numbers, none.copy(), valid),
        age=np.zeros(batch, np.int32),
        closures=closures or Closures.none(batch),
        stop_lines=StopLines.none(batch),
        echoes=Echoes.none(batch),
        sight=Sight.perfect(batch),
    )


def no_goal(batch: int) -> Goal:
    return Goal(
        np.full(batch, -1, np.int32),
        np.zeros((batch, 2)),
        np.zeros(batch),
        np.zeros(batch, np.bool_),
        np.zeros((batch, 0, 4)),
        np.zeros((batch, 0), np.bool_),
    )


def goal_on(lanes: Sequence[int]) -> Goal:
    """Goals at the ends of lanes that lead along x."""
    batch = len(lanes)
    return replace(
        no_goal(batch),
        lane=np.array(lanes, np.int32),
        position=np.broadcast_to([1e4, 0.0], (batch, 2)).copy(),
        radius=np.ones(batch),
        valid=np.ones(batch, np.bool_),
    )


def logged(egos: Sequence[Sequence[float]], ticks: int = 200, dt: float = 0.05) -> Goal:
    """No goal, and a log of each ego that goes straight on at its speed."""
    x, y, yaw, v = np.array(egos, np.float64).T[:, :, None]
    gone = np.maximum(v, 0.0) * dt * np.arange(ticks)
    log = np.stack([x + gone * np.cos(yaw), y + gone * np.sin(yaw), yaw + 0 * gone, v + 0 * gone])
    return replace(
        no_goal(len(egos)),
        log=np.ascontiguousarray(np.moveaxis(log, 0, -1)),
        log_valid=np.ones(gone.shape, np.bool_),
    )


ROAD = """
id: road
version: 1
map:
  kind: lanes
  lanes:
    - {{kind: straight, from: a, to: b, start: [0, 4], end: [600, 4], speed_limit: 30}}
    - {{kind: straight, from: a, to: b, start: [0, 0], end: [600, 0], speed_limit: 30}}
ego: {{kind: {kind}, lane: [a, b, 1], s: 20, speed: {speed}}}
{goal}
actors:
  - {{kind: idm, name: lead, lane: [a, b, 1], s: {gap}, speed: 8, lane_changes: false}}
  - {{kind: idm, name: beside, lane: [a, b, 0], s: 30, speed: 14}}
time_limit: {limit}
rates: {{physics: 20, control: 20, plan: 10}}
seeds: {seeds}
"""


def write_road(
    folder: Path,
    kind: str = "stack",
    speed: float = 15.0,
    gap: float = 80.0,
    limit: float = 2.0,
    seeds: str = "0",
    goal: str = "",
    name: str = "road.yaml",
) -> Path:
    """A scenario file of a two-lane road with two cars."""
    path = folder / name
    path.write_text(
        ROAD.format(kind=kind, speed=speed, gap=gap, limit=limit, seeds=seeds, goal=goal)
    )
    return path


def starts_of(*paths: Path) -> list[Start]:
    return [start for path in paths for start in load(path)]
