"""A chunk as twenty numbers: ten knots of acceleration along and, beyond the route's bend, across.

A chunk goes on from what is in force: knot i is the value at 0.4 (i + 1) s, linear in between and
from the acceleration and steering angle of now on. So no change of plan is felt as a jerk, and full
braking is there after 0.4 s. Across, a knot is the lateral
acceleration beyond what the route's own curvature asks for: ``kappa = kappa_route + across /
max(v, 5 m/s)^2``, so zeros follow the route, and an error weighs the same at any speed. The
kinematic bicycle turns knots into states, so every chunk can be driven. Compiled, row by row.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.lines import project, rows_in_use, sample
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Row, Table
from drivestack.core.types import EgoState, Floats, Route

from .rollout import carried_on, moved

KNOTS, CHANNELS, EVERY = 10, 2, 4
"""Knots of a channel; channels: along, across; steps of 0.1 s from one knot to the next."""

STEPS, DT = 40, 0.1
"""T, and a step [s]; as all proposers have it."""

DIMENSIONS = KNOTS * CHANNELS


@dataclass(frozen=True, slots=True)
class Drawing:
    """How knots become a chunk.

    Attributes:
        slow: speed below which an acceleration across is reckoned with this one [m/s]; issue.
        least_accel: [m/s2]; the bound of `safety.envelope`. most_accel: [m/s2]; below nuPlan's
        bound of comfort, 2.40: nobody is safer for more.
        gentle, jerk: bounds of braking [m/s2] and of its changes [m/s3] for chunks without a knot
        below `abrupt` [m/s2], which brakes for dear life; see `EASED`.
        max_steer: highway-env's pi/3. steer_rate: [rad/s], as in `pdm_lane`.
        window: the route's curvature is that of so many metres back and ahead; our choice: lines
        are rows of 1 or 2 m, and a kink between lanes is bridged over some metres.
        still: below this speed steering says nothing [m/s]. held: a chunk that moves less than this
        [m] is a stop. Both: issue.
        hold: the knots of standing [m/s2]; our choice: far enough from 0 that noise does not creep.
        faint: weight of a step that says nothing, for which 0 is as good as anything. Our choice.
        dt: of a step [s].
    """

    slow: float = 5.0
    least_accel: float = -8.0
    most_accel: float = 2.2
    gentle: float = -8.0
    jerk: float = math.inf
    abrupt: float = -5.0
    max_steer: float = math.pi / 3.0
    steer_rate: float = 1.0
    window: float = 3.0
    still: float = 0.5
    held: float = 0.3
    hold: float = -1.0
    faint: float = 1e-3
    dt: float = DT


EASED = Drawing(gentle=-3.3, jerk=2.5)
"""How samples are drawn: as `wide.WITH_EASE`, below nuPlan's bounds of comfort, -4.05 m/s2 and 4.13
m/s3, with room for whoever tracks them. Samples lie on both sides of what they were learned from,
and half of those near a bound would break it. Our choice."""


def unrolled(
    ego: EgoState, route: Route, knots: Floats, drawing: Drawing | None = None
) -> tuple[Floats, Floats]:
    """The chunks that knots (B, K, 10, 2) are: states (B, K, 40, 4) and controls (B, K, 40, 2).

    A row without a route is drawn as if its route was straight.
    """
    batch, count = knots.shape[:2]
    states = np.zeros((batch, count, STEPS, 4))
    controls = np.zeros((batch, count, STEPS, 2))
    _unroll(
        ego.state, ego.accel, ego.steer, ego.size, route.line, route.valid, route.spacing, knots,
        EVERY, parameter_table(drawing or Drawing()), states, controls,
    )  # fmt: skip
    return states, controls


def knots_of(
    ego: EgoState,
    route: Route,
    states: Floats,
    controls: Floats,
    drawing: Drawing | None = None,
) -> Floats:
    """The knots (B, K, 10, 2) nearest to chunks (B, K, 40, 4) and their controls (B, K, 40, 2).

    Least squares over the steps. What a car does while it stands says nothing: along, standing is
    `hold`; across, it counts for next to nothing.
    """
    knots = np.zeros((*states.shape[:2], KNOTS, CHANNELS))
    _fit(
        ego.state, ego.accel, ego.steer, ego.size, route.line, route.valid, route.spacing, states,
        controls, EVERY,
        parameter_table(drawing or Drawing()), knots,
    )  # fmt: skip
    return knots


@hot_kernel
def route_bend(line: NDArray, n: int, spacing: float, s: float, window: float) -> float:
    """Curvature [1/m] of a line about s [m]; 0 of none, and beyond its ends."""
    if n < 2:
        return 0.0
    _, _, before = sample(line, n, spacing, s - window)
    _, _, after = sample(line, n, spacing, s + window)
    return wrap_to_pi(after - before) / (2.0 * window)


@hot_kernel
def _at_step(now: float, knots: NDArray, channel: int, step: int, every: int) -> float:
    """The value of a channel at the end of a step; `now`: what is in force before the first."""
    i = step // every
    part = (step + 1 - i * every) / every
    before = knots[i - 1, channel] if i > 0 else now
    return (1.0 - part) * before + part * knots[i, channel]


@hot_kernel
def steering_for(bend: float, length: float, most: float) -> float:
    """The steering angle [rad] of a curvature [1/m], at most so much."""
    slip = math.asin(min(max(0.5 * length * bend, -1.0), 1.0))
    return min(max(math.atan(2.0 * math.tan(slip)), -most), most)


@hot_kernel
def _across(steer: float, length: float, route: float, reckoned: float) -> float:
    """Lateral acceleration [m/s2] of a steering angle beyond a route's curvature [1/m]."""
    # the bicycle about its middle: curvature is 2 sin(slip) / length
    bend = 2.0 * math.sin(math.atan(0.5 * math.tan(steer))) / length
    return (bend - route) * reckoned * reckoned


