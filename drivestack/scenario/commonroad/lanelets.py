"""Lanelets: centre lines and widths from bounds, neighbours, limits from elements or signs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.errors import nearest

from ..xml_reader import Element
from ..xml_values import attribute, check_children
from .signs import Sign
from .values import identity, points, positive

_READ = (
    "leftBound", "rightBound", "predecessor", "successor", "adjacentLeft", "adjacentRight",
    "speedLimit", "trafficSignRef", "trafficLightRef", "stopLine", "laneletType", "userOneWay",
    "userBidirectional",
)  # fmt: skip

TYPES = {
    **dict.fromkeys(
        ("urban", "country", "highway", "driveWay", "mainCarriageWay", "accessRamp", "exitRamp",
         "interstate", "intersection", "busStop", "unknown"), False
    ),
    **dict.fromkeys(
        ("shoulder", "busLane", "bicycleLane", "sidewalk", "crosswalk", "border", "parking",
         "restricted"), True
    ),
}  # fmt: skip
"""Lanelet types, and whether they are closed to cars."""

CARS = ("vehicle", "car")
"""Users that an ego belongs to."""


@dataclass(frozen=True, slots=True, eq=False)
class Lanelet:
    """One lanelet.

    Attributes:
        id: its number. center: (P, 2) [m]. widths: (P,) full width at each point [m].
        successors, predecessors: lanelet ids. left, right: neighbours of the same direction.
        speed_limit: [m/s] or None. priority: by signs, larger goes first. forbidden: no lane
        changes into it. element: where it was read from, for errors.
    """

    id: int
    center: NDArray[np.float64]
    widths: NDArray[np.float64]
    successors: tuple[int, ...]
    predecessors: tuple[int, ...]
    left: int | None
    right: int | None
    speed_limit: float | None
    priority: int
    forbidden: bool
    element: Element


def read_lanelets(
    root: Element, signs: dict[int, Sign], lights: Collection[int]
) -> dict[int, Lanelet]:
    """All lanelets of a document by id.

    Args:
        signs: the document's. lights: ids of its traffic lights.

    Raises:
        InputError: none at all, a number used twice, a broken bound or a missing neighbour.
    """
    lanelets: dict[int, Lanelet] = {}
    for element in root.all("lanelet"):
        lanelet = _lanelet(element, signs, lights)
        if lanelet.id in lanelets:
            first = lanelets[lanelet.id].element.line
            raise element.problem(f"id used twice, first in line {first}")
        lanelets[lanelet.id] = lanelet
    if not lanelets:
        raise root.problem("missing lanes: no element 'lanelet'")
    for element in root.all("lanelet"):
        _check_neighbours(element, lanelets)
    return lanelets


def _lanelet(element: Element, signs: dict[int, Sign], lights: Collection[int]) -> Lanelet:
    check_children(element, _READ, ())
    told = _signs_at(element, signs, lights)
    center, widths = _middle(element)
    return Lanelet(
        id=identity(element),
        center=center,
        widths=widths,
        successors=tuple(identity(child, "ref") for child in element.all("successor")),
        predecessors=tuple(identity(child, "ref") for child in element.all("predecessor")),
        left=_neighbour(element, "adjacentLeft"),
        right=_neighbour(element, "adjacentRight"),
        speed_limit=_limit(element, told),
        priority=max((sign.priority for sign in told), key=abs, default=0),
        forbidden=_is_closed(element) or any(sign.forbids for sign in told),
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


def _signs_at(element: Element, signs: dict[int, Sign], lights: Collection[int]) -> list[Sign]:
    """The signs of a lanelet and of its stop line."""
    found = []
    line = element.find("stopLine")
    if line is not None:
        check_children(line, ("point", "trafficSignRef", "trafficLightRef"), ("lineMarking",))
    for place in (element, *(() if line is None else (line,))):
        for child in place.all("trafficSignRef"):
            if identity(child, "ref") not in signs:
                raise child.problem(f"there is no traffic sign {identity(child, 'ref')}")
            found.append(signs[identity(child, "ref")])
        for child in place.all("trafficLightRef"):
            if identity(child, "ref") not in lights:
                raise child.problem(f"there is no traffic light {identity(child, 'ref')}")
    return found


def _limit(element: Element, signs: Sequence[Sign]) -> float | None:
    """The lanelet's own limit, else the lowest one of its signs."""
    own = element.find("speedLimit")
    if own is not None:
        return positive(own)
    return min((sign.limit for sign in signs if sign.limit is not None), default=None)


def _is_closed(element: Element) -> bool:
    """Whether its type or its users keep cars out."""
    for child in element.all("laneletType"):
        if child.text not in TYPES:
            raise child.problem(f"unknown type; {nearest(child.text[:40], TYPES)}")
        if TYPES[child.text]:
            return True
    users = [
        child.text for tag in ("userOneWay", "userBidirectional") for child in element.all(tag)
    ]
    return bool(users) and not any(user in CARS for user in users)


def _check_neighbours(element: Element, lanelets: dict[int, Lanelet]) -> None:
    for child in element.children:
        if "ref" not in child.attributes or child.tag in ("trafficSignRef", "trafficLightRef"):
            continue
        other = identity(child, "ref")
        if other not in lanelets:
            raise child.problem(f"missing lane: there is no lanelet {other}")
        if other == identity(element):
            raise child.problem(f"cyclic lane: lanelet {other} is its own {child.tag}")
