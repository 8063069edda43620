"""What a CommonRoad file says, before a map is made of it: nothing heavy is loaded for this."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from ..files import Stamp, stamp_of
from ..xml_reader import read_document
from ..xml_values import check_children
from .crossroads import with_right_of_way
from .lanelets import Lanelet, read_lanelets
from .left_out import left_out
from .lights import Signal, read_lights
from .obstacles import Track, read_tracks
from .planning import Problem, read_problems
from .signs import read_signs
from .stop_lines import StopLine, governed
from .values import Clock, clock_of

_READ = (
    "lanelet", "obstacle", "dynamicObstacle", "staticObstacle", "planningProblem", "trafficSign",
    "trafficLight", "intersection", "environmentObstacle",
)  # fmt: skip

IGNORED = ("location", "scenarioTags")
"""Where and why it was recorded."""


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    """What a file says.

    Attributes:
        name: its benchmark id. version: its format. clock: how it tells time. lanelets: by id.
        lights: that govern a lanelet, each with its stop lines. tracks: its obstacles. problems:
        its planning problems. left_out: what it says besides.
    """

    name: str
    version: str
    clock: Clock
    lanelets: dict[int, Lanelet]
    lights: tuple[tuple[Signal, tuple[StopLine, ...]], ...]
    tracks: tuple[Track, ...]
    problems: tuple[Problem, ...]
    left_out: tuple[str, ...]


def read_contents(path: Path) -> Contents:
    """What the file says.

    Raises:
        InputError, UnsupportedError: one sentence with file, line and element.
    """
    return _read(path, stamp_of(path))


@functools.lru_cache(maxsize=128)
def _read(path: Path, stamp: Stamp) -> Contents:
    root = read_document(path)
    clock = clock_of(root)
    for element in root.all("phantomObstacle"):
        raise element.unsupported("what might be hidden is a set, not a body that can be replayed")
    check_children(root, _READ, IGNORED)
    signs, lights = read_signs(root), read_lights(root, clock)
    lanelets = with_right_of_way(root, read_lanelets(root, signs, lights))
    heeded = governed(root, lanelets, lights)
    return Contents(
        name=root.attributes.get("benchmarkID") or path.name,
        version=root.attributes["commonRoadVersion"],
        clock=clock,
        lanelets=lanelets,
        lights=tuple((lights[n], lines) for n, lines in heeded.lines.items()),
        tracks=read_tracks(root, clock),
        problems=read_problems(root, clock, lanelets),
        left_out=(*left_out(root, signs), *heeded.left_out),
    )
