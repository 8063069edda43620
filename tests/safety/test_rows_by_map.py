"""Scenarios sorted by the map that they are on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivestack.safety.rows_by_map import rows_by_map
from tests.scenes import bend, observation, two_lanes

MAPS = [two_lanes(), bend(), two_lanes(100.0)]


@pytest.mark.parametrize(
    ("index", "wanted"),
    [
        ([1], {1: [0]}),
        ([2, 2, 2], {2: [0, 1, 2]}),
        ([0, 1, 0, 2], {0: [0, 2], 1: [1], 2: [3]}),
        ([1, 0], {0: [1], 1: [0]}),
    ],
)
def test_every_row_is_with_its_map(index: list[int], wanted: dict[int, list[int]]) -> None:
    seen = observation(MAPS, [(10, 0, 0, 0)] * len(index))
    found = rows_by_map(replace(seen, map_index=np.array(index, np.int32)))
    assert [map for map, _ in found] == [MAPS[number] for number in sorted(wanted)]
    assert [rows.tolist() for _, rows in found] == [wanted[number] for number in sorted(wanted)]
