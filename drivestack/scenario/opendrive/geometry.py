"""Pieces of a road's reference line: line, arc, spiral, poly3, paramPoly3, exact to 1e-6 m.

Each piece is evaluated in its own frame (it starts at the origin, along x) at ds, the way from its
start; `Geometry` turns it into the world. Clothoids and arc lengths are integrated by
Gauss-Legendre quadrature, 12 nodes a panel, with panels so short that the error is rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..xml_reader import Element
from .attributes import real

Values = NDArray[np.float64]

LONGEST = 1e6
"""Longest piece [m]."""

SHARPEST = 10.0
"""Largest curvature [1/m]; a kerb's corner has 2."""

MOST_TURN = 100.0
"""Most that a piece may turn [rad]: 16 full circles, more than any multi-storey car park."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_PANEL_TURN = 0.5
"""Turn of a panel [rad]: 12 nodes integrate cos of a quadratic over it to 1e-16."""

_PIECES = 64
"""Pieces of a poly3 between which its arc length is tabulated."""

Shape = Callable[[Values], tuple[Values, Values, Values]]
"""ds (N,) to x, y [m] and heading [rad] in the piece's own frame."""


@dataclass(frozen=True, slots=True, eq=False)
class Geometry:
    """One piece of a reference line.

    Attributes:
        s: where it starts [m]. x, y, heading: there [m, rad]. length: [m]. shape: its own frame.
        curvature: constant one of a line or an arc [1/m], None for every other kind.
    """

    s: float
    x: float
    y: float
    heading: float
    length: float
    shape: Shape
    curvature: float | None

    def at(self, s: Values) -> tuple[Values, Values, Values]:
        """x, y [m] and heading [rad] at s (N,) [m] of the road."""
        u, v, turned = self.shape(s - self.s)
        cos, sin = math.cos(self.heading), math.sin(self.heading)
        return self.x + cos * u - sin * v, self.y + sin * u + cos * v, self.heading + turned


def read_geometry(element: Element) -> Geometry:
    """One ``geometry`` element.

    Raises:
        InputError: a number out of bounds, or not exactly one shape.
        UnsupportedError: a shape that is not in OpenDRIVE 1.4 to 1.8.
    """
    length = real(element, "length")
    if not 0.0 < length <= LONGEST:
        raise element.problem(f"length should be above 0 and at most {LONGEST:g} m, got {length:g}")
    shapes = [child for child in element.children if child.tag != "userData"]
    if len(shapes) != 1:
        raise element.problem(f"expected one shape, found {len(shapes)}")
    (child,) = shapes
    if child.tag not in _SHAPES:
        raise child.unsupported(f"not a known shape; known: {', '.join(_SHAPES)}")
    shape, curvature = _SHAPES[child.tag](child, length)
    s, x, y, heading = (real(element, name) for name in ("s", "x", "y", "hdg"))
    return Geometry(s, x, y, heading, length, shape, curvature)


def _line(element: Element, length: float) -> tuple[Shape, float | None]:
    del element, length
    return lambda ds: (ds, np.zeros_like(ds), np.zeros_like(ds)), 0.0


def _arc(element: Element, length: float) -> tuple[Shape, float | None]:
    curvature = _curvature(element, "curvature")
    _check_turn(element, abs(curvature) * length)
    return arc(curvature), curvature


def arc(curvature: float) -> Shape:
    """An arc with a curvature [1/m]; 0 gives a line."""

    def at(ds: Values) -> tuple[Values, Values, Values]:
        turned = curvature * ds
        # chord form: exact also as the curvature goes to 0
        chord = ds * np.sinc(turned / (2.0 * math.pi))
        return chord * np.cos(turned / 2.0), chord * np.sin(turned / 2.0), turned

    return at


def _spiral(element: Element, length: float) -> tuple[Shape, float | None]:
    first, last = _curvature(element, "curvStart"), _curvature(element, "curvEnd")
    _check_turn(element, max(abs(first), abs(last)) * length)
    return clothoid(first, (last - first) / length, length), None


