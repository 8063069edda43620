"""Choose the plan: the valid candidate with the largest total, or a stop where there is none."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.types import Bools, Candidates, Observation, Plan, PlanSource, Scores

STOPPING = 4.0
"""Braking [m/s2] where nothing was proposed: nuPlan's comfort bound is 4.05."""


@kernel
def _stop(ego: NDArray, dt: NDArray, decel: float, states: NDArray, controls: NDArray) -> None:
    """Straight braking chunks (B, T, ·)."""
    for b in range(states.shape[0]):
        x, y, yaw, v = ego[b, 0], ego[b, 1], ego[b, 2], max(ego[b, 3], 0.0)
        c, s = math.cos(yaw), math.sin(yaw)
        for t in range(states.shape[1]):
            accel = max(-decel, -v / dt[b])
            x += v * c * dt[b]
            y += v * s * dt[b]
            v = max(v + accel * dt[b], 0.0)
            states[b, t, 0], states[b, t, 1], states[b, t, 2], states[b, t, 3] = x, y, yaw, v
            controls[b, t, 0], controls[b, t, 1] = accel, 0.0


def select(observation: Observation, candidates: Candidates, scores: Scores) -> Plan:
    """The best valid candidate of every scenario; ties fall to the lowest number."""
    rows = np.arange(len(observation.tick))
    total = np.where(candidates.valid, scores.total, -np.inf)
    chosen = np.argmax(total, axis=1).astype(np.int32)
    some: Bools = np.any(candidates.valid, axis=1)
    states = candidates.states[rows, chosen]
    controls = candidates.controls[rows, chosen]
    if not some.all():
        stop, braking = np.zeros_like(states), np.zeros_like(controls)
        _stop(observation.ego.state, candidates.dt, STOPPING, stop, braking)
        states = np.where(some[:, None, None], states, stop)
        controls = np.where(some[:, None, None], controls, braking)
    source = np.where(some, PlanSource.CANDIDATE, PlanSource.FALLBACK).astype(np.int32)
    return Plan(
        states=states,
        controls=controls,
        chosen=np.where(some, chosen, -1).astype(np.int32),
        source=source,
        tick=observation.tick.copy(),
        dt=candidates.dt.copy(),
    )
