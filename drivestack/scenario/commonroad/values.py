"""Numbers, points and times in CommonRoad elements, checked where they are read."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.errors import nearest

from ..xml_reader import Element
from ..xml_values import attribute, finite

VERSIONS = ("2018a", "2018b", "2020a")

_WHOLE_STEPS = 1e-4
"""How far from a whole number of steps a time may be, for decimal rounding [steps]."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How a document tells time.

    Attributes:
        dt: step of the recording [s]. in_seconds: times are seconds (2018a), else whole steps.
    """

    dt: float
    in_seconds: bool

    def step(self, element: Element) -> int:
        """The step that a time element (``exact``, ``intervalStart``, ``intervalEnd``) names."""
        value = number(element)
        steps = value / self.dt if self.in_seconds else value
        if not 0.0 <= steps < 1e7:
            raise element.problem(f"time {value:g} out of range")
        if abs(steps - round(steps)) > _WHOLE_STEPS:
            unit = f"multiple of {self.dt:g} s" if self.in_seconds else "number of steps"
            raise element.problem(f"time {value:g} is not a whole {unit}")
        return round(steps)


def clock_of(root: Element) -> Clock:
    """The clock of a document, by its version.

    Raises:
        InputError: no CommonRoad document, an unknown version, or no valid step.
    """
    if root.tag != "commonRoad":
        raise root.problem("expected a CommonRoad document, whose root is 'commonRoad'")
    version = attribute(root, "commonRoadVersion")
    if version not in VERSIONS:
        raise root.unsupported(f"version '{version}' is not read; {nearest(version, VERSIONS)}")
    text = attribute(root, "timeStepSize")
    dt = finite(root, text)
    if not 1e-3 <= dt <= 10.0:
        raise root.problem(f"timeStepSize should be 0.001 to 10 s, got {text}")
    return Clock(dt, version == "2018a")


def identity(element: Element, name: str = "id") -> int:
    """A numeric id or reference."""
    text = attribute(element, name)
    if not re.fullmatch(r"-?\d{1,18}", text):
        raise element.problem(f"{name} should be a whole number, got '{text[:40]}'")
    return int(text)


def number(element: Element) -> float:
    """The finite number that an element holds."""
    return finite(element, element.text)


def positive(element: Element) -> float:
    """The positive number that an element holds."""
    value = number(element)
    if value <= 0.0:
        raise element.problem(f"expected a number greater than 0, got {element.text}")
    return value


def exact(element: Element) -> Element:
    """The ``exact`` value of a quantity that may not be an interval."""
    found = element.find("exact")
    if found is None:
        raise element.unsupported("an exact value is needed, not an interval")
    return found


def middle(element: Element) -> float:
    """The ``exact`` value of a quantity, or the middle of its interval."""
    if element.find("exact") is not None:
        return number(element.need("exact"))
    low, high = number(element.need("intervalStart")), number(element.need("intervalEnd"))
    if high < low:
        raise element.problem(f"an interval should not end at {high:g} before it starts")
    return 0.5 * (low + high)


def position(state: Element) -> tuple[float, float]:
    """x, y [m] of a state: a point, or the middle of a rectangle or circle."""
    place = state.need("position")
    at = place.find("point")
    if at is not None:
        return point(at)
    for shape in ("rectangle", "circle"):
        region = place.find(shape)
        if region is not None and len(place.children) == 1:
            return point(region.need("center"))
    raise place.unsupported("a position must be a point, a rectangle or a circle")


def point(element: Element) -> tuple[float, float]:
    """x, y [m] of a ``point`` or ``center``."""
    return number(element.need("x")), number(element.need("y"))


def points(element: Element) -> NDArray[np.float64]:
    """The (P, 2) points [m] below an element."""
    return np.array([point(child) for child in element.all("point")], np.float64).reshape(-1, 2)
