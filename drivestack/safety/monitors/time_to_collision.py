"""Time to collision: the last moment to brake for who is in the way of the commanded control.

The control is held for a while, the others keep their velocities. Braking is due where the contact
comes sooner than full braking and a reaction take: ``closing speed / (2 brake) + reaction``, the
form of UN R157's 'cut-in must be avoided' (safety.md, 3).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.geometry import boxes_overlap
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Row, Table
from drivestack.core.types import Filtering, Floats, Observation, Plan

from ..bounds import Nothing


@dataclass(frozen=True, slots=True)
class TimeToCollision:
    """Asks for the emergency brake.

    Attributes:
        period: time a control is held [s].
        brake: deceleration counted on [m/s2]. reaction: [s]; both UN R157's.
        full: acceleration of the emergency brake [m/s2]; the envelope's least.
        step, horizon: of the look ahead [s]; at 30 m/s towards a standing car the limit is 2.85 s.
        most_steer: [rad]; highway-env's MAX_STEERING_ANGLE.
    """

    period: float
    brake: float = 6.0
    reaction: float = 0.35
    full: float = -8.0
    step: float = 0.1
    horizon: float = 3.0
    most_steer: float = math.pi / 3.0

    @property
    def columns(self) -> Mapping[str, Filtering]:
        """One."""
        return {"time_to_collision": Filtering.EMERGENCY_BRAKE}

    def start(self, batch: int) -> Nothing:
        """It remembers nothing."""
        return Nothing()

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Nothing, found: Table
    ) -> Nothing:
        """The value is the limit minus the time to collision [s], at least 0; the limit is 0."""
        ego, tracks = observation.ego, observation.tracks
        _check(ego.state, ego.size, control, tracks.state[:, :, -1], tracks.size, tracks.id,
               tracks.valid[:, :, -1], parameter_table(self), found)  # fmt: skip
        return memory


@kernel
def _meets(
    ego: NDArray, size: NDArray, accel: float, steer: float, other: NDArray, box: NDArray, own: Row
) -> tuple[float, float]:
    """Time [s] of the first contact at the ego's front, and the closing speed [m/s] then.

    Infinite where there is none, where both touch already, or where the other is not ahead then.
    """
    x, y, yaw, v = ego[0], ego[1], ego[2], ego[3]
    beta = math.atan(0.5 * math.tan(steer))
    turn = math.sin(beta) / (0.5 * size[0])
    there_x, there_y = other[0], other[1]
    vx, vy = other[3] * math.cos(other[2]), other[3] * math.sin(other[2])
    for i in range(int(own.horizon / own.step + 0.5) + 1):
        if boxes_overlap(x, y, yaw, size[0], size[1], there_x, there_y, other[2], box[0], box[1]):
            c, s = math.cos(yaw), math.sin(yaw)
            ahead = (there_x - x) * c + (there_y - y) * s
            closing = v - (vx * c + vy * s)
            if i == 0 or ahead <= 0.0 or closing <= 0.0:
                return math.inf, 0.0
            return i * own.step, closing
        x += v * math.cos(yaw + beta) * own.step
        y += v * math.sin(yaw + beta) * own.step
        yaw += v * turn * own.step
        v = max(v + accel * own.step, 0.0)
        there_x += vx * own.step
        there_y += vy * own.step
    return math.inf, 0.0


@kernel
def _check(
    ego: NDArray, size: NDArray, control: NDArray, others: NDArray, boxes: NDArray, id: NDArray,
    valid: NDArray, table: Table, found: Table,
) -> None:  # fmt: skip
    """Write the worst of every scenario; ties fall to the first road user."""
    own = table[0]
    for b in range(ego.shape[0]):
        mine = found[0, b]
        steer = min(max(control[b, 1], -own.most_steer), own.most_steer)
        # what it gains by accelerating it can brake away again, so only braking is believed
        accel = min(control[b, 0], 0.0)
        if not (math.isfinite(accel) and math.isfinite(steer)) or ego[b, 3] <= 0.0:
            continue
        for n in range(others.shape[1]):
            if not valid[b, n]:
                continue
            dx, dy = others[b, n, 0] - ego[b, 0], others[b, n, 1] - ego[b, 1]
            speeds = ego[b, 3] + abs(others[b, n, 3])
            reach = speeds * own.horizon + 0.5 * (
                size[b, 0] + size[b, 1] + boxes[b, n, 0] + boxes[b, n, 1]
            )
            if dx * dx + dy * dy > reach * reach:
                continue
            time, closing = _meets(ego[b], size[b], accel, steer, others[b, n], boxes[b, n], own)
            late = closing / (2.0 * own.brake) + own.reaction - time
            if late > mine.value:
                mine.value, mine.failed = late, True
                mine.object, mine.has_object = id[b, n], True
        if mine.failed:
            mine.high[0] = max(own.full, -ego[b, 3] / own.period)
