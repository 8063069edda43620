"""The actuator envelope: a control must be finite and within what the vehicle can do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Table
from drivestack.core.types import Filtering, Floats, Observation, Plan

from .bounds import Nothing


@dataclass(frozen=True, slots=True)
class Envelope:
    """Bounds of acceleration, steering angle and steering rate.

    Attributes:
        period: time a control is held [s].
        least_accel: [m/s2]; full braking on dry asphalt, about 0.8 g as in `vehicle.parameters`.
        most_accel: [m/s2]; our choice: 0-100 km/h in 7 s without a pause.
        most_steer: [rad]; highway-env's MAX_STEERING_ANGLE.
        steer_rate: of the front wheels [rad/s]; our choice: twice the 0.5 of nuPlan's tracker,
        which cannot enter highway-env's turns of 7 m radius, whose curvature begins at once.
    """

    period: float
    least_accel: float = -8.0
    most_accel: float = 4.0
    most_steer: float = math.pi / 3.0
    steer_rate: float = 1.0

    @property
    def columns(self) -> Mapping[str, Filtering]:
        """One."""
        return {"envelope": Filtering.CLAMPED}

    def start(self, batch: int) -> Nothing:
        """It remembers nothing."""
        return Nothing()

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Nothing, found: Table
    ) -> Nothing:
        """The value is by how much the control leaves its bounds, in their width.

        A control that is not finite fails with 1.
        """
        _bound(observation.ego.steer, control, parameter_table(self), found)
        return memory


@kernel
def _bound(steer: NDArray, control: NDArray, table: Table, found: Table) -> None:
    """Write bounds and excess of every scenario."""
    own = table[0]
    turn = own.steer_rate * own.period
    for b in range(control.shape[0]):
        present = min(max(steer[b], -own.most_steer), own.most_steer)
        mine = found[0, b]
        low, high = mine.low, mine.high
        low[0], high[0] = own.least_accel, own.most_accel
        low[1] = max(present - turn, -own.most_steer)
        high[1] = min(present + turn, own.most_steer)
        excess = 0.0
        for i in range(2):
            beyond = max(low[i] - control[b, i], control[b, i] - high[i])
            excess = max(excess, beyond / (high[i] - low[i]))
        if not (math.isfinite(control[b, 0]) and math.isfinite(control[b, 1])):
            excess = 1.0
        mine.value, mine.failed = excess, excess > 0.0
