"""Lanelets: centre lines and widths from bounds, neighbours, limits from elements or signs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..xml_reader import Element
from ..xml_values import attribute, check_children
from .values import identity, points, positive

SPEED_LIMIT_SIGNS = ("274", "R2-1")
"""Traffic sign numbers of a speed limit, value in m/s: Germany (and fictional Zamunda), USA."""

_READ = (
    "leftBound", "rightBound", "predecessor", "successor", "adjacentLeft", "adjacentRight",
    "speedLimit", "trafficSignRef",
)  # fmt: skip

IGNORED = ("laneletType", "userOneWay", "userBidirectional", "stopLine", "trafficLightRef")
"""What traffic rules would need; recorded traffic has obeyed them already."""


@dataclass(frozen=True, slots=True, eq=False)
class Lanelet:
    """One lanelet.

    Attributes:
        id: its number. center: (P, 2) [m]. widths: (P,) full width at each point [m].
        successors, predecessors: lanelet ids. left, right: neighbours of the same direction.
        speed_limit: [m/s] or None. element: where it was read from, for errors.
    """

    id: int
    center: NDArray[np.float64]
    widths: NDArray[np.float64]
    successors: tuple[int, ...]
    predecessors: tuple[int, ...]
    left: int | None
    right: int | None
    speed_limit: float | None
    element: Element


def read_lanelets(root: Element) -> dict[int, Lanelet]:
    """All lanelets of a document by id.

    Raises:
        InputError: none at all, a number used twice, a broken bound or a missing neighbour.
    """
    limits = _signed_limits(root)
    lanelets: dict[int, Lanelet] = {}
    for element in root.all("lanelet"):
        lanelet = _lanelet(element, limits)
        if lanelet.id in lanelets:
            first = lanelets[lanelet.id].element.line
            raise element.problem(f"id used twice, first in line {first}")
        lanelets[lanelet.id] = lanelet
    if not lanelets:
        raise root.problem("missing lanes: no element 'lanelet'")
    for element in root.all("lanelet"):
        _check_neighbours(element, lanelets)
    return lanelets


def _lanelet(element: Element, limits: dict[int, float]) -> Lanelet:
    check_children(element, _READ, IGNORED)
    center, widths = _middle(element)
    return Lanelet(
        id=identity(element),
        center=center,
        widths=widths,
        successors=tuple(identity(child, "ref") for child in element.all("successor")),
        predecessors=tuple(identity(child, "ref") for child in element.all("predecessor")),
        left=_neighbour(element, "adjacentLeft"),
        right=_neighbour(element, "adjacentRight"),
        speed_limit=_limit(element, limits),
        element=element.bare(),
    )


def _middle(element: Element) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centre line (P, 2) and widths (P,) from the two bounds."""
    bounds = []
    for tag in ("leftBound", "rightBound"):
        bound = element.need(tag)
        line = points(bound)
        if len(line) < 2 or not np.hypot(*np.diff(line, axis=0).T).sum() > 0.0:
            raise bound.problem("a bound needs at least two different points")
        bounds.append(line)
    left, right = bounds
    if len(left) != len(right):
        parts = np.linspace(0.0, 1.0, max(len(left), len(right)))
        left, right = _at_parts(left, parts), _at_parts(right, parts)
    widths = np.hypot(*(left - right).T)
    center = 0.5 * (left + right)
    if not widths.max() > 0.0 or not np.hypot(*np.diff(center, axis=0).T).sum() > 0.0:
        raise element.problem("the lanelet has no area")
    return center, widths


def _at_parts(line: NDArray[np.float64], parts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points at fractions of a line's length."""
    s = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))))
    return np.stack([np.interp(parts * s[-1], s, line[:, axis]) for axis in (0, 1)], axis=1)


def _neighbour(element: Element, tag: str) -> int | None:
    """The adjacent lanelet, if it leads the same way."""
    child = element.find(tag)
    if child is None:
        return None
    direction = attribute(child, "drivingDir")
    if direction not in ("same", "opposite"):
        raise child.problem(f"drivingDir should be same or opposite, got '{direction[:40]}'")
    return identity(child, "ref") if direction == "same" else None


def _limit(element: Element, limits: dict[int, float]) -> float | None:
    """The lanelet's own limit, else the lowest one of its signs."""
    own = element.find("speedLimit")
    if own is not None:
        return positive(own)
    signs = [identity(child, "ref") for child in element.all("trafficSignRef")]
    return min((limits[sign] for sign in signs if sign in limits), default=None)


def _signed_limits(root: Element) -> dict[int, float]:
    """Speed limits [m/s] by the id of the sign that gives them; other signs are not read."""
    limits: dict[int, float] = {}
    for sign in root.all("trafficSign"):
        for part in sign.all("trafficSignElement"):
            value = part.find("additionalValue")
            if part.need("trafficSignID").text in SPEED_LIMIT_SIGNS and value is not None:
                limits[identity(sign)] = positive(value)
    return limits


def _check_neighbours(element: Element, lanelets: dict[int, Lanelet]) -> None:
    for child in element.children:
        if "ref" not in child.attributes or child.tag in ("trafficSignRef", "trafficLightRef"):
            continue
        other = identity(child, "ref")
        if other not in lanelets:
            raise child.problem(f"missing lane: there is no lanelet {other}")
        if other == identity(element):
            raise child.problem(f"cyclic lane: lanelet {other} is its own {child.tag}")
