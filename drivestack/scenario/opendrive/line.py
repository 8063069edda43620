"""A road's reference line: from (s, t) to the plane and back."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..xml_reader import Element
from .geometry import Geometry, Values, read_geometry

LOOSE = 0.1
"""How far the end of a piece may be from the next one's s [m]; files round to centimetres."""

_FAR_APART = 10.0
"""Distance of the points from which a projection starts [m]; a quarter of a sharp bend's turn."""

_MOST_PROBES = 5_000
"""Of one road, for pieces of equal length; longer roads than 50 km have them further apart."""


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceLine:
    """Pieces from s = 0 on; before its start and beyond its end the line goes on straight.

    Attributes:
        pieces: in order. starts: (N,) s of each [m]. length: of the road [m].
        probes: (P, 3) s, x, y of points along the line, from which projections start.
        spacing: they are at most so far apart [m].
    """

    pieces: tuple[Geometry, ...]
    starts: Values
    length: float
    probes: Values
    spacing: float

    def at(self, s: Values) -> tuple[Values, Values, Values]:
        """x, y [m] and heading [rad] at s (N,) [m]."""
        inside = np.clip(s, 0.0, self.length)
        x, y, heading = _on_pieces(self.pieces, self.starts, inside)
        beyond = s - inside
        return x + beyond * np.cos(heading), y + beyond * np.sin(heading), heading

    def pose(self, s: float, t: float) -> tuple[float, float, float]:
        """x, y [m] at (s, t) [m], t to the left, and the line's heading [rad] there."""
        (x,), (y,), (heading,) = self.at(np.array([s]))
        return (
            float(x - t * math.sin(heading)),
            float(y + t * math.cos(heading)),
            float(heading),
        )

    def distance_at_least(self, x: float, y: float) -> float:
        """A lower bound of the distance from (x, y) to the line [m]."""
        nearest = np.hypot(self.probes[:, 1] - x, self.probes[:, 2] - y).min()
        return float(nearest) - self.spacing

    def project(self, x: float, y: float) -> tuple[float, float]:
        """(s, t) [m] of the point of the line nearest to (x, y), s within the road.

        The best probe, then Newton's steps on the tangent with halving where they overshoot.
        """
        k = int(np.argmin((self.probes[:, 1] - x) ** 2 + (self.probes[:, 2] - y) ** 2))
        low = self.probes[max(k - 1, 0), 0]
        high = self.probes[min(k + 1, len(self.probes) - 1), 0]
        s = float(self.probes[k, 0])
        for _ in range(60):
            px, py, heading = self.pose(s, 0.0)
            along = (x - px) * math.cos(heading) + (y - py) * math.sin(heading)
            if along > 0.0:
                low = s
            else:
                high = s
            wanted = s + along
            if not low <= wanted <= high:
                wanted = 0.5 * (low + high)
            if abs(wanted - s) < 1e-9:
                break
            s = wanted
        px, py, heading = self.pose(s, 0.0)
        return s, (y - py) * math.cos(heading) - (x - px) * math.sin(heading)


def _on_pieces(pieces: tuple[Geometry, ...], starts: Values, s: Values) -> tuple[Values, ...]:
    out = np.empty((3, len(s)))
    row = np.maximum(np.searchsorted(starts, s, "right") - 1, 0)
    for k in np.unique(row):
        here = row == k
        out[:, here] = pieces[k].at(s[here])
    return out[0], out[1], out[2]


def read_line(road: Element, length: float) -> ReferenceLine:
    """The ``planView`` of a road.

    Raises:
        InputError: no piece, pieces out of order, or a gap between their s.
    """
    view = road.need("planView")
    elements = list(view.all("geometry"))
    if not elements:
        raise view.problem("missing element 'geometry'")
    pieces = tuple(read_geometry(element) for element in elements)
    ends = [*[piece.s for piece in pieces[1:]], length]
    if abs(pieces[0].s) > LOOSE:
        raise elements[0].problem(f"the first piece should start at s = 0, not {pieces[0].s:g}")
    for element, piece, end in zip(elements, pieces, ends, strict=True):
        if not abs(piece.s + piece.length - end) <= LOOSE:
            sentence = f"it ends at s = {piece.s + piece.length:g} m, what follows at {end:g} m"
            raise element.problem(sentence)
    starts = np.array([piece.s for piece in pieces])
    spacing = max(_FAR_APART, length / _MOST_PROBES)
    probes = _probes(pieces, starts, length, spacing)
    return ReferenceLine(pieces, starts, length, probes, spacing)


def _probes(
    pieces: tuple[Geometry, ...], starts: Values, length: float, spacing: float
) -> NDArray[np.float64]:
    """Points a few metres apart, at least eight on every piece, so that no bend is stepped over."""
    ends = np.append(starts[1:], length)
    parts = [
        np.linspace(a, b, int((b - a) / spacing) + 8)
        for a, b in zip(starts, ends, strict=True)
        if b > a
    ]
    s = np.unique(np.concatenate(parts))
    x, y, _ = _on_pieces(pieces, starts, s)
    return np.stack([s, x, y], axis=1)
