"""Wrong way: no lane of the opposite direction is entered by mistake, or before oncoming traffic.

Overtaking on the other side of the road is legitimate where it is planned and the way is clear;
then nothing is said. Else the steering is bound at the last moment, to what keeps the car out. Who
already is on the wrong side and has no right one beside him is slowed down. Within junctions no
side is wrong: lanes of all directions lie over each other there, and drivers cut corners.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Row, Table
from drivestack.core.types import Filtering, Floats, Observation, Plan
from drivestack.roads.crossings import junctions_of, near_junction
from drivestack.roads.grid import cell_of
from drivestack.roads.lane_tables import Lanes, lanes_of
from drivestack.roads.lanes import heading_at, local_coordinates, width_at
from drivestack.vehicle.pursuit import pursuit_steering

from .bounds import FREE, Nothing
from .held import held_for
from .rows_by_map import rows_by_map

RIGHT, WRONG, NOWHERE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class WrongWay:
    """Binds the steering, or the acceleration.

    Attributes:
        period: time a control is held [s].
        ahead: how long the control is held here [s]; as `RoadBoundary`'s.
        opposite: cosine between headings below which a lane leads the other way; our choice: 120
        degrees. seam: gaps between lanes that end and begin [m]; as the forecasts'.
        clear: who comes towards the car is met no sooner than this [s]; our choice: out and back
        in take 2 s each. decel: braking on the wrong side [m/s2]; UN R157's minimal risk.
        junction: from where lanes cross it goes on so far [m]; our choice: to the stop lines.
        slack: edges of recorded lanes are no more exact [m]; our choice.
        beside: a right lane this near is returned to by the planner [m]; our choice: one lane.
        farthest: up to there right lanes are looked for [m]; our choice: across any road.
        most_steer: [rad]; highway-env's MAX_STEERING_ANGLE. none: distance of a lane that is not
        there [m].
    """

    period: float
    ahead: float = 0.6
    opposite: float = -0.5
    seam: float = 3.0
    clear: float = 4.0
    decel: float = 4.0
    junction: float = 10.0
    slack: float = 0.25
    beside: float = 5.0
    farthest: float = 100.0
    most_steer: float = math.pi / 3.0
    none: float = FREE

    @property
    def columns(self) -> Mapping[str, Filtering]:
        """One."""
        return {"wrong_way": Filtering.CLAMPED}

    def start(self, batch: int) -> Nothing:
        """It remembers nothing."""
        return Nothing()

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Nothing, found: Table
    ) -> Nothing:
        """The value is how far from the nearest right lane's edge the centre gets or, where it is
        on the wrong side, is at least [m]."""
        ego, tracks, own = observation.ego, observation.tracks, parameter_table(self)
        for map, rows in rows_by_map(observation):
            _check(rows, lanes_of(map), junctions_of(map), ego.state, ego.size, control,
                   plan.states, tracks.state[:, :, -1], tracks.id, tracks.valid[:, :, -1], own,
                   found)  # fmt: skip
        return memory


@hot_kernel
def _side(
    map: Lanes, junctions: NDArray, x: float, y: float, yaw: float, own: Row
) -> tuple[int, float, int]:
    """On which side a point is, how far from the nearest right lane's edge [m], and that lane.

    A point that lies on any lane which does not lead the other way is right: lanes overlap.
    """
    cell = cell_of(map.grid[0], x, y)
    least, nearest, wrong = own.none, -1, False
    if cell < 0:  # off the map there is no lane
        return NOWHERE, least, nearest
    for place in range(int(map.cell_at[cell]), int(map.cell_at[cell + 1])):
        lane = int(map.cell_lanes[place])
        row = map.lanes[lane]
        s, lateral = local_coordinates(row, map.points, x, y)
        beyond = max(-s, s - row.length, 0.0)
        aside = max(abs(lateral) - 0.5 * width_at(row, map.points, s), 0.0)
        if math.cos(yaw - heading_at(row, map.points, s)) >= own.opposite:
            far = aside + max(beyond - own.seam, 0.0)
            if far < least:
                least, nearest = far, lane
        elif aside == 0.0 and beyond == 0.0:
            wrong = wrong or not near_junction(map, junctions, x, y, own.junction)
    if least == 0.0:
        return RIGHT, least, nearest
    return (WRONG if wrong else NOWHERE), least, nearest


@hot_kernel
def _way_back(map: Lanes, x: float, y: float, yaw: float, own: Row) -> tuple[float, float]:
    """How far off the nearest right lane of all is [m]: as `_side` has it, and as the crow flies.

    A cell's lanes are not enough for it: they are those that can be the nearest of either kind.
    Both are at most `farthest`.
    """
    least, straight = own.farthest, own.farthest
    for row in map.lanes:
        s, lateral = local_coordinates(row, map.points, x, y)
        if math.cos(yaw - heading_at(row, map.points, s)) >= own.opposite:
            aside = max(abs(lateral) - 0.5 * width_at(row, map.points, s), 0.0)
            beyond = max(-s, s - row.length, 0.0)
            least = min(least, aside + max(beyond - own.seam, 0.0))
            straight = min(straight, math.hypot(aside, beyond))
    return least, straight


@kernel
def _check(
    rows: NDArray, map: Lanes, junctions: NDArray, ego: NDArray, size: NDArray, control: NDArray,
    planned: NDArray, others: NDArray, id: NDArray, valid: NDArray, table: Table, found: Table,
) -> None:  # fmt: skip
    """Every scenario on one map by itself."""
    own = table[0]
    for b in rows:
        mine = found[0, b]
        x, y, yaw, v = ego[b, 0], ego[b, 1], ego[b, 2], ego[b, 3]
        if not math.isfinite(control[b, 1]) or v <= 0.0:
            continue
        now, far, lane = _side(map, junctions, x, y, yaw, own)
        if now == WRONG and far > own.beside:
            least, far = _way_back(map, x, y, yaw, own)
            if least > own.beside:
                mine.value, mine.limit, mine.failed = far, own.beside, True
                mine.high[0] = -min(own.decel, v / own.period)
        if now != RIGHT:
            continue
        steer = min(max(control[b, 1], -own.most_steer), own.most_steer)
        there, deep, _ = _reached(map, junctions, ego[b], size[b, 0], steer, own)
        if there != WRONG or deep <= own.slack:
            continue
        who, met = _met(ego[b], others[b], valid[b], own)
        if _is_planned(map, junctions, planned[b], own) and not met:
            continue
        x, y = held_for(ego[b], size[b, 0], steer, own.ahead)
        _, deep = _way_back(map, x, y, yaw, own)
        mine.value, mine.limit, mine.failed = deep, own.slack, True
        if met:
            mine.object, mine.has_object = id[b, who], True
        back = _back(map, lane, ego[b], size[b, 0], own)
        bound = _farthest(map, junctions, ego[b], size[b, 0], steer, back, own)
        if bound < steer:
            mine.high[1] = bound
        else:
            mine.low[1] = bound


@hot_kernel
def _reached(
    map: Lanes, junctions: NDArray, ego: NDArray, length: float, steer: float, own: Row
) -> tuple[int, float, int]:
    """The side on which the centre is after the steering was held; see `_side`."""
    x, y = held_for(ego, length, steer, own.ahead)
    return _side(map, junctions, x, y, ego[2], own)


@hot_kernel
def _is_planned(map: Lanes, junctions: NDArray, states: NDArray, own: Row) -> bool:
    """Whether the plan goes to the other side; it may end there, as overtaking takes longer."""
    for t in range(0, states.shape[0], 2):
        side, _, _ = _side(map, junctions, states[t, 0], states[t, 1], states[t, 2], own)
        if side == WRONG:
            return True
    return False


@hot_kernel
def _met(ego: NDArray, others: NDArray, valid: NDArray, own: Row) -> tuple[int, bool]:
    """Who comes towards the car, ahead of it, and is met first; whether that is too soon."""
    soonest, who = own.clear, -1
    c, s = math.cos(ego[2]), math.sin(ego[2])
    for n in range(others.shape[0]):
        along = (others[n, 0] - ego[0]) * c + (others[n, 1] - ego[1]) * s
        facing = math.cos(others[n, 2] - ego[2])
        if not valid[n] or along <= 0.0 or facing > own.opposite:
            continue
        time = along / max(ego[3] - others[n, 3] * facing, 1e-6)
        if time < soonest:
            soonest, who = time, n
    return who, who >= 0


@hot_kernel
def _back(map: Lanes, lane: int, ego: NDArray, length: float, own: Row) -> float:
    """The steering that goes back to the middle of the lane that the car is on [rad]."""
    row = map.lanes[lane]
    s, lateral = local_coordinates(row, map.points, ego[0], ego[1])
    heading = heading_at(row, map.points, s)
    look = max(own.ahead * ego[3], length)
    c, n = math.cos(heading), math.sin(heading)
    aim_x, aim_y = ego[0] + look * c + lateral * n, ego[1] + look * n - lateral * c
    return pursuit_steering(ego[0], ego[1], ego[2], length, aim_x, aim_y, own.most_steer)


@hot_kernel
def _farthest(
    map: Lanes, junctions: NDArray, ego: NDArray, length: float, steer: float, back: float, own: Row
) -> float:
    """Between the steering that goes back and the commanded one: the last that keeps out [rad]."""
    low, high = back, steer
    for _ in range(12):  # to below a thousandth of what lies between
        middle = 0.5 * (low + high)
        side, deep, _ = _reached(map, junctions, ego, length, middle, own)
        if side == WRONG and deep > own.slack:
            high = middle
        else:
            low = middle
    return low
