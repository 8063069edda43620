"""Where a line shares the road with lanes that come from elsewhere: crossings and merges; compiled.

This is what a map knows of conflicts, whoever is there: lanes that start at the same node as the
line's own diverge from it, all others that cover it cross it or merge into it.
"""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.lines import sample
from drivestack.roads.grid import cell_of
from drivestack.roads.lane_tables import Lanes
from drivestack.roads.lanes import local_coordinates, on_lane, width_at


@hot_kernel
def _own_lane(map: Lanes, sequence: NDArray, valid: NDArray, x: float, y: float) -> int:
    """The lane of a route (L',) that is nearest to a point and has it in it; -1: none."""
    best, chosen = math.inf, -1
    for i in range(sequence.shape[0]):
        if not valid[i]:
            break
        row = map.lanes[sequence[i]]
        s, lateral = local_coordinates(row, map.points, x, y)
        if on_lane(row, map.points, s, lateral, 0.0, 0.0) and abs(lateral) < best:
            best, chosen = abs(lateral), int(sequence[i])
    return chosen


@hot_kernel
def _is_shared(map: Lanes, own: int, x: float, y: float, aside: float) -> bool:
    """Whether a lane from elsewhere covers a point, widened by `aside` [m]."""
    road = map.roads[map.lanes[own].road]
    cell = cell_of(map.grid[0], x, y)
    first = int(map.cell_at[cell]) if cell >= 0 else 0
    last = int(map.cell_at[cell + 1]) if cell >= 0 else map.lanes.shape[0]
    for place in range(first, last):
        lane = int(map.cell_lanes[place]) if cell >= 0 else place
        row = map.lanes[lane]
        other = map.roads[row.road]
        if other.start == road.start or other.start == road.end or other.end == road.start:
            continue
        s, lateral = local_coordinates(row, map.points, x, y)
        inside = 0.0 <= s and s <= row.length
        if inside and abs(lateral) < 0.5 * width_at(row, map.points, s) + aside:
            return True
    return False


@kernel
def shared_stretch(
    map: Lanes,
    sequence: NDArray,
    valid: NDArray,
    line: NDArray,
    n: int,
    spacing: float,
    first: float,
    step: float,
    aside: float,
    out: NDArray,
) -> None:
    """Write for places (J,) every `step` metres from s = `first` on whether lanes from elsewhere
    cover the line, widened by `aside` [m]."""
    for j in range(out.shape[0]):
        s = first + j * step
        x, y, _ = sample(line, n, spacing, s)
        own = -1
        if s <= (n - 1) * spacing:
            own = _own_lane(map, sequence, valid, x, y)
        out[j] = own >= 0 and _is_shared(map, own, x, y, aside)


@hot_kernel
def stop_line(shared: NDArray, first: float, step: float, front: float, conflict: float) -> float:
    """Where to wait for a conflict at s [m]: the last place ahead at which a shared stretch begins.

    Args:
        shared: (J,) from `shared_stretch`. front: of the ego, s [m].

    Returns:
        The conflict's own s [m] where the ego's front is past every such place.
    """
    found = conflict
    for j in range(1, shared.shape[0]):
        before = first + (j - 1) * step
        if before + step > conflict:
            break
        if shared[j] and not shared[j - 1] and before >= front:
            found = before
    return found


@hot_kernel
def blocks(
    map: Lanes, sequence: NDArray, valid: NDArray, pose: NDArray, length: float, aside: float
) -> bool:
    """Whether front, middle or rear of a body at a pose (3,) are where others' lanes cross."""
    c, s = math.cos(pose[2]), math.sin(pose[2])
    for place in range(-1, 2):
        x, y = pose[0] + 0.5 * place * length * c, pose[1] + 0.5 * place * length * s
        own = _own_lane(map, sequence, valid, x, y)
        if own >= 0 and _is_shared(map, own, x, y, aside):
            return True
    return False
