"""Which bodies a sensor sees: range, field of view, and what stands before them.

Seen from the sensor a box fills an interval of angles. Between two neighbouring bearings of corners
(of any box) one and the same box is the nearest, so one ray in the middle of each piece decides the
whole piece: the shares are exact for boxes that do not overlap. Where two overlap, the piece in
which their edges cross is given whole to the one that is nearer in its middle.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.geometry import box_distance

_ROUNDING = 1e-9
"""A share may fall short by this: it is a sum of differences of angles."""


def visible(
    ego: NDArray[np.float64],
    state: NDArray[np.float64],
    size: NDArray[np.float64],
    present: NDArray[np.bool_],
    reach: float,
    field_of_view: float,
    least_share: float,
) -> NDArray[np.bool_]:
    """Which of N bodies are seen from the ego's centre.

    Args:
        ego: (4,) state. state: (N, 4). size: (N, 2) [m]. present: (N,) the others neither are seen
        nor hide anything.
        reach: [m]. field_of_view: [rad]. least_share: see `core.sensor.Sensor`.

    A body that contains the sensor is seen and hides nothing.
    """
    # copies are writable and contiguous: one layout, which is compiled once
    tables = np.array(ego), np.array(state), np.array(size), np.array(present)
    return _visible(*tables, reach, field_of_view, least_share - _ROUNDING)


@kernel
def _visible(
    ego: NDArray[np.float64],
    state: NDArray[np.float64],
    size: NDArray[np.float64],
    present: NDArray[np.bool_],
    reach: float,
    field_of_view: float,
    least_share: float,
) -> NDArray[np.bool_]:
    count = len(state)
    boxes = np.empty((count, 6))
    bearings = np.empty((count, 4))
    distances = np.empty(count)
    seen = np.zeros(count, np.bool_)
    for i in range(count):
        distances[i] = _place(ego, state[i], size[i], boxes[i], bearings[i])
    cuts = np.empty(4 * count + 4)
    hiding = present & (distances > 0.0)
    for i in range(count):
        if not present[i] or distances[i] > reach:
            continue
        if distances[i] == 0.0:
            seen[i] = True
            continue
        in_view, clear, whole = _extent(
            i, ego[2], boxes, bearings, hiding, cuts, field_of_view, least_share > 0.0
        )
        seen[i] = in_view > 0.0 and clear >= least_share * whole
    return seen


@kernel
def _place(
    ego: NDArray[np.float64],
    state: NDArray[np.float64],
    size: NDArray[np.float64],
    box: NDArray[np.float64],
    bearings: NDArray[np.float64],
) -> float:
    """A box about the sensor (x, y, cos, sin, half length, half width); distance, 0 inside [m]."""
    x, y = state[0] - ego[0], state[1] - ego[1]
    c, s = math.cos(state[2]), math.sin(state[2])
    a, b = 0.5 * size[0], 0.5 * size[1]
    box[0], box[1], box[2], box[3], box[4], box[5] = x, y, c, s, a, b
    for k in range(4):
        along = a if k == 0 or k == 3 else -a
        across = b if k < 2 else -b
        bearings[k] = math.atan2(y + (s * along + c * across), x + (c * along - s * across))
    return box_distance(x, y, c, s, size[0], size[1])


@kernel
def _extent(
    i: int,
    heading: float,
    boxes: NDArray[np.float64],
    bearings: NDArray[np.float64],
    hiding: NDArray[np.bool_],
    cuts: NDArray[np.float64],
    field_of_view: float,
    shaded: bool,
) -> tuple[float, float, float]:
    """Angles [rad] of body i: in the field of view, of that with nothing before it, and whole."""
    middle = math.atan2(boxes[i, 1], boxes[i, 0])
    low, high = 0.0, 0.0
    for k in range(4):
        angle = _turned(bearings[i, k] - middle)
        low, high = min(low, angle), max(high, angle)
    ahead = _turned(heading - middle)
    found = 0
    for edge in (-0.5 * field_of_view, 0.5 * field_of_view):
        found = _cut(cuts, found, _turned(ahead + edge), low, high)
    if shaded:
        for j in range(len(boxes)):
            if j != i and hiding[j]:
                for k in range(4):
                    found = _cut(cuts, found, _turned(bearings[j, k] - middle), low, high)
    cuts[found], cuts[found + 1] = low, high
    edges = np.sort(cuts[: found + 2])
    in_view, clear = 0.0, 0.0
    for k in range(found + 1):
        angle = 0.5 * (edges[k] + edges[k + 1])
        if abs(_turned(angle - ahead)) > 0.5 * field_of_view:
            continue
        in_view += edges[k + 1] - edges[k]
        if not shaded or _is_first(i, middle + angle, boxes, hiding):
            clear += edges[k + 1] - edges[k]
    return in_view, clear, high - low


@kernel
def _cut(cuts: NDArray[np.float64], found: int, angle: float, low: float, high: float) -> int:
    """Note an angle inside (low, high)."""
    if low < angle < high:
        cuts[found] = angle
        return found + 1
    return found


@kernel
def _is_first(
    i: int, bearing: float, boxes: NDArray[np.float64], hiding: NDArray[np.bool_]
) -> bool:
    """Whether a ray meets box i before every other."""
    dx, dy = math.cos(bearing), math.sin(bearing)
    entry = _entry(boxes[i], dx, dy)
    for j in range(len(boxes)):
        if j != i and hiding[j] and _entry(boxes[j], dx, dy) < entry:
            return False
    return True


@kernel
def _entry(box: NDArray[np.float64], dx: float, dy: float) -> float:
    """Where a ray from the sensor enters a box [m]; infinite: it misses (slab method)."""
    x, y, c, s = box[0], box[1], box[2], box[3]
    enter, leave = 0.0, math.inf
    for axis in range(2):
        towards = dx * c + dy * s if axis == 0 else dy * c - dx * s
        centre = x * c + y * s if axis == 0 else y * c - x * s
        half = box[4 + axis]
        if towards == 0.0:
            if abs(centre) > half:
                return math.inf
            continue
        first, last = (centre - half) / towards, (centre + half) / towards
        enter, leave = max(enter, min(first, last)), min(leave, max(first, last))
    return enter if enter <= leave else math.inf


@kernel
def _turned(angle: float) -> float:
    """An angle between two turns, brought to within half a turn; odd, so that mirrors agree."""
    while angle > math.pi:
        angle -= math.tau
    while angle < -math.pi:
        angle += math.tau
    return angle
