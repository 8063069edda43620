"""The actuator envelope: a control must be finite and within what the vehicle can do."""

from __future__ import annotations

import math
from dataclasses import dataclass

from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Table
from drivestack.core.types import Filtering, Floats, Observation, Plan, Verdict

from .bounds import Findings, Nothing, nothing_found, verdict_of


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

    def start(self, batch: int) -> Nothing:
        """It remembers nothing."""
        return Nothing()

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Nothing
    ) -> tuple[Verdict, Nothing]:
        """One verdict; the value is by how much the control leaves its bounds, in their width.

        A control that is not finite fails with 1.
        """
        found = nothing_found(len(control), 1)
        _bound(observation.ego.steer, control, parameter_table(self), found)
        return verdict_of(("envelope",), Filtering.CLAMPED, found), memory


@kernel
def _bound(steer: NDArray, control: NDArray, table: Table, found: Findings) -> None:
    """Write bounds and excess of every scenario."""
    own = table[0]
    turn = own.steer_rate * own.period
    for b in range(control.shape[0]):
        present = min(max(steer[b], -own.most_steer), own.most_steer)
        low, high = found.low[b, 0], found.high[b, 0]
        low[0], high[0] = own.least_accel, own.most_accel
        low[1] = max(present - turn, -own.most_steer)
        high[1] = min(present + turn, own.most_steer)
        excess = 0.0
        for i in range(2):
            beyond = max(low[i] - control[b, i], control[b, i] - high[i])
            excess = max(excess, beyond / (high[i] - low[i]))
        if not (math.isfinite(control[b, 0]) and math.isfinite(control[b, 1])):
            excess = 1.0
        found.value[b, 0] = excess
        found.failed[b, 0] = excess > 0.0
