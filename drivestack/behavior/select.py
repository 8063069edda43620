"""Choose the plan: the valid candidate with the largest total, or a stop where there is none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.rows import put_rows, take_rows
from drivestack.core.types import Candidates, Floats, Observation, Plan, PlanSource, Scores
from drivestack.vehicle.bicycle import euler_step

from .origin import Origin

STOPPING = 4.0
"""Braking [m/s2] where nothing was proposed: nuPlan's comfort bound is 4.05."""


@kernel
def _roll(
    ego: NDArray,
    steer: NDArray,
    size: NDArray,
    dt: NDArray,
    decel: float,
    states: NDArray,
    controls: NDArray,
) -> None:
    """Chunks (B, T, ·) of constant braking and steering."""
    for b in range(states.shape[0]):
        x, y, yaw, v = ego[b, 0], ego[b, 1], ego[b, 2], max(ego[b, 3], 0.0)
        for t in range(states.shape[1]):
            accel = max(-decel, -v / dt[b])
            x, y, yaw, v = euler_step(x, y, yaw, v, accel, steer[b], size[b, 0], dt[b])
            states[b, t, 0], states[b, t, 1], states[b, t, 2], states[b, t, 3] = x, y, yaw, v
            controls[b, t, 0], controls[b, t, 1] = accel, steer[b]


def stopping(observation: Observation, steps: int, dt: Floats) -> Plan:
    """Straight braking for every scenario, marked as a fallback; dt: (B,) of a step [s]."""
    straight = np.zeros(len(observation.tick))
    return _unchosen(observation, straight, STOPPING, steps, dt, PlanSource.FALLBACK)


def going_on(observation: Observation, steps: int, dt: Floats) -> Plan:
    """Speed and steering angle as they are, marked as held; dt: (B,) of a step [s]."""
    return _unchosen(observation, observation.ego.steer, 0.0, steps, dt, PlanSource.HELD)


def _unchosen(
    observation: Observation,
    steer: Floats,
    decel: float,
    steps: int,
    dt: Floats,
    source: PlanSource,
) -> Plan:
    """A plan that is no candidate: constant braking [m/s2] and steering (B,) [rad]."""
    ego, batch = observation.ego, len(observation.tick)
    states, controls = np.zeros((batch, steps, 4)), np.zeros((batch, steps, 2))
    _roll(ego.state, steer, ego.size, dt, decel, states, controls)
    return Plan(
        states=states,
        controls=controls,
        chosen=np.full(batch, -1, np.int32),
        source=np.full(batch, source, np.int32),
        tick=observation.tick.copy(),
        dt=dt.copy(),
    )


def select(
    observation: Observation, candidates: Candidates, scores: Scores, margin: float = 0.0
) -> Plan:
    """The best valid candidate of every scenario; ties fall to the lowest number.

    A scenario without a valid candidate is given a stop, marked as a fallback.

    Args:
        margin: of the total by which another one has to be better than the plan that is kept.
    """
    rows = np.arange(len(observation.tick))
    total = scores.total + margin * (candidates.source == Origin.KEPT)
    total = np.where(candidates.valid, total, -np.inf)
    chosen = np.argmax(total, axis=1).astype(np.int32)
    plan = Plan(
        states=candidates.states[rows, chosen],
        controls=candidates.controls[rows, chosen],
        chosen=chosen,
        source=np.full(len(rows), PlanSource.CANDIDATE, np.int32),
        tick=observation.tick.copy(),
        dt=candidates.dt.copy(),
    )
    without = np.flatnonzero(~np.any(candidates.valid, axis=1))
    if len(without) == 0:
        return plan
    stop = stopping(take_rows(observation, without), plan.states.shape[1], plan.dt[without])
    return put_rows(plan, without, stop)
