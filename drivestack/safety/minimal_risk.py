"""The minimal-risk condition: the least risky way to a stop, with no plan; it needs no planner.

The written policy: stop gently in the lane. Where that would be struck, or would strike, the first
of these that is less risky: pull over to the right, brake, shift inside the lane and brake, hold
the speed, shift and hold, clear forward, stop in a lane beside. At every tick anew, so that the
condition that has passed leaves a car that still moves: nothing forces a full stop.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from drivestack.core.parameters import parameter_table
from drivestack.core.types import Floats, Observation
from drivestack.roads.lane_tables import lanes_of
from drivestack.roads.links import links_of

from .rows_by_map import rows_by_map
from .what_if.options import RECOVERIES, TRIED
from .what_if.parameters import Abilities, Beliefs, Judgement
from .what_if.recover import recover
from .what_if.tables import Ego, Model, seen_in


@dataclass(frozen=True, slots=True)
class LeastRisk:
    """Chooses among `RECOVERIES` by their expected cost.

    Attributes:
        period: time a control is held [s]. beliefs, abilities, judgement: the what-if check's.
    """

    period: float
    beliefs: Beliefs = field(default_factory=Beliefs)
    abilities: Abilities = field(default_factory=Abilities)
    judgement: Judgement = field(default_factory=Judgement)

    def control(self, observation: Observation) -> Floats:
        """(B, 2) the control of every scenario; it never reverses."""
        own = observation.ego
        batch = len(observation.tick)
        control, chosen = np.zeros((batch, 2)), np.zeros(batch, np.int64)
        ego = Ego(own.state, own.accel, own.steer, own.size, np.zeros((batch, 2)))
        seen = seen_in(observation)
        parts = (self.beliefs, self.abilities, self.judgement)
        model = Model(RECOVERIES, TRIED, *(parameter_table(part) for part in parts))
        for map, rows in rows_by_map(observation):
            recover(rows, lanes_of(map), links_of(map), ego, seen, model, control, chosen)
        least = np.minimum(-own.state[:, 3] / self.period, 0.0)
        control[:, 0] = np.maximum(control[:, 0], least)
        return control
