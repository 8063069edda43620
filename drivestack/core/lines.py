"""Evenly spaced reference lines: projection and sampling, compiled and free of the batch.

A line is (P, 3) ``x, y, yaw`` of which the first n rows hold; s [m] counts from its first point.
Coordinates extrapolate along the end pieces, lateral is positive to the left (ISO 8855).
"""

from __future__ import annotations

import math

from numpy.typing import NDArray

from .compiled import hot_kernel, inlined_kernel, kernel
from .frames import wrap_to_pi

_CLOSE = 2.0
"""Half a lane [m]: this near, a point is on the line here."""

_GONE = 20.0
"""Once the line has gone this far [m] from a point it was close to, the rest is another lap."""

_STRIDE = 16
"""Rows between the points of the coarse search."""

_SURELY = 1e-6
"""Metres, and a part, by which a comparison may be off before it rules anything out: much more than
rounding. Our choice."""


@hot_kernel
def _on_piece(line: NDArray, i: int, x: float, y: float) -> tuple[float, float, float, float]:
    """Fraction along piece i, lateral [m], how far beyond an end [m] (signed), distance [m]."""
    ax, ay = line[i, 0], line[i, 1]
    tx, ty = line[i + 1, 0] - ax, line[i + 1, 1] - ay
    length = math.sqrt(tx * tx + ty * ty)
    tx, ty = tx / length, ty / length
    dx, dy = x - ax, y - ay
    along = dx * tx + dy * ty
    across = dy * tx - dx * ty
    beyond = along if along < 0.0 else max(along - length, 0.0)
    return along / length, across, beyond, math.sqrt(across * across + beyond * beyond)


@hot_kernel
def _nearest_row(line: NDArray, first: int, last: int, x: float, y: float) -> float:
    """Distance [m] of a point to the nearest of every `_STRIDE`-th row."""
    least = math.inf
    for i in range(first, last, _STRIDE):
        dx, dy = x - line[i, 0], y - line[i, 1]
        least = min(least, dx * dx + dy * dy)
    return math.sqrt(least)


@inlined_kernel
def _near(bound: float, spacing: float) -> float:
    """Squared distance [m2] up to which a row surely is too near for the next one to be skipped."""
    near = (bound + 2.0 * spacing) * (1.0 - _SURELY)
    return near * near


@inlined_kernel
def _is_farther(line: NDArray, i: int, dx: float, dy: float, limit: float) -> bool:
    """Whether a point (dx, dy) from row i surely is farther from piece i than the root of a limit
    [m2]: without the divisions and roots that it takes to know how far."""
    tx, ty = line[i + 1, 0] - line[i, 0], line[i + 1, 1] - line[i, 1]
    along, whole = dx * tx + dy * ty, tx * tx + ty * ty
    if along < 0.0:
        return dx * dx + dy * dy > limit
    if along > whole:
        ex, ey = dx - tx, dy - ty
        return ex * ex + ey * ey > limit
    across = dy * tx - dx * ty
    return across * across > limit * whole


@inlined_kernel
def _goes_on(line: NDArray, i: int, dx: float, dy: float, near: float) -> bool:
    """Whether a point (dx, dy) from row i is beyond piece i and surely nearer to the next one,
    which is looked at then: what this one would give is overwritten at once."""
    tx, ty = line[i + 1, 0] - line[i, 0], line[i + 1, 1] - line[i, 1]
    ex, ey = dx - tx, dy - ty
    apart = ex * ex + ey * ey
    if apart > near or dx * tx + dy * ty <= tx * tx + ty * ty:
        return False
    ux, uy = line[i + 2, 0] - line[i + 1, 0], line[i + 2, 1] - line[i + 1, 1]
    along = ex * ux + ey * uy
    return along > 0.0 and along * along > _SURELY * apart * (ux * ux + uy * uy)


