"""Other plans for the same moment: along the same way at another speed, or beside it."""

from __future__ import annotations

import math
from dataclasses import replace
from enum import IntEnum

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.types import Candidates, Plan, PlanSource


class Variation(IntEnum):
    """How a plan came about."""

    CHOSEN = 0
    """By the stack; the only one where rates are natural."""
    CANDIDATE = 1
    """By the stack, which did not choose it."""
    PACE = 2
    """The chosen way at a constant acceleration from the present speed."""
    BRAKE = 3
    """The chosen way at the present speed, and after a while braked on."""
    SWERVE = 4
    """Beside the chosen way, at a constant acceleration."""


OF_ONE = (
    Variation.CHOSEN,
    Variation.CANDIDATE,
    Variation.PACE,
    Variation.PACE,
    Variation.BRAKE,
    Variation.SWERVE,
)
"""Plans that are executed for one moment. Our choice."""

ACCEL, BRAKE, WAIT, ASIDE, WHILE = (-2.0, 3.0), (-6.0, -2.0), (0.3, 1.8), (1.0, 4.5), (1.5, 3.0)
"""Ranges of an acceleration [m/s2], a braking [m/s2] and when it begins [s], a way aside [m] and
how long that takes [s]. Our choice: what a planner that sees too little might do."""


def varied(
    plan: Plan, candidates: Candidates, row: int, kind: Variation, draw: Generator
) -> tuple[NDArray, NDArray]:
    """States (T, 4) and controls (T, 2) of another plan for one scenario."""
    if kind is Variation.CHOSEN:
        return plan.states[row], plan.controls[row]
    if kind is Variation.CANDIDATE:
        valid = np.flatnonzero(candidates.valid[row])
        fits = candidates.states.shape[2] == plan.states.shape[1]
        if len(valid) == 0 or not fits:
            return plan.states[row], plan.controls[row]
        k = int(valid[draw.integers(len(valid))])
        return candidates.states[row, k], candidates.controls[row, k]
    first, later, begins, aside, during = draw.uniform(*ACCEL), 0.0, 1e9, 0.0, 1.0
    if kind is Variation.BRAKE:
        first, later, begins = 0.0, draw.uniform(*BRAKE), draw.uniform(*WAIT)
    if kind is Variation.SWERVE:
        aside = draw.choice((-1.0, 1.0)) * draw.uniform(*ASIDE)
        during = draw.uniform(*WHILE)
    states, controls = np.zeros_like(plan.states[row]), np.zeros_like(plan.controls[row])
    _drive(plan.states[row], float(plan.dt[row]), first, later, begins, aside, during,
           states, controls)  # fmt: skip
    return states, controls


def with_chunks(plan: Plan, rows: NDArray[np.intp], chunks: list[tuple[NDArray, NDArray]]) -> Plan:
    """Plans of the same moments as some rows of a plan, one for each chunk."""
    return replace(
        plan,
        states=np.stack([states for states, _ in chunks]),
        controls=np.stack([controls for _, controls in chunks]),
        chosen=np.full(len(rows), -1, np.int32),
        source=np.full(len(rows), PlanSource.HELD, np.int32),
        tick=plan.tick[rows],
        dt=plan.dt[rows],
    )


@kernel
def _on_way(way: NDArray, s: float) -> tuple[float, float, float]:
    """The pose after s [m] along a chunk, prolonged at its end."""
    gone, last = 0.0, way.shape[0] - 1
    for i in range(last):
        dx, dy = way[i + 1, 0] - way[i, 0], way[i + 1, 1] - way[i, 1]
        step = math.sqrt(dx * dx + dy * dy)
        if gone + step >= s and step > 1e-9:
            part = (s - gone) / step
            turn = way[i + 1, 2] - way[i, 2]
            turn -= 2.0 * math.pi * math.floor(turn / (2.0 * math.pi) + 0.5)
            return way[i, 0] + part * dx, way[i, 1] + part * dy, way[i, 2] + part * turn
        gone += step
    rest, yaw = s - gone, way[last, 2]
    return way[last, 0] + rest * math.cos(yaw), way[last, 1] + rest * math.sin(yaw), yaw


@kernel
def _drive(
    way: NDArray, dt: float, first: float, later: float, begins: float, aside: float,
    during: float, states: NDArray, controls: NDArray,
) -> None:  # fmt: skip
    """Along a way: one acceleration, from some time on another, drifting aside with a half sine."""
    s, v, before = 0.0, max(way[0, 3], 0.0), 0.0
    for i in range(states.shape[0]):
        t = i * dt
        accel = max(first if t < begins else later, -v / dt)
        part = min(t / during, 1.0)
        shift = aside * 0.5 * (1.0 - math.cos(math.pi * part))
        x, y, yaw = _on_way(way, s)
        drift = math.atan2(shift - before, max(v * dt, 0.1)) if i > 0 else 0.0
        states[i, 0], states[i, 1] = x - shift * math.sin(yaw), y + shift * math.cos(yaw)
        states[i, 2], states[i, 3] = yaw + drift, v
        controls[i, 0], controls[i, 1] = accel, 0.0
        s += v * dt + 0.5 * accel * dt * dt
        v = max(v + accel * dt, 0.0)
        before = shift