@hot_kernel
def _place(line: NDArray, n: int, spacing: float, x: float, y: float) -> float:
    """Where on a line a point is, s [m]."""
    if n < 2:
        return 0.0
    s, _ = project(line, 0, n - 1, spacing, x, y)
    return s


@hot_kernel
def _bounds(now: float, knots: NDArray, drawing: Row) -> tuple[float, float, float]:
    """The hardest braking of a chunk [m/s2], its largest change in a step, and where it begins."""
    for i in range(knots.shape[0]):
        if knots[i, 0] < drawing.abrupt:
            return drawing.least_accel, math.inf, now
    return drawing.gentle, drawing.jerk * drawing.dt, max(now, drawing.gentle)


@hot_kernel
def _draw(
    state: NDArray, accel_now: float, steer: float, length: float, line: NDArray, n: int,
    spacing: float, knots: NDArray, every: int, drawing: Row, states: NDArray, controls: NDArray,
) -> float:  # fmt: skip
    """One chunk; returns how far it goes [m]."""
    x, y, yaw, v = state[0], state[1], state[2], max(state[3], 0.0)
    s, gone, dt = _place(line, n, spacing, x, y), 0.0, drawing.dt
    bend_now = route_bend(line, n, spacing, s, drawing.window)
    across_now = _across(steer, length, bend_now, max(v, drawing.slow))
    least, change, accel = _bounds(accel_now, knots, drawing)
    for t in range(states.shape[0]):
        wished = min(max(_at_step(accel_now, knots, 0, t, every), least), drawing.most_accel)
        accel = max(min(max(wished, accel - change), accel + change), -v / dt)
        reckoned = max(v, drawing.slow)
        bend = route_bend(line, n, spacing, s, drawing.window)
        bend += _at_step(across_now, knots, 1, t, every) / (reckoned * reckoned)
        wanted = steering_for(bend, length, drawing.max_steer)
        most = drawing.steer_rate * dt
        steer = min(max(wanted, steer - most), steer + most)
        controls[t, 0], controls[t, 1] = accel, steer
        travelled = v * dt
        x, y, yaw, v = moved(x, y, yaw, v, accel, steer, length, dt)
        states[t, 0], states[t, 1], states[t, 2], states[t, 3] = x, y, yaw, v
        gone += travelled
        if n >= 2:
            s = carried_on(line, n, spacing, s, travelled, x, y)
    return gone


@hot_kernel
def _hold(
    state: NDArray, steer: float, length: float, drawing: Row, states: NDArray, controls: NDArray
) -> None:
    """A chunk that stands, or comes to stand from next to nothing."""
    x, y, yaw, v = state[0], state[1], state[2], max(state[3], 0.0)
    for t in range(states.shape[0]):
        accel = max(drawing.hold, -v / drawing.dt)
        controls[t, 0], controls[t, 1] = accel, steer
        x, y, yaw, v = moved(x, y, yaw, v, accel, steer, length, drawing.dt)
        states[t, 0], states[t, 1], states[t, 2], states[t, 3] = x, y, yaw, v


