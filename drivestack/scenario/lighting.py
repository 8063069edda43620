"""Traffic lights made concrete: seconds become ticks, lane names become indices."""

from __future__ import annotations

from collections.abc import Sequence

from drivestack.core.lights import Colour, Light
from drivestack.core.map import Map

from .expand import Case
from .placing import check_s, lane_index
from .starting import rates_of

Phases = Sequence[tuple[Colour, float]]
"""Colours and how long each is shown [s]."""


def timed(
    name: str, phases: Phases, offset: float, hz: int, lines: tuple[tuple[int, float], ...]
) -> Light:
    """A light whose phases last whole ticks, at least one each.

    Args:
        offset: when a first phase begins [s]. hz: ticks a second. lines: lane and s [m].
    """
    ticks = tuple((colour, max(round(seconds * hz), 1)) for colour, seconds in phases)
    return Light(name, ticks, round(offset * hz), lines)


def lights_of(case: Case, road_map: Map) -> tuple[Light, ...]:
    """The lights that a scenario gives.

    Raises:
        InputError: a line on a lane that the map does not have, or not on its lane.
    """
    hz = rates_of(case.scenario).physics
    found = []
    for number, given in enumerate(case.scenario.lights):
        phases = [(Colour[colour.upper()], seconds) for colour, seconds in given.phases]
        for place, (_, seconds) in enumerate(phases):
            if seconds * hz < 1.0:
                sentence = f"a phase lasts a tick at least, {1 / hz:g} s, not {seconds:g} s"
                raise case.problem(sentence, "lights", number, "phases", place)
        lines = []
        for place, line in enumerate(given.lines):
            steps = ("lights", number, "lines", place)
            lane = lane_index(case, road_map, line.lane, *steps, "lane")
            length = float(road_map.lanes[lane]["length"])
            s = length if line.s is None else line.s
            check_s(case, s, length, *steps, "s")
            lines.append((lane, s))
        found.append(timed(given.name, phases, given.offset, hz, tuple(lines)))
    return tuple(found)
