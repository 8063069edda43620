"""The actuator envelope: a control must be finite and within what the vehicle can do."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drivestack.core.types import Bools, Floats, Observation, Plan, Verdict


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

    def check(self, observation: Observation, plan: Plan, control: Floats) -> Verdict:
        """One verdict; a control that is not finite fails with an infinite excess replaced by 1.

        The value is by how much the control leaves its bounds, in units of their width.
        """
        batch = len(control)
        present = np.clip(observation.ego.steer, -self.most_steer, self.most_steer)
        turn = self.steer_rate * self.period
        low, high = np.empty((batch, 1, 2)), np.empty((batch, 1, 2))
        low[:, 0, 0], high[:, 0, 0] = self.least_accel, self.most_accel
        low[:, 0, 1] = np.maximum(present - turn, -self.most_steer)
        high[:, 0, 1] = np.minimum(present + turn, self.most_steer)
        finite: Bools = np.all(np.isfinite(control), axis=1)
        inside = np.where(finite[:, None], control, 0.0)
        beyond = np.maximum(low[:, 0] - inside, inside - high[:, 0])
        excess = np.maximum(beyond / (high[:, 0] - low[:, 0]), 0.0).max(axis=1)
        value = np.where(finite, excess, 1.0)
        return Verdict(
            names=("envelope",),
            low=low,
            high=high,
            value=value[:, None],
            limit=np.zeros((batch, 1)),
            failed=((value > 0.0) | ~finite)[:, None],
        )
