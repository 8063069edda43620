"""Centre lines of lanes as points, so close that chord and curve differ by less than 1 cm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .geometry import Values
from .road import Road

TOLERANCE = 0.008
"""Largest distance of a curve from its chord, and of a width from its interpolation [m]."""

_PROBES = np.array([0.25, 0.5, 0.75])
"""Where between two points the distance is looked at: a symmetric S is on its chord only midway."""

_FINE = 0.02
"""Steps are not halved below this [m]: what is still bent there is a jump of a width."""

_STEP = 1e-4
"""Half the way over which a direction is measured [m]: rounding and bend both below 1e-6 rad."""

_CLOSE = 1e-3
"""Points closer than this [m] would make directions of rounding."""


def lane_points(
    road: Road, section: int, lane: int, s: Values
) -> tuple[NDArray[np.float64], Values]:
    """Centre line (P, 2) and full width (P,) [m] of a lane at s (P,), towards higher s."""
    inner, outer = road.edges(section, lane, s)
    x, y, heading = road.line.at(s)
    t = 0.5 * (inner + outer)
    line = np.stack([x - t * np.sin(heading), y + t * np.cos(heading)], axis=1)
    return line, np.abs(outer - inner)


def lane_headings(road: Road, section: int, lane: int, s: Values) -> Values:
    """Heading (P,) [rad] of a lane's centre line towards higher s, from points 0.2 mm apart."""
    low, high = road.sections[section].start, road.sections[section].end
    before, _ = lane_points(road, section, lane, np.maximum(s - _STEP, low))
    after, _ = lane_points(road, section, lane, np.minimum(s + _STEP, high))
    return np.arctan2(*(after - before).T[::-1])


def samples(
    road: Road, section: int, lanes: Sequence[int], low: float, high: float, most: int
) -> Values:
    """s [m] from `low` to `high` at which all of some lanes have to be sampled, at most `most`.

    Raises:
        InputError: that takes too many points.
    """
    s = _breaks(road, section, lanes, low, high)
    while len(s) <= most:
        between = s[:-1, None] + np.diff(s)[:, None] * _PROBES
        bent = [_bent(road, section, lane, s, between) for lane in lanes]
        coarse = np.any(bent, axis=0) & (np.diff(s) > _FINE)
        if not coarse.any():
            return s
        s = np.sort(np.concatenate([s, between[coarse, 1]]))
    raise road.element.problem(f"its lanes need more than {most} points each")


def _bent(road: Road, section: int, lane: int, s: Values, between: Values) -> NDArray[np.bool_]:
    """(P - 1,) whether the lane leaves the chord, or its width the straight, between points."""
    ends, widths = lane_points(road, section, lane, s)
    inner, inner_widths = lane_points(road, section, lane, between.ravel())
    inner = inner.reshape(*between.shape, 2)
    chord = np.diff(ends, axis=0)
    length = np.maximum(np.hypot(*chord.T), 1e-12)
    apart = inner - ends[:-1, None]
    across = np.abs(apart[..., 1] * chord[:, None, 0] - apart[..., 0] * chord[:, None, 1])
    off_line = (across / length[:, None]).max(axis=1) > TOLERANCE
    wanted = widths[:-1, None] + np.diff(widths)[:, None] * _PROBES
    off_width = np.abs(inner_widths.reshape(between.shape) - wanted).max(axis=1) > TOLERANCE
    return off_line | off_width


def _breaks(road: Road, section: int, lanes: Sequence[int], low: float, high: float) -> Values:
    """The ends, and where pieces and polynomials meet between them."""
    starts = [road.line.starts, road.offset.starts]
    for lane in lanes:
        starts += [part.width.starts for part in road.sections[section].inside(lane)]
    inner = np.concatenate(starts)
    inner = np.unique(inner[(inner > low + _CLOSE) & (inner < high - _CLOSE)])
    apart = np.diff(inner, prepend=low) > _CLOSE
    return np.concatenate(([low], inner[apart], [high]))
