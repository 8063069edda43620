"""The plan, sampled where the MPC looks: its own states and controls, prolonged at both ends."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.frames import wrap_to_pi

from .model import slip


@kernel
def state_at(
    states: NDArray, controls: NDArray, dt: float, length: float, time: float
) -> tuple[float, float, float, float]:
    """A plan's state x, y, yaw, v at a time [s] after its start.

    Chunks are explicit Euler, hence linear between samples, which holds for the piece before the
    first one too. After the last one the car goes on at its last speed and curvature.

    Args:
        states: (T, 4) at (i + 1) dt. controls: (T, 2). dt: [s]. length: of the car [m].
    """
    last = states.shape[0] - 1
    i = min(max(int(math.ceil(time / dt)) - 1, 0), last)
    x, y, yaw, v = states[i, 0], states[i, 1], states[i, 2], states[i, 3]
    ahead = time - (i + 1) * dt  # at most 0 within the plan
    beta, _ = slip(controls[i, 1])
    curvature = math.sin(beta) / (length / 2.0)
    if ahead > 0.0:
        half = 0.5 * v * curvature * ahead
        chord = v * ahead * (math.sin(half) / half if half != 0.0 else 1.0)
        course = yaw + beta + half
        return x + chord * math.cos(course), y + chord * math.sin(course), yaw + 2.0 * half, v
    if i > 0:
        part = ahead / dt
        return (
            x + part * (x - states[i - 1, 0]),
            y + part * (y - states[i - 1, 1]),
            yaw + part * wrap_to_pi(yaw - states[i - 1, 2]),
            v + part * (v - states[i - 1, 3]),
        )
    before = max(v - controls[0, 0] * dt, 0.0)
    start = yaw - before * curvature * dt
    return (
        x + ahead * before * math.cos(start + beta),
        y + ahead * before * math.sin(start + beta),
        yaw + ahead * before * curvature,
        v + ahead / dt * (v - before),
    )


@kernel
def control_at(controls: NDArray, dt: float, time: float) -> tuple[float, float]:
    """A plan's acceleration [m/s2] and steering angle [rad] in force at a time [s]."""
    last = controls.shape[0] - 1
    i = min(max(int(time / dt), 0), last)
    return (0.0 if time > (last + 1) * dt else controls[i, 0]), controls[i, 1]


@kernel
def sampled(
    states: NDArray,
    controls: NDArray,
    dt: float,
    length: float,
    begin: float,
    period: float,
    holds: NDArray,
) -> tuple[NDArray, NDArray]:
    """The plan on the MPC's grid.

    Args:
        begin: time of the first stage after the plan's start [s]. period: [s].
        holds: (N,) length of every stage in periods.

    Returns:
        (N + 1, 4) states at the borders of the stages, (N, 2) accel, steer in their middles.
    """
    n = holds.shape[0]
    states_at, controls_at = np.empty((n + 1, 4)), np.empty((n, 2))
    time = begin
    for k in range(n + 1):
        x, y, yaw, v = state_at(states, controls, dt, length, time)
        states_at[k, 0], states_at[k, 1], states_at[k, 2], states_at[k, 3] = x, y, yaw, v
        if k < n:
            span = holds[k] * period
            accel, steer = control_at(controls, dt, time + 0.5 * span)
            controls_at[k, 0], controls_at[k, 1] = accel, steer
            time += span
    return states_at, controls_at
