"""A whole CommonRoad file as one record, read once per process."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from pathlib import Path

from ..xml_reader import read_document
from ..xml_values import check_children
from .crossroads import with_right_of_way
from .lanelets import read_lanelets
from .left_out import left_out
from .lights import Signal, read_lights
from .network import Network, build_network
from .obstacles import Track, read_tracks
from .planning import Problem, read_problems
from .signs import read_signs
from .stop_lines import governed
from .values import Clock, clock_of

_READ = (
    "lanelet", "obstacle", "dynamicObstacle", "staticObstacle", "planningProblem", "trafficSign",
    "trafficLight", "intersection", "environmentObstacle",
)  # fmt: skip

IGNORED = ("location", "scenarioTags")
"""Where and why it was recorded."""


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
    status = os.stat(path) if path.exists() else None
    stamp = (status.st_mtime_ns, status.st_size) if status else (0, 0)
    return _read(path, stamp)


@functools.lru_cache(maxsize=128)
def _read(path: Path, stamp: tuple[int, int]) -> Recording:
    """`stamp` is what changes when the file does."""
    root = read_document(path)
    clock = clock_of(root)
    for element in root.all("phantomObstacle"):
        raise element.unsupported("what might be hidden is a set, not a body that can be replayed")
    check_children(root, _READ, IGNORED)
    name = root.attributes.get("benchmarkID") or path.name
    signs, lights = read_signs(root), read_lights(root, clock)
    lanelets = with_right_of_way(root, read_lanelets(root, signs, lights))
    network = build_network(name, lanelets)
    heeded = governed(root, network, lights)
    tracks = read_tracks(root, clock)
    problems = read_problems(root, clock, lanelets)
    return Recording(
        name=name,
        version=root.attributes["commonRoadVersion"],
        clock=clock,
        network=network,
        lights=tuple((lights[n], lines) for n, lines in heeded.lines.items()),
        tracks=tracks,
        problems=problems,
        left_out=(*left_out(root, signs), *heeded.left_out),
    )
