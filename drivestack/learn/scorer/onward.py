"""How a trial goes on after its chunk: `pdm_lane` drives for another three seconds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from drivestack.core.types import Goal, Observation, Plan, Route, Scene
from drivestack.safety.faults import Fault
from drivestack.stack.planners import pdm_lane
from drivestack.stack.planning import Planning


@dataclass(slots=True)
class PdmLaneOnward:
    """Replans every second (`expert.trying.Onward`).

    Attributes:
        seen: what was observed at the beginning, a row a slot. goal, route: likewise.
        steps: of 0.1 s; the issue's three seconds. every: steps between two plans; our choice: ten
        times as many would take ten times as long.
    """

    seen: Observation
    goal: Goal
    route: Route
    steps: int = 30
    every: int = 10
    planner: Planning = field(default_factory=pdm_lane)
    _done: int = 0

    def plan(self, scene: Scene) -> Plan | None:
        """A plan from what is true now."""
        due = self._done % self.every == 0
        self._done += 1
        if not due:
            return None
        seen = replace(self.seen, tick=scene.tick, ego=scene.ego, tracks=scene.agents)
        batch = len(scene.tick)
        faults = np.zeros((batch, len(Fault)), np.bool_)
        planned, good = self.planner.plan(seen, self.goal, self.route, _none(seen), faults, {})
        if planned is None or len(good) < batch:
            return None
        self.route = planned.route
        return planned.plan


def _none(seen: Observation) -> Plan:
    """No plan in force; `pdm_lane` does not look at it."""
    batch = len(seen.tick)
    nobody = np.full(batch, -1, np.int32)
    return Plan(
        np.zeros((batch, 1, 4)), np.zeros((batch, 1, 2)), nobody, np.zeros(batch, np.int32) + 2,
        seen.tick.copy(), np.ones(batch),
    )  # fmt: skip
