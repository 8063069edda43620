"""Right of way: the last moment to brake gently for a red light, and for who has priority.

Braking is due when stopping before the line, or before the crossing, would else take more than an
unhurried stop. What cannot be stopped for any more is driven through: braking in the middle of a
crossing helps nobody. Whoever has priority by the map (`LANE.priority`) goes first: where he comes
straight on, and by the lanes that he is on, and by what the ego has planned.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.lights import HALTING
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Row, Table
from drivestack.core.types import Filtering, Floats, Observation, Plan
from drivestack.roads.lane_tables import Lanes, lanes_of
from drivestack.roads.links import Links, links_of
from drivestack.roads.nearest import HEADING_WEIGHT, nearest_in
from drivestack.roads.ways import OnLanes

from .bounds import Nothing
from .crossing import crossing_of
from .rows_by_map import rows_by_map
from .same_place import may_share_a_place, paper
from .what_if.tables import Planned, Seen, planned_in, seen_in

_HALTING = np.array(HALTING, np.int64)


@dataclass(frozen=True, slots=True)
class RightOfWay:
    """Two checks, `red_light` and `priority`; both bind the acceleration.

    Attributes:
        period: time a control is held [s].
        gentle: braking for which there is still time is not yet due [m/s2]; UN R157's for
        manoeuvres without emergency. hard: what would take more is driven through [m/s2];
        the envelope's.
        before: where the bumper should stop, before a line [m]; our choice. aside: how far beside
        the middle of a line one may pass it, in lane widths. turned: headings that differ by more
        from a line's do not approach it [rad]; our choice.
        apart: times between two at a crossing that are too short [s]; half of Autoware's, as
        reaching it at the same time is what counts here. doubt: likewise where the ego's plan and
        the other's lanes are looked at [s]; our choice, twice as much. farthest: of a crossing [m];
        our choice. across: headings whose sine is above this cross; our choice: 45 degrees.
    """

    period: float
    gentle: float = 4.0
    hard: float = 8.0
    before: float = 0.3
    aside: float = 0.5
    turned: float = math.radians(45.0)
    apart: float = 0.5
    doubt: float = 1.0
    farthest: float = 60.0
    across: float = math.sin(math.radians(45.0))

    @property
    def columns(self) -> Mapping[str, Filtering]:
        """Red lights, and who has priority."""
        return {
            "red_light": Filtering.CLAMPED,
            "priority": Filtering.CLAMPED,
        }

    def start(self, batch: int) -> Nothing:
        """It remembers nothing."""
        return Nothing()

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Nothing, found: Table
    ) -> Nothing:
        """The value is the braking that will be needed at the next tick [m/s2]."""
        ego, lines = observation.ego, observation.stop_lines
        own, found["limit"] = parameter_table(self), self.gentle
        if lines.valid.shape[1]:
            _stop_at_lines(ego.state, ego.size, control, lines.pose, lines.width, lines.colour,
                           lines.valid, _HALTING, own, found)  # fmt: skip
        on_lanes = parameter_table(OnLanes())
        for map, rows in rows_by_map(observation):
            if map.lanes["priority"].any():
                _give_way(rows, lanes_of(map), links_of(map), ego.state, ego.size, control,
                          planned_in(plan), seen_in(observation), HEADING_WEIGHT, on_lanes, own,
                          found)  # fmt: skip
        return memory


@hot_kernel
def _due(way: float, v: float, accel: float, own: Row) -> float:
    """Braking [m/s2] that is needed at the next tick to stop before a way [m] is gone.

    0: the car does not move then, it is over already, or not even hard braking would do.

    Args:
        accel: that is commanded [m/s2].
    """
    then = max(v + accel * own.period, 0.0)
    if way <= 0.0 or then <= 0.0 or v * v > 2.0 * own.hard * way:
        return 0.0
    left = way - own.before - 0.5 * (v + then) * own.period
    return min(then * then / (2.0 * left) if left > 0.0 else own.hard, own.hard)


@hot_kernel
def _demand(mine: Row, need: float, way: float, v: float, who: int, own: Row) -> None:
    """Keep the greatest need, and bind to what stops within the way."""
    if need <= mine.value:
        return
    mine.value = need
    if need > own.gentle:
        mine.failed = True
        left = way - own.before
        stopping = v * v / (2.0 * left) if left > 0.0 else own.hard
        mine.high[0] = -min(stopping, own.hard, max(v, 0.0) / own.period)
        if who >= 0:
            mine.object, mine.has_object = who, True


@kernel
def _stop_at_lines(
    ego: NDArray, size: NDArray, control: NDArray, pose: NDArray, width: NDArray, colour: NDArray,
    valid: NDArray, halting: NDArray, table: Table, found: Table,
) -> None:  # fmt: skip
    """Lines that may not be crossed now and that the bumper is before."""
    own = table[0]
    for b in range(ego.shape[0]):
        accel = control[b, 0]
        if not math.isfinite(accel):
            continue
        v, yaw = ego[b, 3], ego[b, 2]
        x = ego[b, 0] + 0.5 * size[b, 0] * math.cos(yaw)
        y = ego[b, 1] + 0.5 * size[b, 0] * math.sin(yaw)
        for line in range(pose.shape[1]):
            if not valid[b, line] or not _among(colour[b, line], halting):
                continue
            c, s = math.cos(pose[b, line, 2]), math.sin(pose[b, line, 2])
            dx, dy = pose[b, line, 0] - x, pose[b, line, 1] - y
            way, aside = dx * c + dy * s, dy * c - dx * s
            if abs(aside) > own.aside * width[b, line]:
                continue
            if abs(wrap_to_pi(yaw - pose[b, line, 2])) > own.turned:
                continue
            _demand(found[0, b], _due(way, v, accel, own), way, v, -1, own)


@hot_kernel
def _among(number: int, numbers: NDArray) -> bool:
    for one in numbers:
        if one == number:
            return True
    return False


@kernel
def _give_way(
    rows: NDArray, map: Lanes, links: Links, ego: NDArray, size: NDArray, control: NDArray,
    planned: Planned, seen: Seen, weight: float, on_lanes: Table, table: Table, found: Table,
) -> None:  # fmt: skip
    """Who has priority, and would be on the crossing of both paths when the ego is."""
    own, scratch = table[0], paper()
    for b in rows:
        accel, v = control[b, 0], ego[b, 3]
        if not math.isfinite(accel) or v <= 0.0:
            continue
        mine, _ = nearest_in(map.lanes, map.points, map.grid, map.cell_at, map.cell_lanes,
                             ego[b, 0], ego[b, 1], ego[b, 2], weight)  # fmt: skip
        for n in range(seen.valid.shape[1]):
            other, box = seen.state[b, n], seen.size[b, n]
            turn = other[2] - ego[b, 2]
            if not seen.valid[b, n] or other[3] <= 0.0 or abs(math.sin(turn)) < own.across:
                continue
            at = crossing_of(ego[b], size[b], other, box)
            if at.mine_in > own.farthest or at.theirs_out <= 0.0:
                continue
            his, _ = nearest_in(map.lanes, map.points, map.grid, map.cell_at, map.cell_lanes,
                                other[0], other[1], other[2], weight)  # fmt: skip
            if map.lanes[his].priority <= map.lanes[mine].priority:
                continue
            first, last = at.theirs_in / other[3] - own.apart, at.theirs_out / other[3] + own.apart
            if at.mine_in / v >= last or at.mine_out / v <= first:
                continue
            need = _due(at.mine_in, v, accel, own)
            if need > own.gentle and planned.valid[b]:
                # straight on it would bind, so it is worth while to look at both ways
                step, past = float(planned.dt[b]), float(seen.tick[b] - planned.tick[b])
                first_row = max(int(past * seen.dt[b] / step + 0.5), 0)
                if not may_share_a_place(
                    map, links, on_lanes[0], ego[b], size[b], planned.states[b], first_row, step,
                    other, box, own.doubt, own.across, scratch,
                ):  # fmt: skip
                    continue
            _demand(found[1, b], need, at.mine_in, v, seen.id[b, n], own)