def clothoid(curvature: float, rate: float, length: float) -> Shape:
    """A curve that starts with a curvature [1/m] which grows at a rate [1/m^2], over a length [m].

    Its points are integrated from the last of some knots, between which it hardly turns.
    """
    turn = length * (abs(curvature) + abs(rate) * length)
    knots = np.linspace(0.0, length, int(turn / _PANEL_TURN) + 2)

    def heading(ds: Values) -> Values:
        return ds * (curvature + 0.5 * rate * ds)

    def onward(start: Values, end: Values) -> tuple[Values, Values]:
        half = 0.5 * (end - start)
        angles = heading((start + half)[:, None] + half[:, None] * _NODES)
        return half * (np.cos(angles) @ _WEIGHTS), half * (np.sin(angles) @ _WEIGHTS)

    xs, ys = (np.append(0.0, np.cumsum(part)) for part in onward(knots[:-1], knots[1:]))

    def at(ds: Values) -> tuple[Values, Values, Values]:
        row = np.clip(np.searchsorted(knots, ds, "right") - 1, 0, len(knots) - 2)
        x, y = onward(knots[row], ds)
        return xs[row] + x, ys[row] + y, heading(ds)

    return at


def _poly3(element: Element, length: float) -> tuple[Shape, float | None]:
    a, b, c, d = (real(element, name) for name in ("a", "b", "c", "d"))
    _check_slope(element, abs(b) + 2.0 * abs(c) * length + 3.0 * abs(d) * length * length)
    # the curve is at least as long as its projection, so u = length covers the piece
    knots = np.linspace(0.0, length, _PIECES + 1)
    half = 0.5 * length / _PIECES
    inner = knots[:-1, None] + half * (1.0 + _NODES)
    pieces = half * (np.hypot(1.0, b + inner * (2.0 * c + 3.0 * d * inner)) @ _WEIGHTS)
    ways = np.concatenate(([0.0], np.cumsum(pieces)))

    def at(ds: Values) -> tuple[Values, Values, Values]:
        u = _along(ds, knots, ways, b, c, d)
        v = a + u * (b + u * (c + u * d))
        return u, v, np.arctan(b + u * (2.0 * c + 3.0 * d * u))

    return at, None


def _along(ds: Values, knots: Values, ways: Values, b: float, c: float, d: float) -> Values:
    """The u at which the curve's length from u = 0 is ds: tabulated, then Newton's steps."""
    row = np.clip(np.searchsorted(ways, ds, "right") - 1, 0, len(knots) - 2)
    u = np.interp(ds, ways, knots)
    for _ in range(6):
        half = 0.5 * (u - knots[row])
        inner = knots[row][:, None] + half[:, None] * (1.0 + _NODES)
        way = ways[row] + half * (np.hypot(1.0, b + inner * (2.0 * c + 3.0 * d * inner)) @ _WEIGHTS)
        u = u - (way - ds) / np.hypot(1.0, b + u * (2.0 * c + 3.0 * d * u))
    return u


def _param_poly3(element: Element, length: float) -> tuple[Shape, float | None]:
    ranges = ("arcLength", "normalized")
    given = element.attributes.get("pRange", "normalized")
    if given not in ranges:
        raise element.problem(f"pRange should be {' or '.join(ranges)}, got '{given[:40]}'")
    u = np.array([real(element, f"{name}U") for name in ("a", "b", "c", "d")])
    v = np.array([real(element, f"{name}V") for name in ("a", "b", "c", "d")])
    scale = 1.0 if given == "arcLength" else 1.0 / length
    reach = (length * scale) ** np.arange(4)
    if max(np.abs(u) @ reach, np.abs(v) @ reach) > 100.0 * LONGEST:
        raise element.problem("the curve leads too far away")
    if not (u[1:].any() or v[1:].any()):
        raise element.problem("the curve does not leave its start")

    def at(ds: Values) -> tuple[Values, Values, Values]:
        p = ds * scale
        du, dv = (k[1] + p * (2.0 * k[2] + 3.0 * k[3] * p) for k in (u, v))
        x, y = (k[0] + p * (k[1] + p * (k[2] + p * k[3])) for k in (u, v))
        return x, y, np.arctan2(dv, du)

    return at, None


def _curvature(element: Element, name: str) -> float:
    value = real(element, name)
    if abs(value) > SHARPEST:
        raise element.problem(f"{name} should be at most {SHARPEST:g} 1/m, got {value:g}")
    return value


def _check_turn(element: Element, turn: float) -> None:
    if turn > MOST_TURN:
        raise element.problem(f"it turns by {turn:g} rad, more than {MOST_TURN:g}")


def _check_slope(element: Element, slope: float) -> None:
    if slope > 1000.0:
        raise element.problem(f"its slope reaches {slope:g}; a poly3 is for flat curves")


_SHAPES = {
    "line": _line,
    "arc": _arc,
    "spiral": _spiral,
    "poly3": _poly3,
    "paramPoly3": _param_poly3,
}
