"""The maps of a world, interned and laid one after the other for the kernels."""

from __future__ import annotations

import numpy as np

from drivestack.core.map import Map
from drivestack.roads.mirror import to_iso

from .views import PLACE, Pool

_COUNTED = ("lanes_at", "roads_at", "links_at", "points_at", "numbers_at")


class MapPool:
    """Maps by identity; a slot holds a number.

    Attributes:
        maps: as given. iso: the same, mirrored where y was to the right. tables: for the kernels.
    """

    def __init__(self) -> None:
        self.maps: list[Map] = []
        self.iso: tuple[Map, ...] = ()
        self.tables: Pool

    def add(self, maps: list[Map]) -> list[int]:
        """The numbers of maps, new ones appended."""
        known = {id(map): number for number, map in enumerate(self.maps)}
        for map in maps:
            if id(map) not in known:
                known[id(map)] = len(self.maps)
                self.maps.append(map)
                self.iso = (*self.iso, to_iso(map))
        if len(self.iso) != 0 and (not hasattr(self, "tables") or self._stale()):
            self.tables = self._joined()
        return [known[id(map)] for map in maps]

    def _stale(self) -> bool:
        return len(self.tables.places) != len(self.maps) + 1

    @property
    def most_lanes(self) -> int:
        """Lanes of the largest map."""
        return max(len(map.lanes) for map in self.maps)

    def _joined(self) -> Pool:
        sizes = [
            (
                len(map.lanes), len(map.roads), len(map.links), len(map.points),
                len(map.successors) + len(map.cell_at) + len(map.cell_lanes),
            )
            for map in self.maps
        ]  # fmt: skip
        places = np.zeros(len(self.maps) + 1, PLACE)
        for field, column in zip(_COUNTED, np.cumsum(sizes, axis=0).T, strict=True):
            places[field][1:] = column
        for place, map in zip(places, self.maps, strict=False):
            place["cells_at"] = len(map.successors)
            place["cell_lanes_at"] = len(map.successors) + len(map.cell_at)
            place["y_right"], place["grid"] = map.y_right, map.grid[0]
        pool = Pool(
            places,
            np.concatenate([map.lanes for map in self.maps]),
            np.concatenate([map.roads for map in self.maps]),
            np.concatenate([map.links for map in self.maps]),
            np.concatenate([map.points for map in self.maps]),
            np.concatenate(
                [part for m in self.maps for part in (m.successors, m.cell_at, m.cell_lanes)]
            ),
        )
        for table in pool:  # as those of maps are: what both ask of a lane is compiled once
            table.setflags(write=False)
        return pool
