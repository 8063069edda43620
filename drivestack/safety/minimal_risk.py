"""The minimal-risk condition: stay in the lane, slow to a stop; it needs no plan and no tracks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drivestack.core.types import Floats, Observation
from drivestack.roads.lanes import position
from drivestack.roads.nearest import nearest_lane
from drivestack.vehicle.pursuit import pursuit_steering


@dataclass(frozen=True, slots=True)
class StopInLane:
    """Brakes while following the middle of the nearest lane.

    Attributes:
        period: time a control is held [s].
        decel: [m/s2]; the most that UN R157 allows a minimal-risk manoeuvre (safety.md, 5).
        look_time, look_least: pursuit distance [s] and [m]; as in the proposers.
        off: farther from the lane [m] the wheels are held straight: there is no lane to stay in.
        most_steer: [rad]; highway-env's MAX_STEERING_ANGLE.
    """

    period: float
    decel: float = 4.0
    look_time: float = 0.6
    look_least: float = 4.0
    off: float = 10.0
    most_steer: float = math.pi / 3.0

    def control(self, observation: Observation) -> Floats:
        """(B, 2) the control of every scenario; it never reverses."""
        control = np.zeros((len(observation.tick), 2))
        for b, (x, y, yaw, v) in enumerate(observation.ego.state.tolist()):
            control[b, 0] = min(max(-self.decel, -v / self.period), 0.0)
            map = observation.maps[observation.map_index[b]]
            lane, s = nearest_lane(map, x, y, yaw)
            row = map.lanes[lane]
            here_x, here_y = position(row, map.points, s, 0.0)
            if math.hypot(here_x - x, here_y - y) > self.off:
                continue
            look = max(self.look_time * v, self.look_least)
            aim_x, aim_y = position(row, map.points, s + look, 0.0)
            length = float(observation.ego.size[b, 0])
            control[b, 1] = pursuit_steering(x, y, yaw, length, aim_x, aim_y, self.most_steer)
        return control
