"""Shapes of obstacles as boxes about their reference points."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..xml_reader import Element
from .values import number, point, points, positive


@dataclass(frozen=True, slots=True)
class Box:
    """A box in the frame of a body.

    Attributes:
        length, width: [m]. x, y: its centre [m]. turn: its direction [rad].
    """

    length: float
    width: float
    x: float = 0.0
    y: float = 0.0
    turn: float = 0.0

    def moved(self, states: NDArray[np.float64]) -> NDArray[np.float64]:
        """States (R, 4) of the box's centre, for those of the reference point."""
        if (self.x, self.y, self.turn) == (0.0, 0.0, 0.0):
            return states
        found = states.copy()
        c, s = np.cos(states[:, 2]), np.sin(states[:, 2])
        found[:, 0] += c * self.x - s * self.y
        found[:, 1] += s * self.x + c * self.y
        found[:, 2] += self.turn
        return found


def box_of(shape: Element) -> Box:
    """The box that a shape is, or the smallest around a circle or polygon.

    Raises:
        UnsupportedError: several shapes, or one of another name.
    """
    if len(shape.children) != 1:
        raise shape.unsupported(f"exactly one shape is supported, got {len(shape.children)}")
    found = shape.children[0]
    match found.tag:
        case "rectangle":
            return _rectangle(found)
        case "circle":
            diameter = 2.0 * positive(found.need("radius"))
            return Box(diameter, diameter, *_center(found))
        case "polygon":
            corners = points(found)
            if len(corners) < 3:
                raise found.problem("a polygon needs at least three points")
            return _around(corners)
    raise found.unsupported(f"a body of shape '{found.tag}' is not supported")


def _rectangle(element: Element) -> Box:
    """A box whose length is the side nearest to the body's x axis."""
    length, width = positive(element.need("length")), positive(element.need("width"))
    turn = element.find("orientation")
    angle = 0.0 if turn is None else number(turn)
    quarters = round(angle / (0.5 * math.pi))
    if quarters % 2:
        length, width = width, length
    return Box(length, width, *_center(element), angle - quarters * 0.5 * math.pi)


def _center(element: Element) -> tuple[float, float]:
    center = element.find("center")
    return (0.0, 0.0) if center is None else point(center)


def _around(corners: NDArray[np.float64]) -> Box:
    """The smallest box along one of a polygon's edges; a rectangle is its own.

    The direction nearest to the body's x axis is its length's.
    """
    edges = np.roll(corners, -1, axis=0) - corners
    best: Box | None = None
    for dx, dy in edges.tolist():
        if math.hypot(dx, dy) < 1e-9:
            continue
        turn = math.remainder(math.atan2(dy, dx), 0.5 * math.pi)
        c, s = math.cos(turn), math.sin(turn)
        along, across = corners @ (c, s), corners @ (-s, c)
        a, b = 0.5 * (along.min() + along.max()), 0.5 * (across.min() + across.max())
        length, width = float(np.ptp(along)), float(np.ptp(across))
        box = Box(length, width, float(c * a - s * b), float(s * a + c * b), turn)
        if best is None or length * width < best.length * best.width - 1e-9:
            best = box
    assert best is not None
    return best