@kernel
def _unroll(
    ego: NDArray, accel: NDArray, steer: NDArray, size: NDArray, lines: NDArray,
    valid: NDArray, spacing: NDArray, knots: NDArray, every: int, drawings: Table,
    states: NDArray, controls: NDArray,
) -> None:  # fmt: skip
    """All chunks, each by itself."""
    drawing = drawings[0]
    for b in range(knots.shape[0]):
        n = rows_in_use(valid[b])
        for k in range(knots.shape[1]):
            gone = _draw(
                ego[b], accel[b], steer[b], size[b, 0], lines[b], n, spacing[b], knots[b, k], every,
                drawing, states[b, k], controls[b, k],
            )  # fmt: skip
            if gone < drawing.held:
                _hold(ego[b], steer[b], size[b, 0], drawing, states[b, k], controls[b, k])


@kernel
def _add(
    now: float, step: int, every: int, value: float, weight: float, diagonal: NDArray,
    above: NDArray, right: NDArray,
) -> None:  # fmt: skip
    """One step's share of the normal equations: it touches two knots that are neighbours."""
    i = step // every
    part = (step + 1 - i * every) / every
    diagonal[i] += weight * part * part
    if i == 0:
        right[0] += weight * part * (value - (1.0 - part) * now)
        return
    diagonal[i - 1] += weight * (1.0 - part) * (1.0 - part)
    above[i - 1] += weight * part * (1.0 - part)
    right[i - 1] += weight * (1.0 - part) * value
    right[i] += weight * part * value


@kernel
def _solve(diagonal: NDArray, above: NDArray, right: NDArray, knots: NDArray, channel: int) -> None:
    """The tridiagonal normal equations by elimination (Thomas); changes its arguments."""
    last = diagonal.shape[0] - 1
    for i in range(1, last + 1):
        factor = above[i - 1] / diagonal[i - 1]
        diagonal[i] -= factor * above[i - 1]
        right[i] -= factor * right[i - 1]
    knots[last, channel] = right[last] / diagonal[last]
    for i in range(last - 1, -1, -1):
        knots[i, channel] = (right[i] - above[i] * knots[i + 1, channel]) / diagonal[i]


@kernel
def _fit_one(
    state: NDArray, accel_now: float, steer_now: float, length: float, line: NDArray, n: int,
    spacing: float, states: NDArray, controls: NDArray, every: int, drawing: Row, knots: NDArray,
) -> None:  # fmt: skip
    """The knots of one chunk."""
    gone, v = 0.0, max(state[3], 0.0)
    for t in range(states.shape[0]):
        gone += v * drawing.dt
        v = states[t, 3]
    knots[:, 0], knots[:, 1] = drawing.hold, 0.0
    if gone < drawing.held:
        return
    count = knots.shape[0]
    along, along_above, along_right = np.zeros(count), np.zeros(count), np.zeros(count)
    across, across_above, across_right = np.zeros(count), np.zeros(count), np.zeros(count)
    x, y, v = state[0], state[1], max(state[3], 0.0)
    s = _place(line, n, spacing, x, y)
    bend_now = route_bend(line, n, spacing, s, drawing.window)
    across_now = _across(steer_now, length, bend_now, max(v, drawing.slow))
    for t in range(states.shape[0]):
        stands = v <= 0.0 and states[t, 3] <= 0.0
        accel = drawing.hold if stands else controls[t, 0]
        _add(accel_now, t, every, accel, 1.0, along, along_above, along_right)
        bend = route_bend(line, n, spacing, s, drawing.window)
        beyond = _across(controls[t, 1], length, bend, max(v, drawing.slow))
        speaks = v >= drawing.still
        _add(
            across_now, t, every, beyond if speaks else 0.0, 1.0 if speaks else drawing.faint,
            across, across_above, across_right,
        )  # fmt: skip
        travelled = v * drawing.dt
        x, y, v = states[t, 0], states[t, 1], states[t, 3]
        if n >= 2:
            s = carried_on(line, n, spacing, s, travelled, x, y)
    _solve(along, along_above, along_right, knots, 0)
    _solve(across, across_above, across_right, knots, 1)


@kernel
def _fit(
    ego: NDArray, accel: NDArray, steer: NDArray, size: NDArray, lines: NDArray,
    valid: NDArray, spacing: NDArray, states: NDArray, controls: NDArray, every: int,
    drawings: Table, knots: NDArray,
) -> None:  # fmt: skip
    """The knots of all chunks."""
    for b in range(states.shape[0]):
        n = rows_in_use(valid[b])
        for k in range(states.shape[1]):
            _fit_one(
                ego[b], accel[b], steer[b], size[b, 0], lines[b], n, spacing[b], states[b, k],
                controls[b, k], every, drawings[0], knots[b, k],
            )  # fmt: skip
