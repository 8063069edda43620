"""Where the stop lines of traffic lights lie on a map."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.lights import Light
from drivestack.core.map import Map

from .lanes import heading_at, position, width_at


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """All stop lines of some lights.

    Attributes:
        light: (S,) which of them governs the line. lane: (S,).
        pose: (S, 3) where it crosses the middle of its lane, and the direction of travel there.
        width: (S,) of the lane [m].
    """

    light: NDArray[np.int32]
    lane: NDArray[np.int32]
    pose: NDArray[np.float64]
    width: NDArray[np.float64]

    def __post_init__(self) -> None:
        check_fields(self, _LINES)


_LINES = {
    "light": ("S", np.int32),
    "lane": ("S", np.int32),
    "pose": ("S 3", np.float64),
    "width": ("S", np.float64),
}


@lru_cache(maxsize=256)
def lines_of(map: Map, lights: tuple[Light, ...]) -> Lines:
    """The stop lines of lights on a map, in order; in the map's own frame."""
    places = [(number, *line) for number, light in enumerate(lights) for line in light.lines]
    pose, width = np.zeros((len(places), 3)), np.zeros(len(places))
    for row, (_, lane, s) in enumerate(places):
        own = map.lanes[lane]
        pose[row, :2] = position(own, map.points, s, 0.0)
        pose[row, 2] = heading_at(own, map.points, s)
        width[row] = width_at(own, map.points, s)
    numbers = np.array([place[:2] for place in places], np.int32).reshape(-1, 2).T.copy()
    return Lines(numbers[0], numbers[1], pose, width)


def fronts(pose: NDArray, length: NDArray) -> NDArray:
    """The middles (B, 2) of front bumpers [m].

    Args:
        pose: (B, 3 or more) of cars, by their centres. length: (B,) or one for all [m].
    """
    ahead = np.stack([np.cos(pose[:, 2]), np.sin(pose[:, 2])], axis=-1)
    return pose[:, :2] + 0.5 * np.expand_dims(length, -1) * ahead


def beyond(pose: NDArray, points: NDArray) -> tuple[NDArray, NDArray]:
    """How far points lie beyond lines (negative: before them), and beside their middles [m].

    Args:
        pose: (..., 3) of lines. points: (..., 2); both are broadcast against each other.
    """
    dx, dy = points[..., 0] - pose[..., 0], points[..., 1] - pose[..., 1]
    c, s = np.cos(pose[..., 2]), np.sin(pose[..., 2])
    return dx * c + dy * s, dy * c - dx * s


def colours(lights: tuple[Light, ...], lines: Lines, ticks: NDArray[np.integer]) -> NDArray:
    """What is shown at lines (S,) at ticks (T,): (T, S) `Colour`."""
    shown = [light.over(ticks) for light in lights]
    return np.stack([shown[number] for number in lines.light], axis=-1)
