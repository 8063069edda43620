"""Oriented boxes: corners, exact overlap, the centroid of an overlap, and which side was struck.

A box is ``x, y, heading, length, width`` (centre, m and rad). Touching counts, see `TOUCH`.
Every function gives mirrored bits for mirrored input, so left and right swap exactly.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .compiled import inlined_kernel, kernel
from .tables import Side

TOUCH = 1e-6
"""Boxes closer than this [m] touch: an impact parts bodies to exactly touching, and rounding must
not decide whether they still do."""

_CLIPPED = 20
"""No clip of a quadrilateral by four half-planes has more vertices, however it is rounded."""

_SLIVER = 1e-9
"""Overlaps below this area [m2] are treated as a segment: dividing by them would lose digits."""


def corners(pose: NDArray[np.float64], size: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners (..., 4, 2) [m] of boxes with pose (..., 3) and size (..., 2), counter-clockwise.

    The order is front left, rear left, rear right, front right of a frame with y to the left.
    """
    c, s = np.cos(pose[..., 2, None]), np.sin(pose[..., 2, None])
    along = size[..., 0, None] / 2 * np.array([1.0, -1.0, -1.0, 1.0])
    across = size[..., 1, None] / 2 * np.array([1.0, 1.0, -1.0, -1.0])
    x = pose[..., 0, None] + (c * along - s * across)
    y = pose[..., 1, None] + (s * along + c * across)
    return np.stack([x, y], axis=-1)


@kernel
def boxes_overlap(
    x1: float,
    y1: float,
    h1: float,
    l1: float,
    w1: float,
    x2: float,
    y2: float,
    h2: float,
    l2: float,
    w2: float,
) -> bool:
    """Whether two boxes touch or overlap, by the four separating axes.

    Swapping the boxes gives the same bits in every comparison.
    """
    dx, dy = x2 - x1, y2 - y1
    reach = 0.5 * (math.sqrt(l1 * l1 + w1 * w1) + math.sqrt(l2 * l2 + w2 * w2))
    reach += TOUCH
    if dx * dx + dy * dy > reach * reach:
        return False
    c1, s1, c2, s2 = math.cos(h1), math.sin(h1), math.cos(h2), math.sin(h2)
    c, s = abs(c1 * c2 + s1 * s2), abs(c1 * s2 - s1 * c2)
    a1, b1, a2, b2 = 0.5 * l1, 0.5 * w1, 0.5 * l2, 0.5 * w2
    return not (
        abs(dx * c1 + dy * s1) - TOUCH > a1 + (a2 * c + b2 * s)
        or abs(dy * c1 - dx * s1) - TOUCH > b1 + (a2 * s + b2 * c)
        or abs(dx * c2 + dy * s2) - TOUCH > a2 + (a1 * c + b1 * s)
        or abs(dy * c2 - dx * s2) - TOUCH > b2 + (a1 * s + b1 * c)
    )


@inlined_kernel
def box_distance(x: float, y: float, c: float, s: float, length: float, width: float) -> float:
    """Distance [m] from a point to a box; 0 inside.

    Args:
        x, y: the point from the box's centre, or that centre from the point [m]. c, s: cosine and
            sine of the box's heading. length, width: [m].
    """
    beyond = max(abs(x * c + y * s) - 0.5 * length, 0.0)
    beside = max(abs(y * c - x * s) - 0.5 * width, 0.0)
    return math.sqrt(beyond * beyond + beside * beside)


@inlined_kernel
def bearing(x: float, y: float, c: float, s: float, rear: float, px: float, py: float) -> float:
    """Angle [rad] in [0, pi] of a point (px, py) seen from the rear axle of a body.

    Args:
        x, y: the body's centre [m]. c, s: cosine and sine of its heading. rear: distance of the
            axle behind the centre [m].
    """
    dx, dy = px - (x - rear * c), py - (y - rear * s)
    return abs(math.atan2(dy * c - dx * s, dx * c + dy * s))


@kernel
def _clip(
    points: NDArray[np.float64], n: int, axis: int, sign: float, limit: float
) -> tuple[NDArray[np.float64], int]:
    """The part of a polygon with ``sign * point[axis] <= limit`` (Sutherland-Hodgman)."""
    out = np.empty((_CLIPPED, 2))
    kept = 0
    for i in range(n):
        j = i + 1 if i + 1 < n else 0
        here, there = sign * points[i, axis] - limit, sign * points[j, axis] - limit
        if here <= 0.0:
            out[kept, 0], out[kept, 1] = points[i, 0], points[i, 1]
            kept += 1
        if (here < 0.0 < there) or (there < 0.0 < here):
            for k in range(2):
                out[kept, k] = (points[i, k] * there - points[j, k] * here) / (there - here)
            kept += 1
    return out, kept


