"""A forecast seen from a line: who is where along it at which time; leaders and conflicts."""

from __future__ import annotations

import math
from typing import NamedTuple

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.lines import project, sample
from drivestack.core.tables import Row

SEEN = 6
"""Columns: s, lateral [m], half extents along and across [m], speed along the line [m/s], and 1 for
one who drives along the line or stands, else 0."""

AWAY = 1e6
"""Lateral coordinate [m] of who is not near the line."""


@hot_kernel
def from_line(
    line: NDArray,
    n: int,
    spacing: float,
    first: float,
    last: float,
    reach: float,
    standing: float,
    every: int,
    others: NDArray,
    poses: NDArray,
    kept: int,
    seen: NDArray,
) -> None:
    """Put every `every`-th pose of a forecast into the coordinates of a line.

    Args:
        line: (P, 3), n rows hold. first, last: the stretch that matters, s [m].
        reach: lateral distance that matters [m]. standing: up to this speed one stands [m/s].
        others, poses, kept: the forecast.
        seen: (M, J, `SEEN`), written; who is away has the lateral coordinate `AWAY`.
    """
    a = min(max(int(first / spacing), 0), n - 2)
    b = min(max(int(last / spacing) + 1, a + 1), n - 1)
    low_x, high_x, low_y, high_y = math.inf, -math.inf, math.inf, -math.inf
    for i in range(a, b + 1):
        low_x, high_x = min(low_x, line[i, 0]), max(high_x, line[i, 0])
        low_y, high_y = min(low_y, line[i, 1]), max(high_y, line[i, 1])
    for m in range(kept):
        margin = reach + others[m, 2]
        for j in range(seen.shape[1]):
            x, y, yaw = poses[m, j * every, 0], poses[m, j * every, 1], poses[m, j * every, 2]
            seen[m, j, 1] = AWAY
            if not (low_x - margin <= x <= high_x + margin):
                continue
            if not (low_y - margin <= y <= high_y + margin):
                continue
            s, lateral = project(line, a, b, spacing, x, y)
            if abs(lateral) > margin:
                continue
            _, _, along = sample(line, n, spacing, s)
            turn = wrap_to_pi(yaw - along)
            c, w = abs(math.cos(turn)), abs(math.sin(turn))
            seen[m, j, 0], seen[m, j, 1] = s, lateral
            seen[m, j, 2] = 0.5 * (others[m, 0] * c + others[m, 1] * w)
            seen[m, j, 3] = 0.5 * (others[m, 0] * w + others[m, 1] * c)
            seen[m, j, 4] = others[m, 3] * math.cos(turn)
            follows = math.cos(turn) >= 0.5 or others[m, 3] <= standing
            seen[m, j, 5] = 1.0 if follows else 0.0


@hot_kernel
def leader_at(
    seen: NDArray,
    kept: int,
    j: int,
    s: float,
    lateral: float,
    half_length: float,
    corridor: float,
) -> tuple[float, float]:
    """Bumper gap [m] to the nearest one to follow at step j, and its speed along the line [m/s].

    Args:
        s, lateral: the middle of the corridor where the ego is [m]. corridor: half its width [m].

    Returns:
        An infinite gap if nobody is ahead.
    """
    gap, speed = math.inf, 0.0
    for m in range(kept):
        if abs(seen[m, j, 1] - lateral) > corridor + seen[m, j, 3] or seen[m, j, 0] <= s:
            continue
        if seen[m, j, 5] == 0.0:
            continue
        between = seen[m, j, 0] - s - (half_length + seen[m, j, 2])
        if between < gap:
            gap, speed = between, seen[m, j, 4]
    return gap, speed


@hot_kernel
def first_conflict(
    seen: NDArray, kept: int, s: float, half_length: float, corridor: float
) -> float:
    """Where the corridor ahead is first entered by one who is not in it now, s [m]; infinite: none.

    It is the rear edge of what that road user covers of the line while it is in the corridor, as
    far as it is ahead of the ego's front.
    """
    first = math.inf
    for m in range(kept):
        if abs(seen[m, 0, 1]) <= corridor + seen[m, 0, 3]:
            continue
        for j in range(1, seen.shape[1]):
            if abs(seen[m, j, 1]) > corridor + seen[m, j, 3]:
                continue
            edge = seen[m, j, 0] - seen[m, j, 2]
            if edge > s + half_length:
                first = min(first, edge)
            break
    return first


@hot_kernel
def _braking(
    gap: float, speed: float, front: float, least: float, headway: float, accel: float, decel: float
) -> float:
    """How hard IDM [m/s2] brakes at a gap [m] on a road that is free but for the one in front."""
    closing = speed * (speed - front) / (2.0 * math.sqrt(accel * decel))
    wanted = max(least + speed * headway + closing, 0.0)
    return accel * (wanted / gap) * (wanted / gap) - accel


class Room(NamedTuple):
    """What a gap has to leave, ahead of the ego and to the one behind it.

    safe: hardest braking of either [m/s2]. gap_*, headway_*: distances kept, as in IDM [m], [s].
    """

    safe: float
    gap_ahead: float
    headway_ahead: float
    gap_behind: float
    headway_behind: float


@hot_kernel
def gap_is_safe(
    seen: NDArray,
    kept: int,
    j: int,
    s: float,
    speed: float,
    half_length: float,
    corridor: float,
    room: Room,
    rules: Row,
) -> bool:
    """Whether the ego may enter the lane of a line at step j: MOBIL's criterion, ahead and behind.

    Nobody is beside, and neither the one behind nor the ego would brake harder than is safe.

    Args:
        s, speed: of the ego then. rules: IDM's `accel`, `comfort_decel` of the ego, and
        `driver_accel`, `driver_decel` of others.
    """
    for m in range(kept):
        if abs(seen[m, j, 1]) > corridor + seen[m, j, 3]:
            continue
        other = seen[m, j, 4]
        gap = abs(seen[m, j, 0] - s) - (half_length + seen[m, j, 2])
        if gap <= 0.0:
            return False
        if seen[m, j, 0] > s:
            braking = _braking(
                gap, speed, other, room.gap_ahead, room.headway_ahead, rules.accel,
                rules.comfort_decel,
            )  # fmt: skip
        else:
            braking = _braking(
                gap, other, speed, room.gap_behind, room.headway_behind, rules.driver_accel,
                rules.driver_decel,
            )  # fmt: skip
        if braking > room.safe:
            return False
    return True
