"""Lane sections of a road: which lanes there are, how wide, what they are for, how they go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..xml_reader import Element
from ..xml_values import attribute
from .attributes import lane_number, real
from .cubics import Cubics, read_cubics
from .left_out import LeftOut
from .speeds import SpeedRecord, read_speed

MOTOR = (
    "driving", "entry", "exit", "onRamp", "offRamp", "connectingRamp", "slipLane", "mwyEntry",
    "mwyExit", "HOV", "bus", "taxi",
)  # fmt: skip
"""Types of lanes that motor traffic runs on: these make the lane graph (OpenDRIVE 1.8, 11.7.1)."""

OTHER = (
    "none", "shoulder", "border", "stop", "restricted", "parking", "median", "biking", "sidewalk",
    "walking", "curb", "special1", "special2", "special3", "roadWorks", "tram", "rail", "shared",
)  # fmt: skip
"""Types that have places on them but are no part of the lane graph."""

MOST_ACROSS = 60
"""Lanes of one section; the widest motorway has 26, with borders less than twice that."""

_NARROW = -1e-3
"""Least width [m]: polynomials that close a lane miss 0 by rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Lane:
    """One lane of one section.

    Attributes:
        id: positive to the left of the reference line. type: OpenDRIVE's word. motor: it is part of
        the lane graph. width: over the road's s. speeds: limits over the road's s.
        before, after: numbers of the linked lanes at lower and at higher s. element: for errors.
    """

    id: int
    type: str
    motor: bool
    width: Cubics
    speeds: tuple[SpeedRecord, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    element: Element


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """One lane section.

    Attributes:
        start, end: s [m]. lanes: by number, without the centre lane.
    """

    start: float
    end: float
    lanes: dict[int, Lane]

    def inside(self, lane: int) -> Iterator[Lane]:
        """The lanes between the reference line and a lane, from the inside, and the lane itself."""
        step = 1 if lane > 0 else -1
        for number in range(step, lane + step, step):
            if number in self.lanes:
                yield self.lanes[number]


def read_sections(road: Element, length: float, left_out: LeftOut) -> tuple[Section, ...]:
    """The lane sections of a road.

    Raises:
        InputError: none, out of order, a lane twice or on the wrong side, no width or one below 0.
        UnsupportedError: something in a lane that would change the road.
    """
    lanes = road.need("lanes")
    left_out.check(lanes, ("laneOffset", "laneSection"))
    elements = list(lanes.all("laneSection"))
    if not elements:
        raise lanes.problem("missing element 'laneSection'")
    starts = [real(element, "s") for element in elements]
    if abs(starts[0]) > 1e-3:
        raise elements[0].problem(
            f"the first lane section should start at s = 0, not {starts[0]:g}"
        )
    starts[0] = 0.0
    sections = []
    for element, start, end in zip(elements, starts, [*starts[1:], length], strict=True):
        if not start < end:
            raise element.problem(
                f"the section has no length: it lasts from {start:g} to {end:g} m"
            )
        sections.append(_section(element, start, end, left_out))
    return tuple(sections)


def _section(element: Element, start: float, end: float, left_out: LeftOut) -> Section:
    left_out.check(element, ("left", "center", "right"))
    if element.attributes.get("singleSide", "false") == "true":
        raise element.unsupported("sections for a single side are not read")
    lanes: dict[int, Lane] = {}
    for side, sign in (("left", 1), ("right", -1)):
        for group in element.all(side):
            left_out.check(group, ("lane",))
            for child in group.all("lane"):
                lane = _lane(child, start, end, left_out)
                if lane.id * sign <= 0:
                    raise child.problem(f"lane {lane.id} does not belong to the {side} side")
                if lane.id in lanes:
                    raise child.problem("number used twice in this section")
                lanes[lane.id] = lane
    if len(lanes) > MOST_ACROSS:
        raise element.problem(
            f"{len(lanes)} lanes beside each other; at most {MOST_ACROSS} are read"
        )
    return Section(start, end, lanes)


def _lane(element: Element, start: float, end: float, left_out: LeftOut) -> Lane:
    left_out.check(element, ("link", "width", "speed"))
    kind = attribute(element, "type")
    if kind not in (*MOTOR, *OTHER):
        raise element.unsupported(f"lane type '{kind[:40]}' is not known")
    direction = element.attributes.get("direction", "standard")
    if kind in MOTOR and direction != "standard":
        raise element.unsupported(f"lanes of direction '{direction[:40]}' are not read")
    widths = list(element.all("width"))
    if not widths:
        raise element.problem("missing element 'width'")
    width = read_cubics(widths, "sOffset", start)
    samples = width.at(np.linspace(start, end, 33))
    if samples.min() < _NARROW or samples.max() > 1e3:
        wrong = samples.min() if samples.min() < _NARROW else samples.max()
        raise widths[0].problem(f"the lane's width reaches {wrong:g} m; expected 0 to 1000 m")
    link = element.find("link")
    return Lane(
        id=lane_number(element),
        type=kind,
        motor=kind in MOTOR,
        width=width,
        speeds=tuple(read_speed(child, start, "sOffset") for child in element.all("speed")),
        before=_linked(link, "predecessor"),
        after=_linked(link, "successor"),
        element=element.bare(),
    )


def _linked(link: Element | None, tag: str) -> tuple[int, ...]:
    return () if link is None else tuple(lane_number(child) for child in link.all(tag))
