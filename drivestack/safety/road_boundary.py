"""The road's boundary: the commanded control, held for a moment, must not leave all lanes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Row, Table
from drivestack.core.types import Filtering, Floats, Observation, Plan, Verdict
from drivestack.roads.lanes import local_coordinates, width_at

from .bounds import Findings, Nothing, nothing_found, verdict_of


@dataclass(frozen=True, slots=True)
class RoadBoundary:
    """Asks for the minimal-risk condition, which steers back to the middle of the lane.

    Attributes:
        period: time a control is held [s].
        ahead: how long it is held here [s]; our choice: where a bend of 15 m radius begins at once
        the wheels are not yet turned, and at 10 m/s the car strays 1.2 m in this time.
        aside: how far the centre may get outside the lanes [m]; with half a width of 1 m its wheels
        on one side are then 2 m off. past: beyond the end of a lane [m]; maps are cut off.
        most_steer: [rad]; highway-env's MAX_STEERING_ANGLE.
    """

    period: float
    ahead: float = 0.6
    aside: float = 1.0
    past: float = 15.0
    most_steer: float = math.pi / 3.0

    def start(self, batch: int) -> Nothing:
        """It remembers nothing."""
        return Nothing()

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Nothing
    ) -> tuple[Verdict, Nothing]:
        """The value is how far outside all lanes the centre will be [m]."""
        found = nothing_found(len(control), 1)
        ego, table = observation.ego, parameter_table(self)
        for number in np.unique(observation.map_index):
            map = observation.maps[number]
            rows = np.flatnonzero(observation.map_index == number)
            _check(rows, map.lanes, map.points, ego.state, ego.size, control, table, found)
        return verdict_of(("road_boundary",), Filtering.MINIMAL_RISK, found), memory


@kernel
def _outside(lanes: Table, points: Table, x: float, y: float, past: float) -> float:
    """Distance [m] of a point to the nearest lane's edge, lanes prolonged; 0 inside one."""
    least = math.inf
    for i in range(lanes.shape[0]):
        lane = lanes[i]
        s, lateral = local_coordinates(lane, points, x, y)
        beside = max(abs(lateral) - width_at(lane, points, s) / 2.0, 0.0)
        beyond = max(-past - s, s - lane.length - past, 0.0)
        least = min(least, math.sqrt(beside * beside + beyond * beyond))
        if least == 0.0:
            break
    return least


@kernel
def _held(state: NDArray, length: float, steer: float, own: Row) -> tuple[float, float]:
    """Where the centre is [m] after the steering was held at the present speed: exactly an arc."""
    beta = math.atan(0.5 * math.tan(steer))
    way = state[3] * own.ahead
    turn = math.sin(beta) / (0.5 * length) * way
    course = state[2] + beta
    chord = way if abs(turn) < 1e-9 else way * math.sin(0.5 * turn) / (0.5 * turn)
    return (
        state[0] + chord * math.cos(course + 0.5 * turn),
        state[1] + chord * math.sin(course + 0.5 * turn),
    )


@kernel
def _check(
    rows: NDArray,
    lanes: Table,
    points: Table,
    state: NDArray,
    size: NDArray,
    control: NDArray,
    table: Table,
    found: Findings,
) -> None:
    """Every scenario on one map by itself."""
    own = table[0]
    for b in rows:
        found.limit[b, 0] = own.aside
        if not math.isfinite(control[b, 1]):
            continue
        steer = min(max(control[b, 1], -own.most_steer), own.most_steer)
        x, y = _held(state[b], size[b, 0], steer, own)
        found.value[b, 0] = _outside(lanes, points, x, y, own.past)
        found.failed[b, 0] = found.value[b, 0] > own.aside
