"""A whole CommonRoad file as one record, read once per process."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from pathlib import Path

from ..xml_reader import read_document
from ..xml_values import check_children
from .lanelets import read_lanelets
from .network import Network, build_network
from .obstacles import Track, read_tracks
from .planning import Problem, read_problems
from .values import Clock, clock_of

_READ = (
    "lanelet", "obstacle", "dynamicObstacle", "staticObstacle", "planningProblem", "trafficSign",
)  # fmt: skip

IGNORED = ("location", "scenarioTags", "trafficLight", "intersection", "environmentObstacle")
"""Where and why it was recorded, right of way that the traffic has kept, things off the road."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What a file holds.

    Attributes:
        name: its benchmark id. version: its format. clock: how it tells time. network: its map.
        tracks: its obstacles. problems: its planning problems.
    """

    name: str
    version: str
    clock: Clock
    network: Network
    tracks: tuple[Track, ...]
    problems: tuple[Problem, ...]


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
    check_children(root, _READ, IGNORED)
    name = root.attributes.get("benchmarkID") or path.name
    lanelets = read_lanelets(root)
    network = build_network(name, lanelets)
    tracks = read_tracks(root, clock)
    problems = read_problems(root, clock, lanelets)
    return Recording(name, root.attributes["commonRoadVersion"], clock, network, tracks, problems)
