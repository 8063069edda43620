"""Errors off the plan as affine functions of the inputs: the states are eliminated."""

from __future__ import annotations

import math
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.tables import Row

from .model import advance


class Error(IntEnum):
    """Rows of a stage: off the plan in its own frame, but steering and acceleration themselves."""

    ALONG = 0
    ACROSS = 1
    YAW = 2
    SPEED = 3
    STEER = 4
    ACCEL = 5


@kernel
def first_error(state: NDArray, steer: float, accel: float, plan: NDArray) -> NDArray:
    """(6,) `Error` of a car (4,) off one state (4,) of the plan."""
    error = np.empty(6)
    dx, dy = state[0] - plan[0], state[1] - plan[1]
    c, s = math.cos(plan[2]), math.sin(plan[2])
    error[0] = c * dx + s * dy
    error[1] = c * dy - s * dx
    error[2] = wrap_to_pi(state[2] - plan[2])
    error[3] = state[3] - plan[3]
    error[4] = steer
    error[5] = accel
    return error


@kernel
def condensed(
    first: NDArray,
    plan: NDArray,
    feed: NDArray,
    length: float,
    period: float,
    holds: NDArray,
    bounds: Row,
    gain: NDArray,
    free: NDArray,
) -> None:
    """Write the errors after every stage: ``gain[k] @ u + free[k]``, linear about the plan.

    Inputs are steering rate and jerk of each stage in turn, as parts of their bounds (-1 to 1). The
    angle and acceleration that a stage ends with hold all through it, as a plant's control does.

    Args:
        first: (6,) before the first stage. plan: (N + 1, 4). feed: (N, 2) the plan's accel, steer.
        length: of the car [m]. period: [s]. holds: (N,) stages in periods.
        gain: (N, 6, 2N) of zeros; later inputs are left at 0. free: (N, 6) without any input.
    """
    before, start = np.zeros((6, 2 * holds.shape[0])), first
    for k in range(holds.shape[0]):
        span, own = holds[k] * period, gain[k]
        used = 2 * k + 2
        own[4:, :used] = before[4:, :used]
        own[4, 2 * k] = span * bounds.steer_rate
        own[5, 2 * k + 1] = span * bounds.jerk
        free[k, 4:] = start[4:]
        accel, steer = feed[k, 0], feed[k, 1]
        end, jacobian = advance(plan[k, 3], steer, accel, length, period, holds[k])
        # where the plan is, seen from where it was; the rest is the model's disagreement with it
        dx, dy = plan[k + 1, 0] - plan[k, 0], plan[k + 1, 1] - plan[k, 1]
        c, s = math.cos(plan[k, 2]), math.sin(plan[k, 2])
        turn = wrap_to_pi(plan[k + 1, 2] - plan[k, 2])
        end[0] -= c * dx + s * dy
        end[1] -= c * dy - s * dx
        end[2] -= turn
        end[3] -= plan[k + 1, 3]
        for i in range(4):
            end[i] += jacobian[i, 0] * start[2] + jacobian[i, 1] * start[3]
            end[i] += jacobian[i, 2] * (start[4] - steer) + jacobian[i, 3] * (start[5] - accel)
            if i < 2:
                end[i] += start[i]
            for j in range(used):
                row = jacobian[i, 0] * before[2, j] + jacobian[i, 1] * before[3, j]
                row += jacobian[i, 2] * own[4, j] + jacobian[i, 3] * own[5, j]
                own[i, j] = row + (before[i, j] if i < 2 else 0.0)
        c, s = math.cos(turn), math.sin(turn)
        free[k, 0], free[k, 1] = c * end[0] + s * end[1], c * end[1] - s * end[0]
        free[k, 2], free[k, 3] = end[2], end[3]
        for j in range(used):
            ahead, left = own[0, j], own[1, j]
            own[0, j], own[1, j] = c * ahead + s * left, c * left - s * ahead
        before, start = own, free[k]
