"""The map as it is drawn: middle and edges of every lane as lines, within a few centimetres."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.map import Map
from drivestack.core.tables import LaneKind, Table
from drivestack.core.thinning import thinned

from .lanes import local_coordinates, on_lane, position, width_at

STEP = 0.5
"""Between samples [m]: a chord of the tightest bend that a car can follow (5 m) is then off by
6 mm."""

TOLERANCE = 0.03
"""Points are left out where that moves no line by more [m]; with `STEP` below 5 cm."""

_BESIDE = 0.3
"""How far beyond an edge [m] a lane beside is looked for: recorded lanes leave small gaps."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Lines of a map, one row a point; ISO 8855 if the map is.

    Attributes:
        digest: of all that follows: equal maps have equal ones.
        lane: (P,) which lane. middle, left, right: (P, 2) [m].
        left_beside, right_beside: (P,) another lane of the same road lies beyond this edge.
    """

    digest: str
    lane: NDArray[np.int32]
    middle: NDArray[np.float32]
    left: NDArray[np.float32]
    right: NDArray[np.float32]
    left_beside: NDArray[np.bool_]
    right_beside: NDArray[np.bool_]


@kernel
def _lines(lanes: Table, points: Table, lane: int, s: NDArray, lines: NDArray) -> None:
    """Middle, left and right edge (P, 3, 2) of a lane at s (P,) [m]."""
    row = lanes[lane]
    for i in range(len(s)):
        half = 0.5 * width_at(row, points, s[i])
        for k in range(3):
            lateral = 0.0 if k == 0 else (half if k == 1 else -half)
            lines[i, k, 0], lines[i, k, 1] = position(row, points, s[i], lateral)


@kernel
def _is_beside(lanes: Table, points: Table, lane: int, x: float, y: float) -> bool:
    """Whether another lane of the same road covers a point."""
    for other in range(len(lanes)):
        row = lanes[other]
        if other != lane and row.road == lanes[lane].road:
            s, lateral = local_coordinates(row, points, x, y)
            if on_lane(row, points, s, lateral, 0.0, 0.0):
                return True
    return False


@lru_cache(maxsize=256)
def outline(map: Map) -> Outline:
    """The lines of a map; made once for each."""
    drawn = [_lane(map, lane) for lane in range(len(map.lanes))]
    lines = np.concatenate([lines for lines, _ in drawn]).astype(np.float32)
    sizes = [len(lines) for lines, _ in drawn]
    beside = np.repeat(np.array([beside for _, beside in drawn], np.bool_), sizes, axis=0)
    lane = np.repeat(np.arange(len(drawn), dtype=np.int32), sizes)
    found = hashlib.sha256(lane.tobytes() + lines.tobytes() + beside.tobytes())
    return Outline(
        found.hexdigest()[:16],
        lane,
        lines[:, 0],
        lines[:, 1],
        lines[:, 2],
        beside[:, 0],
        beside[:, 1],
    )


def _lane(map: Map, lane: int) -> tuple[NDArray, tuple[bool, bool]]:
    """Lines (P, 3, 2) of one lane, and whether lanes lie beside it."""
    row = map.lanes[lane]
    length = float(row["length"])
    straight = row["kind"] == LaneKind.STRAIGHT and row["widths_n"] == 0
    count = 2 if straight else max(int(np.ceil(length / STEP)), 2) + 1
    lines = np.zeros((count, 3, 2))
    _lines(map.lanes, map.points, lane, np.linspace(0.0, length, count), lines)
    middle, left, right = lines[count // 2] if count > 2 else lines.mean(axis=0)
    beside = []
    for edge in (left, right):
        out = edge - middle
        x, y = edge + out * (_BESIDE / max(float(np.hypot(*out)), _BESIDE))
        beside.append(bool(_is_beside(map.lanes, map.points, lane, x, y)))
    return lines[thinned(lines, TOLERANCE)], (beside[0], beside[1])