@hot_kernel
def project(
    line: NDArray, first: int, last: int, spacing: float, x: float, y: float
) -> tuple[float, float]:
    """(s, lateral) [m] of a point, by the nearest point of the pieces between two rows.

    Where the line passes the same place twice (a lap), the first pass counts. The search is exact:
    rows are skipped only where the distance to a row rules them out.

    Args:
        line: (P, 3). first, last: rows; first < last.
        spacing: between rows, at most this much [m]. x, y: the point [m].
    """
    bound = _nearest_row(line, first, last, x, y)
    near, limit = _near(bound, spacing), math.inf
    best = math.inf
    best_s = 0.0
    best_lateral = 0.0
    i = first
    while i < last:
        dx, dy = x - line[i, 0], y - line[i, 1]
        squared = dx * dx + dy * dy
        if squared > near:
            skipped = int((math.sqrt(squared) - bound) / spacing) - 1
            if skipped > 0:
                if best <= _CLOSE and (skipped + 1) * spacing > _GONE:
                    break
                i += skipped
                continue
        if _is_farther(line, i, dx, dy, limit):
            i += 1
            continue
        if i + 1 < last and _goes_on(line, i, dx, dy, near):
            i += 1
            continue
        fraction, across, beyond, distance = _on_piece(line, i, x, y)
        if distance < best:
            best = distance
            bound = min(bound, best)
            near = _near(bound, spacing)
            limit = (best + _SURELY) * (best + _SURELY) * (1.0 + _SURELY)
            inner = (beyond < 0.0 and i > first) or (beyond > 0.0 and i < last - 1)
            best_s = (i + min(max(fraction, 0.0), 1.0)) * spacing if inner else 0.0
            best_lateral = math.copysign(distance, across)
            if not inner:
                best_s = (i + fraction) * spacing
                best_lateral = across
        i += 1
    return best_s, best_lateral


@hot_kernel
def sample(line: NDArray, n: int, spacing: float, s: float) -> tuple[float, float, float]:
    """x, y [m] and yaw [rad] at s [m] of a line with n >= 2 rows."""
    i = min(max(math.floor(s / spacing), 0), n - 2)
    part = s / spacing - i
    x = line[i, 0] + part * (line[i + 1, 0] - line[i, 0])
    y = line[i, 1] + part * (line[i + 1, 1] - line[i, 1])
    turn = wrap_to_pi(line[i + 1, 2] - line[i, 2])
    return x, y, wrap_to_pi(line[i, 2] + min(max(part, 0.0), 1.0) * turn)


@kernel
def respace(raw: NDArray, n: int, spacing: float, line: NDArray, lane_of: NDArray) -> int:
    """Resample points to even spacing with yaw; returns how many rows of `line` hold.

    Args:
        raw: (R, 3) x, y and the number of a lane, of which n hold. spacing: [m].
        line: (P, 3), written. lane_of: (P,) lane of each point, written.
    """
    if n < 2:
        return 0
    rows = 0
    ahead = 0.0  # to the next point of the line, from the start of the piece
    for i in range(n - 1):
        dx, dy = raw[i + 1, 0] - raw[i, 0], raw[i + 1, 1] - raw[i, 1]
        piece = math.sqrt(dx * dx + dy * dy)
        while ahead < piece and rows < line.shape[0]:
            part = ahead / piece
            line[rows, 0] = raw[i, 0] + part * dx
            line[rows, 1] = raw[i, 1] + part * dy
            lane_of[rows] = int(raw[i, 2])
            rows += 1
            ahead += spacing
        ahead -= piece
    for i in range(rows):
        a, b = max(i - 1, 0), min(i + 1, rows - 1)
        line[i, 2] = math.atan2(line[b, 1] - line[a, 1], line[b, 0] - line[a, 0])
    return rows


@hot_kernel
def rows_in_use(valid: NDArray) -> int:
    """How many leading rows of a (P,) mask hold."""
    n = 0
    while n < valid.shape[0] and valid[n]:
        n += 1
    return n
