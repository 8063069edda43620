"""The road map: immutable tables of lanes, roads and links, and the grid of lane searches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .arrays import check_fields
from .tables import GRID, LANE, LINK, POINT, ROAD

LaneName = tuple[str, str, int]
"""A lane as highway-env names it: from-node, to-node, number within the road."""

MAP_TABLES: dict[str, tuple[str, DTypeLike]] = {
    "lanes": ("L", LANE),
    "roads": ("R", ROAD),
    "successors": ("S", np.int32),
    "links": ("K", LINK),
    "points": ("P", POINT),
    "grid": ("1", GRID),
    "cell_at": ("C", np.int32),
    "cell_lanes": ("E", np.int32),
}
"""Axes and dtypes of a map's arrays."""


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """A lane graph. Build one with `roads.build.build_map`.

    Attributes:
        name: for messages. y_right: True if y points to the right of travel (highway-env); such a
            map is mirrored once when it leaves the engine (`roads.mirror.to_iso`).
        connected: neighbours are also looked for on successor and predecessor roads.
        lanes: (L,) `LANE`. roads: (R,) `ROAD`. successors: (S,) roads, rows of `ROAD.next_at`.
        links: (K,) `LINK`. points: (P,) `POINT`. nodes: names of the node numbers.
        grid: (1,) `GRID`. cell_at: (cells + 1,) first entry of each cell in `cell_lanes`.
    """

    name: str
    y_right: bool
    connected: bool
    lanes: NDArray
    roads: NDArray
    successors: NDArray[np.int32]
    links: NDArray
    points: NDArray
    nodes: tuple[str, ...]
    grid: NDArray
    cell_at: NDArray[np.int32]
    cell_lanes: NDArray[np.int32]

    def __post_init__(self) -> None:
        check_fields(self, MAP_TABLES)

    def lane_name(self, lane: int) -> LaneName:
        """The (from, to, number) name of a lane index."""
        row = self.lanes[lane]
        road = self.roads[row["road"]]
        return self.nodes[road["start"]], self.nodes[road["end"]], int(row["id"])

    def lane_index(self, name: LaneName) -> int:
        """The index of a lane name; raises KeyError if there is none."""
        for index in range(len(self.lanes)):
            if self.lane_name(index) == name:
                return index
        raise KeyError(f"map '{self.name}' has no lane {name}")
