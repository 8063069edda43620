"""The tables of a map that kernels of the layers above read, handed around as one."""

from __future__ import annotations

from operator import attrgetter
from typing import NamedTuple

from numpy.typing import NDArray

from drivestack.core.map import Map
from drivestack.core.tables import Table


class Lanes(NamedTuple):
    """The tables of a `core.map.Map` that say where lanes lie and what follows them."""

    lanes: Table
    roads: Table
    successors: NDArray
    points: Table
    grid: Table
    cell_at: NDArray
    cell_lanes: NDArray


def lanes_of(map: Map) -> Lanes:
    """The tables of a map, for kernels."""
    return Lanes(*_tables_of(map))


_tables_of = attrgetter(*Lanes._fields)
