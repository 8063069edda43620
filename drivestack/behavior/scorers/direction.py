"""Driving direction: metres driven off the route's lanes, or against them, within a second."""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, inlined_kernel, kernel
from drivestack.core.lines import project, sample
from drivestack.roads.grid import cell_of
from drivestack.roads.lane_tables import Lanes
from drivestack.roads.lanes import heading_at, local_coordinates, on_lane

_SURELY = 1.5
"""Two headings that differ by less [rad] do not point against each other, cosine or not."""


@inlined_kernel
def _agree(one: float, other: float) -> bool:
    """Whether two headings [rad] do not point against each other."""
    return abs(one - other) < _SURELY or math.cos(one - other) >= 0.0


@inlined_kernel
def _along(
    map: Lanes, allowed: NDArray, lane: int, path: NDArray, t: int, slack: float, seam: float
) -> bool:
    """Whether row t of a path is in an allowed lane and not headed against it."""
    if not allowed[lane]:
        return False
    row = map.lanes[lane]
    s, lateral = local_coordinates(row, map.points, path[t, 0], path[t, 1])
    if not on_lane(row, map.points, s, lateral, slack, seam):
        return False
    return _agree(path[t, 2], heading_at(row, map.points, s))


@hot_kernel
def _lane_along(
    map: Lanes, allowed: NDArray, path: NDArray, t: int, slack: float, seam: float
) -> int:
    """The first lane that row t of a path is driven along; -1: none."""
    cell = cell_of(map.grid[0], path[t, 0], path[t, 1])
    first = int(map.cell_at[cell]) if cell >= 0 else 0
    last = int(map.cell_at[cell + 1]) if cell >= 0 else map.lanes.shape[0]
    for place in range(first, last):
        lane = int(map.cell_lanes[place]) if cell >= 0 else place
        if _along(map, allowed, lane, path, t, slack, seam):
            return lane
    return -1


@hot_kernel
def _along_line(
    line: NDArray, n: int, spacing: float, beside: float, path: NDArray, t: int
) -> bool:
    """Whether row t of a path is near a line and not headed against it."""
    if n < 2:
        return False
    s, lateral = project(line, 0, n - 1, spacing, path[t, 0], path[t, 1])
    _, _, yaw = sample(line, n, spacing, s)
    return abs(lateral) <= beside and _agree(path[t, 2], yaw)


@hot_kernel
def most_off_route(
    map: Lanes,
    allowed: NDArray,
    line: NDArray,
    n: int,
    spacing: float,
    path: NDArray,
    window: int,
    beside: float,
    slack: float,
    seam: float,
    off: NDArray,
) -> float:
    """Largest distance [m] driven with the centre along no allowed lane in any window.

    PDM-Closed asks for a lane of the route only; a route that turns back at the end of a two-way
    road holds both directions, so the heading is asked for too. The route's line counts as well,
    for it bridges gaps between lanes.

    Args:
        allowed: (L,) lanes. line: (P, 3), n rows hold. spacing: [m]. path: (T + 1, `PATH`).
        window: steps. beside: half the width of the line [m]. off: (T + 1,) scratch.
    """
    hint, latest = -1, -window
    most = 0.0
    off[0] = 0.0
    for t in range(1, path.shape[0]):
        if hint < 0 or not _along(map, allowed, hint, path, t, slack, seam):
            hint = _lane_along(map, allowed, path, t, slack, seam)
        off[t] = 0.0
        if hint < 0 and not _along_line(line, n, spacing, beside, path, t):
            dx, dy = path[t, 0] - path[t - 1, 0], path[t, 1] - path[t - 1, 1]
            off[t], latest = math.sqrt(dx * dx + dy * dy), t
        if t - latest >= window:
            continue  # nothing in the window
        total = 0.0
        for i in range(max(t - window + 1, 0), t + 1):
            total += off[i]
        most = max(most, total)
    return most


@kernel
def direction_score(distance: float, some: float, much: float) -> float:
    """1 below `some` metres, 0.5 below `much`, else 0; nuPlan's and PDM-Closed's steps."""
    if distance < some:
        return 1.0
    return 0.5 if distance < much else 0.0
