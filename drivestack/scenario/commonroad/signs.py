"""Traffic signs: speed limits, right of way, and where cars may not go."""

from __future__ import annotations

from dataclasses import dataclass

from ..xml_reader import Element
from ..xml_values import check_children
from .values import identity, positive

LIMITS = ("274", "274.1", "R2-1")
"""Speed limit and speed zone, value in m/s: Germany (and fictional Zamunda), USA."""

PRIORITY = {"205": -1, "206": -1, "R1-1": -1, "R1-2": -1, "301": 1, "306": 1}
"""Yield and stop, right of way and priority road, as a lane's priority; 0 is a lane without."""

FORBIDDING = ("237", "239", "250", "251", "267", "R5-1")
"""Ways for others, no vehicles, no cars, no entry."""

_PARTS = ("trafficSignElement",)
_IGNORED = ("position", "virtual")


@dataclass(frozen=True, slots=True)
class Sign:
    """What a sign means to a car.

    Attributes:
        limit: [m/s] or None. priority: of the lanes, 0 if it says nothing. forbids: cars.
        others: numbers of its elements that mean nothing here.
    """

    limit: float | None
    priority: int
    forbids: bool
    others: tuple[str, ...]


def read_signs(root: Element) -> dict[int, Sign]:
    """All signs of a document by id.

    Raises:
        InputError: an id used twice, or a speed limit without its value.
    """
    signs: dict[int, Sign] = {}
    for element in root.all("trafficSign"):
        check_children(element, _PARTS, _IGNORED)
        if identity(element) in signs:
            raise element.problem("id used twice")
        signs[identity(element)] = _sign(element)
    return signs


def _sign(element: Element) -> Sign:
    limits: list[float] = []
    others: list[str] = []
    priority, forbids = 0, False
    for part in element.all("trafficSignElement"):
        check_children(part, ("trafficSignID", "additionalValue"), ())
        number = part.need("trafficSignID").text
        if number in LIMITS:
            limits.append(positive(part.need("additionalValue")))
        elif number in PRIORITY:
            priority = PRIORITY[number]
        elif number in FORBIDDING:
            forbids = True
        else:
            others.append(number[:40])
    return Sign(min(limits, default=None), priority, forbids, tuple(others))
