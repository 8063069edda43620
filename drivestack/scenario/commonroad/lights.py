"""Traffic lights of a document: their cycles, and for which turns they are."""

from __future__ import annotations

from dataclasses import dataclass

from drivestack.core.errors import nearest
from drivestack.core.lights import Colour

from ..xml_reader import Element
from ..xml_values import check_children
from .values import Clock, identity, number, positive

COLORS = {
    "red": Colour.RED,
    "yellow": Colour.YELLOW,
    "redYellow": Colour.RED_YELLOW,
    "green": Colour.GREEN,
    "inactive": Colour.INACTIVE,
}
ALL_TURNS = frozenset({"left", "straight", "right"})
DIRECTIONS = {
    "all": ALL_TURNS,
    "left": frozenset({"left"}),
    "straight": frozenset({"straight"}),
    "right": frozenset({"right"}),
    "leftStraight": frozenset({"left", "straight"}),
    "straightRight": frozenset({"straight", "right"}),
    "leftRight": frozenset({"left", "right"}),
}
_READ = ("cycle", "direction", "active")
_IGNORED = ("position", "color")


@dataclass(frozen=True, slots=True)
class Signal:
    """One light.

    Attributes:
        id: its number. phases: colours and how long each is shown [s]; none: it is out of order.
        offset: the time of the recording at which the first phase begins [s].
        turns: of those who are to heed it.
    """

    id: int
    phases: tuple[tuple[Colour, float], ...]
    offset: float
    turns: frozenset[str]


def read_lights(root: Element, clock: Clock) -> dict[int, Signal]:
    """All lights by id.

    Raises:
        InputError: an id used twice, a phase without length, an unknown colour or direction.
    """
    found: dict[int, Signal] = {}
    for element in root.all("trafficLight"):
        check_children(element, _READ, _IGNORED)
        if identity(element) in found:
            raise element.problem("id used twice")
        found[identity(element)] = _signal(element, 1.0 if clock.in_seconds else clock.dt)
    return found


def _signal(element: Element, unit: float) -> Signal:
    """A light; its times are in `unit` seconds."""
    phases: list[tuple[Colour, float]] = []
    offset = 0.0
    cycle = element.find("cycle")
    if cycle is not None:
        check_children(cycle, ("cycleElement", "timeOffset"), ())
        phases = [_phase(phase, unit) for phase in cycle.all("cycleElement")]
        given = cycle.find("timeOffset")
        offset = 0.0 if given is None else number(given) * unit
    active, direction = element.find("active"), element.find("direction")
    if active is not None and active.text not in ("true", "false"):
        raise active.problem(f"expected true or false, got '{active.text[:40]}'")
    if active is not None and active.text == "false":
        phases = []
    if direction is not None and direction.text not in DIRECTIONS:
        raise direction.problem(f"unknown; {nearest(direction.text[:40], DIRECTIONS)}")
    turns = ALL_TURNS if direction is None else DIRECTIONS[direction.text]
    return Signal(identity(element), tuple(phases), offset, turns)


def _phase(phase: Element, unit: float) -> tuple[Colour, float]:
    check_children(phase, ("duration", "color"), ())
    seconds = positive(phase.need("duration")) * unit
    color = phase.need("color")
    if color.text not in COLORS:
        raise color.problem(f"unknown colour; {nearest(color.text[:40], COLORS)}")
    return COLORS[color.text], seconds
