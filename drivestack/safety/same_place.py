"""Whether two come to the same place within some time: the ego by its plan, the other by its lanes.

Straight on, a car that turns off seems to cross, and an ego that starts seems to stand on a
crossing for ever. Where either is not known the answer is yes. It is also yes where the ego turns
in before somebody who would have to brake for it: they touch without crossing.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, inlined_kernel, kernel
from drivestack.core.geometry import boxes_overlap
from drivestack.core.tables import Row
from drivestack.roads.lane_tables import Lanes
from drivestack.roads.lanes import local_coordinates
from drivestack.roads.links import Links
from drivestack.roads.ways import STRETCHES, WAYS, branch, lanes_under

from .what_if.trace import COLUMNS, POINTS, looked_up, trace

STEP, STEPS = 0.2, 40
"""How far apart the moments are that are compared [s], and how many there are; our choice: twice
the horizon of a plan."""

EASY, WAITS = 1.0, 0.4
"""Who has priority may have to brake so little [m/s2] from then on [s]; our choice: as by lifting
the foot."""


class Paper(NamedTuple):
    """Scratch: starts (`WAYS`,), ways (`WAYS`, `STRETCHES`) and a trace of the other's lanes;
    where the ego, he at constant speed and he if he brakes are at each moment (`STEPS`, 3)."""

    starts: NDArray
    ways: NDArray
    table: NDArray
    ego: NDArray
    his: NDArray
    slowed: NDArray


@kernel
def paper() -> Paper:
    """Scratch for one scenario after another."""
    return Paper(
        np.zeros(WAYS, np.int64), np.zeros((WAYS, STRETCHES), np.int64),
        np.zeros((POINTS, COLUMNS)), np.zeros((STEPS, 3)), np.zeros((STEPS, 3)),
        np.zeros((STEPS, 3)),
    )  # fmt: skip


@hot_kernel
def _planned(me: NDArray, plan: NDArray, first: int, spacing: float, poses: NDArray) -> None:
    """Write where the ego is at each moment (S, 3) by a plan (T, 4), and straight on after it."""
    last = plan.shape[0] - 1
    poses[0, 0], poses[0, 1], poses[0, 2] = me[0], me[1], me[2]
    for k in range(1, poses.shape[0]):
        place = max(first - 1 + k * STEP / spacing, 0.0)
        i = min(int(place), last)
        gone = 0.0 if i < last else (place - last) * spacing * plan[last, 3]
        j = min(i + 1, last)
        share = place - i if i < last else 0.0
        poses[k, 0] = plan[i, 0] + share * (plan[j, 0] - plan[i, 0]) + gone * math.cos(plan[i, 2])
        poses[k, 1] = plan[i, 1] + share * (plan[j, 1] - plan[i, 1]) + gone * math.sin(plan[i, 2])
        poses[k, 2] = plan[i, 2]


@hot_kernel
def _along(
    table: NDArray, count: int, spacing: float, lateral: float, v: float, brake: float,
    poses: NDArray,
) -> None:  # fmt: skip
    """Write where a body is (S, 3) that goes on along a trace, as far beside its middle as now.

    Args:
        v: its speed [m/s], until `WAITS`. brake: what it brakes with from then on [m/s2].
    """
    for k in range(poses.shape[0]):
        time = min(k * STEP, WAITS + v / brake if brake > 0.0 else math.inf)
        braked = max(time - WAITS, 0.0)
        gone = v * time - 0.5 * brake * braked * braked
        row, share = looked_up(table, count, spacing, gone)
        a, b = table[row], table[row + 1]
        poses[k, 0] = a[0] + share * (b[0] - a[0]) - lateral * a[4]
        poses[k, 1] = a[1] + share * (b[1] - a[1]) + lateral * a[3]
        poses[k, 2] = a[2] + share * (b[2] - a[2])


@inlined_kernel
def _lengthened(poses: NDArray, k: int, length: float) -> float:
    """Length [m] of a body that is as long as the way of one moment: nobody jumps over another."""
    j = max(k, 1)
    way = math.hypot(poses[j, 0] - poses[j - 1, 0], poses[j, 1] - poses[j - 1, 1])
    return max(length, way)


@hot_kernel
def _share_a_place(
    ego: NDArray, size: NDArray, other: NDArray, box: NDArray, within: float, across: float
) -> bool:
    """Whether bodies at poses (S, 3) overlap, across each other, at moments `within` [s]."""
    apart = int(within / STEP + 0.5)
    theirs = _lengthened(other, 1, box[0])  # at constant speed
    for k in range(ego.shape[0]):
        mine = _lengthened(ego, k, size[0])
        far = 0.25 * (math.hypot(mine, size[1]) + math.hypot(theirs, box[1])) ** 2
        for j in range(max(k - apart, 0), min(k + apart + 1, other.shape[0])):
            dx, dy = other[j, 0] - ego[k, 0], other[j, 1] - ego[k, 1]
            if dx * dx + dy * dy > far or abs(math.sin(other[j, 2] - ego[k, 2])) < across:
                continue
            if boxes_overlap(ego[k, 0], ego[k, 1], ego[k, 2], mine, size[1],
                             other[j, 0], other[j, 1], other[j, 2], theirs, box[1]):  # fmt: skip
                return True
    return False


@hot_kernel
def _meet(ego: NDArray, size: NDArray, other: NDArray, box: NDArray) -> bool:
    """Whether bodies at poses (S, 3) overlap at any moment."""
    for k in range(ego.shape[0]):
        if boxes_overlap(ego[k, 0], ego[k, 1], ego[k, 2], size[0], size[1],
                         other[k, 0], other[k, 1], other[k, 2], box[0], box[1]):  # fmt: skip
            return True
    return False


@hot_kernel
def may_share_a_place(
    map: Lanes, links: Links, lanes: Row, me: NDArray, size: NDArray, plan: NDArray, first: int,
    spacing: float, other: NDArray, box: NDArray, within: float, across: float,
    paper: Paper,
) -> bool:  # fmt: skip
    """Whether the other one goes across the ego's way within some time, on any of his lanes, or
    would run into it there unless he brakes.

    At most `WAYS` of them are looked at, over the next `STEPS` moments.

    Args:
        lanes: a row of `OnLanes`. me: (4,) now. plan: (T, 4), whose row `first` is one `spacing`
        [s] ahead. size, box: (2,) length and width of both [m]. other: (4,) at constant speed.
        within: moments that differ by no more count as the same [s]. across: sine of the angle
        from which on two cross.
    """
    found = lanes_under(map, links, other, box[0], lanes, paper.starts)
    if found == 0 or plan.shape[0] == 0:
        return True
    _planned(me, plan, first, spacing, paper.ego)
    reach = other[3] * STEPS * STEP + 1.0
    for w in range(branch(map, links, paper.starts[:found], reach, other, paper.ways)):
        way = paper.ways[w]
        s, lateral = local_coordinates(map.lanes[way[0]], map.points, other[0], other[1])
        count, apart = trace(map, way, s, box[0], reach, paper.table)
        _along(paper.table, count, apart, lateral, other[3], 0.0, paper.his)
        if _share_a_place(paper.ego, size, paper.his, box, within, across):
            return True
        if _meet(paper.ego, size, paper.his, box):
            _along(paper.table, count, apart, lateral, other[3], EASY, paper.slowed)
            if _meet(paper.ego, size, paper.slowed, box):
                return True
    return False
