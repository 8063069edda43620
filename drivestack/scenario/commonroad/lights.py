"""Traffic lights: checked, and left out; nothing here can see or judge them yet."""

from __future__ import annotations

from drivestack.core.errors import nearest

from ..xml_reader import Element
from ..xml_values import check_children
from .values import identity, number, positive

COLORS = ("red", "yellow", "redYellow", "green", "inactive")
_READ = ("cycle",)
_IGNORED = ("position", "direction", "active", "color")


def read_lights(root: Element) -> frozenset[int]:
    """The ids of all lights, whose cycles can be carried out.

    Raises:
        InputError: an id used twice, a phase without length, an unknown colour.
    """
    found: set[int] = set()
    for element in root.all("trafficLight"):
        check_children(element, _READ, _IGNORED)
        if identity(element) in found:
            raise element.problem("id used twice")
        found.add(identity(element))
        for cycle in element.all("cycle"):
            check_children(cycle, ("cycleElement", "timeOffset"), ())
            for phase in cycle.all("cycleElement"):
                _check_phase(phase)
            for offset in cycle.all("timeOffset"):
                number(offset)
    return frozenset(found)


def _check_phase(phase: Element) -> None:
    check_children(phase, ("duration", "color"), ())
    positive(phase.need("duration"))
    color = phase.need("color")
    if color.text not in COLORS:
        raise color.problem(f"unknown colour; {nearest(color.text[:40], COLORS)}")
