"""A whole CommonRoad file as one record with its map, read once per process."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from drivestack.roads.lanes import local_coordinates

from ..files import Stamp, stamp_of
from .contents import read_contents
from .lights import Signal
from .network import Network, build_network
from .obstacles import Track
from .planning import Problem
from .stop_lines import StopLine
from .values import Clock


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What a file holds.

    Attributes:
        name: its benchmark id. version: its format. clock: how it tells time. network: its map.
        lights: that govern a lanelet, each with its stop lines: lane index and s [m].
        tracks: its obstacles. problems: its planning problems. left_out: what it says besides.
        changed: what was done to the tracks since, or empty.
    """

    name: str
    version: str
    clock: Clock
    network: Network
    lights: tuple[tuple[Signal, tuple[tuple[int, float], ...]], ...]
    tracks: tuple[Track, ...]
    problems: tuple[Problem, ...]
    left_out: tuple[str, ...]
    changed: str = ""

    @property
    def source(self) -> str:
        """What a result of it was made from, and what of it was left out."""
        left_out = f"left out: {', '.join(self.left_out)}" if self.left_out else ""
        parts = (f"CommonRoad {self.version} {self.name}", self.changed, left_out)
        return "; ".join(part for part in parts if part)


def read_recording(path: Path) -> Recording:
    """The recording in a file.

    Raises:
        InputError, UnsupportedError: one sentence with file, line and element.
    """
    return _read(path, stamp_of(path))


@functools.lru_cache(maxsize=128)
def _read(path: Path, stamp: Stamp) -> Recording:
    """`stamp` is what changes when the file does."""
    told = read_contents(path)
    network = build_network(told.name, told.lanelets)
    return Recording(
        name=told.name,
        version=told.version,
        clock=told.clock,
        network=network,
        lights=tuple(
            (light, tuple(_place(line, network) for line in lines)) for light, lines in told.lights
        ),
        tracks=told.tracks,
        problems=told.problems,
        left_out=told.left_out,
    )


def _place(line: StopLine, network: Network) -> tuple[int, float]:
    """Lane and s [m] of a stop line."""
    lane = network.lane_of[line.lanelet]
    row = network.map.lanes[lane]
    length = float(row["length"])
    if line.middle is None:
        return lane, length
    s, _ = local_coordinates(row, network.map.points, *line.middle)
    return lane, min(max(float(s), 0.0), length)
