"""One road of an OpenDRIVE file: reference line, lane sections, and what it joins."""

from __future__ import annotations

import bisect
from dataclasses import dataclass

import numpy as np

from drivestack.core.errors import nearest

from ..xml_reader import Element
from ..xml_values import attribute
from .attributes import name_of, real
from .cubics import Cubics, read_cubics
from .geometry import LONGEST, Values
from .lanes import Section, read_sections
from .left_out import LeftOut
from .line import ReferenceLine, read_line
from .speeds import SpeedRecord, read_road_speeds

NO_JUNCTION = "-1"

_WIDER = 5.0
"""Added to the widest of nine samples of a section [m]."""

_READ = ("link", "type", "planView", "lanes")


@dataclass(frozen=True, slots=True)
class RoadLink:
    """What lies before or after a road.

    Attributes:
        junction: it is a junction, else a road. id: of it. at_start: which end of that road.
    """

    junction: bool
    id: str
    at_start: bool
    element: Element


@dataclass(frozen=True, slots=True, eq=False)
class Road:
    """One road.

    Attributes:
        id: its name in the file. length: [m]. junction: id of the one it is a part of, or None.
        right_hand: traffic keeps to the right. line: reference line. offset: of lane 0 over s.
        sections: in order of s. before, after: linked roads or junctions. speeds: limits by type.
    """

    id: str
    length: float
    junction: str | None
    right_hand: bool
    line: ReferenceLine
    offset: Cubics
    sections: tuple[Section, ...]
    before: RoadLink | None
    after: RoadLink | None
    speeds: tuple[SpeedRecord, ...]
    element: Element

    def section_at(self, s: float) -> int:
        """The number of the section that holds s [m]; the nearest one beyond the ends."""
        return max(bisect.bisect_right([section.start for section in self.sections], s) - 1, 0)

    def end_section(self, at_end: bool) -> int:
        """The number of the section at one end of the road."""
        return len(self.sections) - 1 if at_end else 0

    def runs_along(self, lane: int) -> bool:
        """Whether traffic on a lane drives towards higher s."""
        return (lane < 0) == self.right_hand

    def reach(self) -> float:
        """How far lanes lie to either side of the reference line at most, about [m]."""
        farthest = 0.0
        for number, section in enumerate(self.sections):
            s = np.linspace(section.start, section.end, 9)
            for lane in (max(section.lanes, default=0), min(section.lanes, default=0)):
                farthest = max(farthest, float(np.abs(self.edges(number, lane, s)[1]).max()))
        return farthest + _WIDER

    def edges(self, section: int, lane: int, s: Values) -> tuple[Values, Values]:
        """t (N,) of a lane's inner and outer edge at s (N,) [m]."""
        inner = self.offset.at(s)
        outer = inner
        sign = 1.0 if lane > 0 else -1.0
        for part in self.sections[section].inside(lane):
            inner = outer
            outer = inner + sign * np.maximum(part.width.at(s), 0.0)
        return inner, outer


def read_road(element: Element, left_out: LeftOut) -> Road:
    """One ``road`` element.

    Raises:
        InputError, UnsupportedError: one sentence with file, line and element.
    """
    left_out.check(element, _READ)
    length = real(element, "length")
    if not 0.0 < length <= LONGEST:
        raise element.problem(f"length should be above 0 and at most {LONGEST:g} m, got {length:g}")
    rule = element.attributes.get("rule", "RHT")
    if rule not in ("RHT", "LHT"):
        raise element.problem(f"rule should be RHT or LHT, got '{rule[:40]}'")
    junction = element.attributes.get("junction", NO_JUNCTION)
    link = element.find("link")
    return Road(
        id=name_of(element),
        length=length,
        junction=None if junction == NO_JUNCTION else junction,
        right_hand=rule == "RHT",
        line=read_line(element, length),
        offset=read_cubics(element.need("lanes").all("laneOffset"), "s"),
        sections=read_sections(element, length, left_out),
        before=None if link is None else _link(link.find("predecessor")),
        after=None if link is None else _link(link.find("successor")),
        speeds=read_road_speeds(element),
        element=element.bare(),
    )


def _link(element: Element | None) -> RoadLink | None:
    if element is None:
        return None
    kind = attribute(element, "elementType")
    if kind not in ("road", "junction"):
        raise element.problem(
            f"unknown elementType '{kind[:40]}'; {nearest(kind, ('road', 'junction'))}"
        )
    if "elementS" in element.attributes:
        raise element.unsupported("links into the middle of a road (elementS) are not read")
    at_start = kind == "road" and contact_is_start(element)
    return RoadLink(kind == "junction", name_of(element, "elementId"), at_start, element.bare())


def contact_is_start(element: Element) -> bool:
    """The ``contactPoint`` of an element."""
    given = attribute(element, "contactPoint")
    if given not in ("start", "end"):
        raise element.problem(f"contactPoint should be start or end, got '{given[:40]}'")
    return given == "start"
