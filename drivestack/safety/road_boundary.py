"""The road's boundary: the commanded control, held for a moment, must not leave all lanes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Table
from drivestack.core.types import Filtering, Floats, Observation, Plan
from drivestack.roads.lanes import local_coordinates, width_at

from .bounds import Nothing
from .held import held_for
from .rows_by_map import rows_by_map


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

    @property
    def columns(self) -> Mapping[str, Filtering]:
        """One."""
        return {"road_boundary": Filtering.MINIMAL_RISK}

    def start(self, batch: int) -> Nothing:
        """It remembers nothing."""
        return Nothing()

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Nothing, found: Table
    ) -> Nothing:
        """The value is how far outside all lanes the centre will be [m]."""
        ego, table = observation.ego, parameter_table(self)
        for map, rows in rows_by_map(observation):
            _check(rows, map.lanes, map.points, ego.state, ego.size, control, table, found)
        return memory


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
def _check(
    rows: NDArray,
    lanes: Table,
    points: Table,
    state: NDArray,
    size: NDArray,
    control: NDArray,
    table: Table,
    found: Table,
) -> None:
    """Every scenario on one map by itself."""
    own = table[0]
    for b in rows:
        mine = found[0, b]
        mine.limit = own.aside
        if not math.isfinite(control[b, 1]):
            continue
        steer = min(max(control[b, 1], -own.most_steer), own.most_steer)
        x, y = held_for(state[b], size[b, 0], steer, own.ahead)
        mine.value = _outside(lanes, points, x, y, own.past)
        mine.failed = mine.value > own.aside
