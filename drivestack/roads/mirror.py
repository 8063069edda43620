"""The mirror image of a map: y negated, left and right exchanged, exactly.

Negation is exact, so a highway-env map (y to the right of travel) becomes an ISO map without
rounding. s stays, lateral coordinates and headings change sign.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from drivestack.core.map import Map

from .grid import lane_grid

_NEGATED = ("y", "dy", "heading", "amplitude", "start_phase", "turn")


def mirrored(map: Map) -> Map:
    """The map with y negated; `y_right` is inverted with it."""
    lanes = map.lanes.copy()
    for field in _NEGATED:
        lanes[field] = -lanes[field]
    points = map.points.copy()
    for field in ("y", "ty", "heading"):
        points[field] = -points[field]
    grid, cell_at, cell_lanes = lane_grid(lanes, points)
    return replace(
        map,
        y_right=not map.y_right,
        lanes=lanes,
        points=points,
        grid=grid,
        cell_at=cell_at,
        cell_lanes=cell_lanes,
    )


@lru_cache(maxsize=256)
def to_iso(map: Map) -> Map:
    """The map with y to the left; the map itself if it is that already. One twin for each map."""
    return mirrored(map) if map.y_right else map
