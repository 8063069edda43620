"""Plans for tests of the safety layer: straight on at the present speed."""

from __future__ import annotations

import numpy as np

from drivestack.core.types import Observation, Plan, PlanSource


def plan_at(
    seen: Observation, tick: int | None = None, source: PlanSource = PlanSource.CANDIDATE
) -> Plan:
    """A plan made at a tick, by default the present one."""
    batch = len(seen.tick)
    ahead = seen.ego.state.copy()
    ahead[:, :2] += 0.1 * ahead[:, 3:] * np.stack([np.cos(ahead[:, 2]), np.sin(ahead[:, 2])], 1)
    made = seen.tick.copy() if tick is None else np.full(batch, tick, np.int32)
    return Plan(
        states=ahead[:, None],
        controls=np.zeros((batch, 1, 2)),
        chosen=np.zeros(batch, np.int32),
        source=np.full(batch, source, np.int32),
        tick=made,
        dt=np.full(batch, 0.1),
    )
