"""Worst time to collision: how soon two road users can meet if both try.

Each is a disc that moves on at constant velocity and grows by the way its acceleration, in any
direction, can add: no driver, no steering geometry, so nothing real happens sooner.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.episode import Reason
from drivestack.core.meeting import growing_discs_meet
from drivestack.core.types import Floats
from drivestack.metrics.evidence import Evidence

from .extremes import least
from .pairs import Pairs

ACCELERATION = 11.5
"""Largest acceleration in any direction [m/s2]; CriMe's vehicle."""

_TINY = 1e-300
"""Keeps 0 / 0 from discs that stand and touch."""

_THIRDS = np.array([-1.0, 0.0, 1.0]) / 3.0
"""Where the centres of three discs that cover a box stand along it, in lengths."""


def worst_time_to_collision(
    position: Floats, velocity: Floats, reach: Floats, acceleration: Floats
) -> Floats:
    """First time t >= 0 at which abs(position + velocity t) = reach + acceleration t^2 / 2 [s].

    Args:
        position, velocity: (..., 2) of the other's disc relative to the own [m], [m/s].
        reach: (...) sum of both radii [m]. acceleration: (...) sum of both, positive [m/s2].

    Source: Wachenfeld et al. 2016; reference safety.md, section 2 (a static other adds nothing).

    Raises:
        ValueError: an acceleration is not positive.
    """
    acceleration = np.broadcast_to(np.asarray(acceleration, np.float64), position.shape[:-1])
    if (acceleration <= 0.0).any():
        raise ValueError("worst_time_to_collision: accelerations must be positive")
    reach = np.broadcast_to(np.asarray(reach, np.float64), position.shape[:-1])
    flat = [np.ascontiguousarray(a.reshape(-1, 2)) for a in (position, velocity)]
    sums = [np.ascontiguousarray(a.ravel()) for a in (reach, acceleration)]
    return _meeting_times(*flat, *sums).reshape(position.shape[:-1])


@kernel
def _meeting_times(
    position: NDArray, velocity: NDArray, reach: NDArray, acceleration: NDArray
) -> NDArray:
    """Times (R,) of rows of `worst_time_to_collision`."""
    times = np.empty(position.shape[0])
    for i in range(position.shape[0]):
        x, y, u, w = position[i, 0], position[i, 1], velocity[i, 0], velocity[i, 1]
        dd, dv, vv = x * x + y * y, x * u + y * w, u * u + w * w
        times[i] = growing_discs_meet(dd, dv, vv, reach[i], acceleration[i])
    return times


def disc_radius(size: Floats) -> Floats:
    """Radius [m] of each of three discs that cover boxes of size (..., 2) [m]."""
    return np.hypot(size[..., 0] / 6.0, size[..., 1] / 2.0)


@kernel
def straight_time(dd: float, vv: float, reach: float, acceleration: float, tiny: float) -> float:
    """When discs would meet that move straight at each other [s]: a lower bound of the worst time.

    Args:
        dd, vv: squares of distance [m] and relative speed [m/s]. tiny: keeps 0 / 0 away.
    """
    room = max(math.sqrt(dd) - reach, 0.0)
    # this form of the root is exact where the room is 0
    return 2.0 * room / (math.sqrt(vv) + math.sqrt(vv + 2.0 * acceleration * room) + tiny)


def soonest_times_of(pairs: Pairs) -> Floats:
    """Worst time to collision of every pair (R,) [s]: the soonest of three discs against three.

    Infinite where another pair before it meets sooner: exact times cost much more than lower
    bounds, and few bounds are below the best found so far. The discs cover the boxes, so it is
    never above the time to collision of these.
    """
    reach = disc_radius(pairs.ego_size) + disc_radius(pairs.size)
    acceleration = ACCELERATION * np.where(pairs.driven, 2.0, 1.0)
    return _soonest(pairs.pose, pairs.velocity(), float(pairs.ego_size[0]), pairs.size[:, 0].copy(),
                    reach, acceleration, _THIRDS, _TINY)  # fmt: skip


@kernel
def _soonest(
    pose: NDArray, velocity: NDArray, ego_length: float, length: NDArray, reach: NDArray,
    acceleration: NDArray, thirds: NDArray, tiny: float,
) -> NDArray:  # fmt: skip
    """Times (R,); `thirds`: (3,) where the discs of a box stand along it, in lengths."""
    times = np.full(pose.shape[0], np.inf)
    best = math.inf
    for i in range(pose.shape[0]):
        x, y, u, w = pose[i, 0], pose[i, 1], velocity[i, 0], velocity[i, 1]
        vv = u * u + w * w
        # no disc is farther from its box's centre than the last third
        widest = reach[i] + thirds[-1] * (ego_length + length[i])
        # rounding may put a time's own bound above it
        if straight_time(x * x + y * y, vv, widest, acceleration[i], tiny) > best + 1e-9:
            continue
        along_x, along_y = math.cos(pose[i, 2]) * length[i], math.sin(pose[i, 2]) * length[i]
        for other in thirds:
            for own in thirds:
                dx, dy = x + other * along_x - own * ego_length, y + other * along_y
                dd, dv = dx * dx + dy * dy, dx * u + dy * w
                if straight_time(dd, vv, reach[i], acceleration[i], tiny) <= best + 1e-9:
                    time = growing_discs_meet(dd, dv, vv, reach[i], acceleration[i])
                    times[i] = min(times[i], time)
                    best = min(best, time)
    return times


@dataclass(frozen=True, slots=True)
class WorstTimeToCollision:
    """`min_wttc_s` [s] against every other road user."""

    names: tuple[str, ...] = ("min_wttc_s",)

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """The least of an episode; absent where the ego is always alone."""
        times = soonest_times_of(evidence.pairs)
        what = "least time to collision if both try"
        return (least(evidence, "min_wttc_s", times, what, "s"),)
