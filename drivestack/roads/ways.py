"""The ways that a road user may take: the lanes it may be on, prolonged along their successors.

A road user is on every lane that passes it in about its direction; one that moves sideways may be
on its way to the next lane. Kernels take a row of parameters with the fields of `OnLanes`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.tables import LaneKind, Row

from .grid import cell_of
from .lane_tables import Lanes
from .lanes import heading_at, local_coordinates, on_lane, width_at
from .links import Links

_STRAIGHT = int(LaneKind.STRAIGHT)

WAYS = 4
"""Most ways of one road user; our choice: two exits of a roundabout, and a neighbouring lane."""

STRETCHES = 8
"""Most lanes of a way; our choice: at 20 m/s a ring of 20 m radius takes 7 in 5 s."""


@dataclass(frozen=True, slots=True)
class OnLanes:
    """When a road user is on a lane.

    Attributes:
        settling: time [s] in which a distance from the middle of the lane decays to 1 / e;
        highway-env's drivers (1 / KP_LATERAL).
        aside, seam: who is this far beside or beyond a lane is on it [m]; our choice: half a car's
        width, and more than the gaps between the lanes of highway-env's roundabouts.
        alike: lanes that suit this little worse than the best are believed too [m]; our choice:
        two turns that leave one lane differ by so much after 3 m.
    """

    settling: float = 0.6
    aside: float = 0.5
    seam: float = 3.0
    alike: float = 0.7


@hot_kernel
def misfit(map: Lanes, lane: int, state: NDArray, seam: float, aside: float) -> float:
    """How little a lane suits a pose [m, rad counted as m]; infinite where it does not pass it."""
    row = map.lanes[lane]
    s, lateral = local_coordinates(row, map.points, state[0], state[1])
    if not on_lane(row, map.points, s, lateral, aside, seam):
        return math.inf
    turn = wrap_to_pi(state[2] - heading_at(row, map.points, s))
    if math.cos(turn) < 0.5:
        return math.inf
    return abs(lateral) + abs(turn) + max(s - row.length, 0.0) + max(-s, 0.0)


@hot_kernel
def lanes_under(
    map: Lanes, links: Links, state: NDArray, length: float, model: Row, found: NDArray
) -> int:
    """Fill (`WAYS`,) with the lanes that a road user may be on, the likeliest first."""
    cell = cell_of(map.grid[0], state[0], state[1])
    first = int(map.cell_at[cell]) if cell >= 0 else 0
    last = int(map.cell_at[cell + 1]) if cell >= 0 else map.lanes.shape[0]
    seam = 0.0
    best, chosen = math.inf, -1
    for _attempt in range(2):
        for place in range(first, last):
            lane = int(map.cell_lanes[place]) if cell >= 0 else place
            rank = misfit(map, lane, state, seam, model.aside)
            if rank < best:
                best, chosen = rank, lane
        if chosen >= 0:
            break
        seam = model.seam
    if chosen < 0:
        return 0
    found[0] = chosen
    n = 1
    for place in range(first, last):
        lane = int(map.cell_lanes[place]) if cell >= 0 else place
        if lane != chosen and n < WAYS - 1:
            if misfit(map, lane, state, seam, model.aside) <= best + model.alike:
                found[n] = lane
                n += 1
    other = heading_for(map, links, chosen, state, length, model)
    if other < 0:
        return n
    for k in range(n):
        if found[k] == other:
            return n
    found[n] = other
    return n + 1


@hot_kernel
def body_yaw(map: Lanes, lane: int, s: float, length: float) -> float:
    """Yaw [rad] of a body that follows a lane: in a bend its middle slips outwards of the axis.

    The kinematic bicycle about its middle with the axles at its ends: sin(slip) is half its length
    times the curvature.
    """
    row = map.lanes[lane]
    if row.kind == _STRAIGHT:
        return row.heading
    along = heading_at(row, map.points, s)
    curvature = 0.5 * wrap_to_pi(
        heading_at(row, map.points, s + 1.0) - heading_at(row, map.points, s - 1.0)
    )
    return along - math.asin(min(max(0.5 * length * curvature, -1.0), 1.0))


@hot_kernel
def heading_for(
    map: Lanes, links: Links, lane: int, state: NDArray, length: float, model: Row
) -> int:
    """The neighbouring lane that a road user steers to, by its lateral speed; -1: none."""
    row = map.lanes[lane]
    s, lateral = local_coordinates(row, map.points, state[0], state[1])
    turn = wrap_to_pi(state[2] - body_yaw(map, lane, s, length))
    aim = lateral + model.settling * state[3] * math.sin(turn)
    if abs(aim) <= 0.5 * width_at(row, map.points, s):
        return -1
    return links.left[lane] if aim > 0.0 else links.right[lane]


@hot_kernel
def branch(
    map: Lanes, links: Links, starts: NDArray, need: float, state: NDArray, ways: NDArray
) -> int:
    """Write the ways (`WAYS`, `STRETCHES`) that go on from some lanes for `need` metres.

    A way ends with -1. Where there are more than `WAYS`, later branches are left out.

    Returns:
        How many there are.
    """
    n, w = starts.shape[0], 0
    for row in range(ways.shape[0]):
        for q in range(STRETCHES):
            ways[row, q] = starts[row] if q == 0 and row < n else -1
    while w < n:
        s, _ = local_coordinates(map.lanes[ways[w, 0]], map.points, state[0], state[1])
        left = need + s
        for q in range(STRETCHES):
            lane = ways[w, q]
            left -= map.lanes[lane].length
            if q + 1 == STRETCHES:
                break
            if ways[w, q + 1] >= 0:  # a branch: this much was copied
                continue
            if left <= 0.0:
                break
            first, last = links.after_at[lane], links.after_at[lane + 1]
            if first == last:
                break
            for place in range(first + 1, last):
                if n < WAYS:
                    for earlier in range(q + 1):
                        ways[n, earlier] = ways[w, earlier]
                    ways[n, q + 1] = links.after[place]
                    n += 1
            ways[w, q + 1] = links.after[first]
        w += 1
    return n


@hot_kernel
def cuts_across(links: Links, way: NDArray) -> bool:
    """Whether a way leaves a lane for one that it misses, across the lanes between."""
    for q in range(STRETCHES - 1):
        if way[q + 1] < 0:
            return False
        for place in range(links.after_at[way[q]], links.after_at[way[q] + 1]):
            if links.after[place] == way[q + 1] and not links.met[place]:
                return True
    return False
