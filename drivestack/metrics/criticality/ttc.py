"""Time to collision: when two road users meet if nobody changes anything.

Three forms: along one line at constant speeds, along one line at constant accelerations, and boxes
in the plane at constant velocities, which needs no lanes and is exact for crossing traffic too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.episode import Reason
from drivestack.core.meeting import boxes_meet
from drivestack.core.types import Floats
from drivestack.metrics.evidence import Evidence

from .exposure import CRITICAL, exposure
from .extremes import least
from .pairs import Pairs


def time_to_collision(gap: Floats, closing: Floats) -> Floats:
    """Time until a gap closes at constant speeds [s], infinite unless it shrinks.

    Args:
        gap: from front to rear [m], any shape. closing: own speed less the lead's [m/s].

    Source: reference safety.md, section 2: gap / (v1 - v2). A gap that is gone gives 0.
    """
    gap, closing = np.broadcast_arrays(np.maximum(gap, 0.0), closing)
    time = np.full(gap.shape, math.inf)
    np.divide(gap, closing, out=time, where=closing > 0.0)
    return np.where(gap == 0.0, 0.0, time)


def time_to_collision_accelerating(gap: Floats, closing: Floats, acceleration: Floats) -> Floats:
    """Time until a gap closes at constant accelerations [s], infinite where it never does.

    The smallest root t >= 0 of gap - closing t + acceleration t^2 / 2 = 0.

    Args:
        gap: [m], any shape. closing: own speed less the lead's [m/s].
        acceleration: the lead's less the own, signed [m/s2].

    Source: reference safety.md, section 2; Jansson 2005, (5.26). CriMe drops the lead's sign.
    """
    gap, closing, acceleration = np.broadcast_arrays(np.maximum(gap, 0.0), closing, acceleration)
    inside = closing * closing - 2.0 * acceleration * gap
    # this form of the root has no division by an acceleration that may be 0
    divisor = closing + np.sqrt(np.maximum(inside, 0.0))
    time = np.full(gap.shape, math.inf)
    np.divide(2.0 * gap, divisor, out=time, where=(inside >= 0.0) & (divisor > 0.0))
    return np.where(gap == 0.0, 0.0, time)


def time_to_overlap(pose: Floats, size: Floats, ego_size: Floats, velocity: Floats) -> Floats:
    """Time until two boxes touch at constant velocities and headings [s], else infinite.

    Args:
        pose: (..., 3) the other's x, y [m], yaw [rad] in the ego's frame.
        size: (..., 2) its length and width [m]. ego_size: (2,).
        velocity: (..., 2) of the other relative to the ego, in the ego's frame [m/s].
    """
    shape = pose.shape[:-1]
    rows = [np.ascontiguousarray(a.reshape(-1, a.shape[-1])) for a in (pose, size, velocity)]
    return _overlap_times(rows[0], rows[1], ego_size, rows[2]).reshape(shape)


@kernel
def _overlap_times(pose: NDArray, size: NDArray, ego_size: NDArray, velocity: NDArray) -> NDArray:
    """Times (R,) of rows of `time_to_overlap`."""
    times = np.empty(pose.shape[0])
    a, b = 0.5 * ego_size[0], 0.5 * ego_size[1]
    for i in range(pose.shape[0]):
        times[i] = boxes_meet(pose[i, 0], pose[i, 1], pose[i, 2], velocity[i, 0], velocity[i, 1],
                              a, b, 0.5 * size[i, 0], 0.5 * size[i, 1])  # fmt: skip
    return times


def times_of(pairs: Pairs) -> Floats:
    """Time to collision of every pair (R,) as boxes in the plane [s]."""
    return time_to_overlap(pairs.pose, pairs.size, pairs.ego_size, pairs.velocity())


@dataclass(frozen=True, slots=True)
class LeadTimeToCollision:
    """`min_ttc_s` [s]; `tet_s` [s] and `tit_s2` [s2], see `exposure`.

    Boxes in the plane, every other road user; the worst of each tick counts for the exposures.
    """

    names: tuple[str, ...] = ("min_ttc_s", "tet_s", "tit_s2")

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """The least time, absent where nothing is ever on the way to a collision; exposures."""
        times = times_of(evidence.pairs)
        worst = np.full(len(evidence.drive.ego), math.inf)
        np.minimum.at(worst, evidence.pairs.row, times)
        exposed, integrated = (float(x) for x in exposure(worst, evidence.episode.dt, CRITICAL))
        below = f"with a time to collision below {CRITICAL:g} s"
        return (
            least(evidence, "min_ttc_s", times, "least time to collision", "s"),
            Reason("tet_s", exposed, f"{exposed:.2f} s {below}", None, None, exposed, CRITICAL),
            Reason("tit_s2", integrated, f"{integrated:.2f} s2 {below}, depth times duration",
                   None, None, integrated, CRITICAL),
        )  # fmt: skip
