"""The scenarios of a batch by the map that they are on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivestack.core.map import Map
from drivestack.core.types import Observation


def rows_by_map(observation: Observation) -> list[tuple[Map, NDArray[np.intp]]]:
    """Every map that is driven on, and which scenarios are on it; mostly there is one."""
    maps, index = observation.maps, observation.map_index
    first = int(index[0])
    if len(index) == 1 or (index == first).all():
        return [(maps[first], np.arange(len(index)))]
    return [(maps[number], np.flatnonzero(index == number)) for number in np.unique(index)]
