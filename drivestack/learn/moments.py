"""Moments of a drive that is watched: which rows they are of, and what a planner is told there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.stop_lines import with_stop_lines
from drivestack.core.rows import take_rows
from drivestack.core.types import Decision, Goal, Ints, Observation, Route
from drivestack.sim.rollout import Rollout
from drivestack.sim.runner import NOBODY
from drivestack.world import sensing


class Moments(NamedTuple):
    """Of the rows of a roll-out: what is observed, with stop lines, and the way to go."""

    rows: NDArray[np.intp]
    held: Observation
    route: Route
    goal: Goal


def moments_of(
    slots: Ints, rollout: Rollout, decision: Decision, every: int, phase: int = 0
) -> Moments | None:
    """The rows whose moment it is: every so many ticks, where a plan was made; None: no row's.

    Args:
        slots: queue numbers. rollout: as it was before the decision. phase: of the moments [ticks].
    """
    scene = rollout.scene
    due = (scene.tick + phase) % every == 0
    rows = np.flatnonzero((slots != NOBODY) & due & decision.planned & ~scene.contact)
    if len(rows) == 0:
        return None
    seen, _ = sensing.sense(scene, rollout.mounts, rollout.sensed)
    route, goal = take_rows(decision.route, rows), take_rows(rollout.goal, rows)
    return Moments(rows, with_stop_lines(take_rows(seen, rows), route), route, goal)