@kernel
def _centroid(points: NDArray[np.float64], n: int) -> tuple[float, float]:
    """Centroid of a polygon, or the middle of its extent if it has next to no area."""
    twice = x = y = 0.0
    x_low, x_high = points[0, 0], points[0, 0]
    y_low, y_high = points[0, 1], points[0, 1]
    for i in range(n):
        j = i + 1 if i + 1 < n else 0
        # relative to the first vertex, for digits
        px, py = points[i, 0] - points[0, 0], points[i, 1] - points[0, 1]
        qx, qy = points[j, 0] - points[0, 0], points[j, 1] - points[0, 1]
        cross = px * qy - qx * py
        twice += cross
        x += (px + qx) * cross
        y += (py + qy) * cross
        x_low, x_high = min(x_low, points[i, 0]), max(x_high, points[i, 0])
        y_low, y_high = min(y_low, points[i, 1]), max(y_high, points[i, 1])
    if abs(twice) < 2.0 * _SLIVER:
        return 0.5 * (x_low + x_high), 0.5 * (y_low + y_high)
    return points[0, 0] + x / (3.0 * twice), points[0, 1] + y / (3.0 * twice)


@kernel
def _local_centroid(
    x: float, y: float, c: float, s: float, a: float, b: float, a1: float, b1: float
) -> tuple[float, float]:
    """Centroid of a turned box cut by an axis-parallel one (half sizes a1, b1) at the origin."""
    points = np.empty((_CLIPPED, 2))
    for i in range(4):
        along = a if i == 0 or i == 3 else -a
        across = b if i < 2 else -b
        points[i, 0] = x + (c * along - s * across)
        points[i, 1] = y + (s * along + c * across)
    n = 4
    for axis in range(2):
        limit = a1 if axis == 0 else b1
        points, n = _clip(points, n, axis, 1.0, limit)
        points, n = _clip(points, n, axis, -1.0, limit)
    if n == 0:  # they touch, and rounding has parted them
        return min(max(x, -a1), a1), min(max(y, -b1), b1)
    return _centroid(points, n)


@kernel
def overlap_centroid(
    x1: float,
    y1: float,
    h1: float,
    l1: float,
    w1: float,
    x2: float,
    y2: float,
    h2: float,
    l2: float,
    w2: float,
) -> tuple[bool, float, float]:
    """Whether two boxes overlap, and the centroid [m] of what they share (0, 0 if nothing)."""
    if not boxes_overlap(x1, y1, h1, l1, w1, x2, y2, h2, l2, w2):
        return False, 0.0, 0.0
    dx, dy = x2 - x1, y2 - y1
    c1, s1, c2, s2 = math.cos(h1), math.sin(h1), math.cos(h2), math.sin(h2)
    x, y = dx * c1 + dy * s1, dy * c1 - dx * s1
    c, s = c1 * c2 + s1 * s2, c1 * s2 - s1 * c2
    a1, b1, a2, b2 = 0.5 * l1, 0.5 * w1, 0.5 * l2, 0.5 * w2
    # The clip runs in one sense of rotation; the mean with its mirror image has none.
    px, py = _local_centroid(x, y, c, s, a2, b2, a1, b1)
    qx, qy = _local_centroid(x, -y, c, -s, a2, b2, a1, b1)
    along, across = 0.5 * (px + qx), 0.5 * (py - qy)
    return True, x1 + (along * c1 - across * s1), y1 + (along * s1 + across * c1)


@kernel
def struck_side(
    x: float,
    y: float,
    heading: float,
    length: float,
    width: float,
    point_x: float,
    point_y: float,
    y_right: bool,
) -> int:
    """Which `Side` of a box a contact point lies on: the box's diagonals part the four sides.

    A point on a diagonal belongs to the front or the rear, the centre to the front.

    Args:
        x, y, heading, length, width: the struck box.
        point_x, point_y: the contact point in the same frame [m].
        y_right: the frame's y points to the right of travel; sides are the driver's own (ISO 8855)
            in either case.
    """
    dx, dy = point_x - x, point_y - y
    c, s = math.cos(heading), math.sin(heading)
    along, across = dx * c + dy * s, dy * c - dx * s
    if y_right:
        across = -across
    if abs(along) * width >= abs(across) * length:
        return Side.FRONT.value if along >= 0.0 else Side.REAR.value
    return Side.LEFT.value if across > 0.0 else Side.RIGHT.value
