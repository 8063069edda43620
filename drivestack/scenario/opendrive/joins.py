"""Which lane ends meet: links within roads, between roads, and through junctions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..xml_reader import Element
from .junctions import Connection, Junction
from .lanes import Lane
from .left_out import LeftOut
from .road import Road, RoadLink


class LaneKey(NamedTuple):
    """A lane: its road's id, the number of its section, its own number."""

    road: str
    section: int
    lane: int


class Join(NamedTuple):
    """Two lane ends that meet; `first_end` and `second_end` say whether it is the end of high s."""

    first: LaneKey
    first_end: bool
    second: LaneKey
    second_end: bool


@dataclass(frozen=True, slots=True)
class _Joiner:
    """Looks lanes up in a network."""

    roads: dict[str, Road]
    junctions: dict[str, Junction]
    left_out: LeftOut

    def lane(self, key: LaneKey) -> Lane | None:
        return self.roads[key.road].sections[key.section].lanes.get(key.lane)

    def join(self, join: Join, element: Element) -> Iterator[Join]:
        """The meeting, if both lanes are there; a footpath's link may lead nowhere.

        Raises:
            InputError: one is not there, and the other is not a lane without motor traffic.
        """
        lanes = [self.lane(key) for key in (join.first, join.second)]
        if None not in lanes:
            yield join
        elif any(lane is not None and not lane.motor for lane in lanes):
            self.left_out.note("laneLink", element)
        else:
            key = join.first if lanes[0] is None else join.second
            raise element.problem(f"missing lane: road '{key.road}' has no lane {key.lane} here")

    def within(self, road: Road) -> Iterator[Join]:
        """Links from section to section."""
        last = len(road.sections) - 1
        for number, section in enumerate(road.sections):
            for lane in section.lanes.values():
                key = LaneKey(road.id, number, lane.id)
                for wanted in lane.after if number < last else ():
                    other = LaneKey(road.id, number + 1, wanted)
                    yield from self.join(Join(key, True, other, False), lane.element)
                for wanted in lane.before if number > 0 else ():
                    other = LaneKey(road.id, number - 1, wanted)
                    yield from self.join(Join(key, False, other, True), lane.element)

    def onward(self, road: Road, link: RoadLink | None, at_end: bool) -> Iterator[Join]:
        """Links from a road's end to the road that is linked there."""
        if link is None:
            return
        if link.id not in (self.junctions if link.junction else self.roads):
            kind = "junction" if link.junction else "road"
            raise link.element.problem(f"there is no {kind} '{link.id}'")
        if link.junction:
            return
        other = self.roads[link.id]
        there = other.end_section(not link.at_start)
        number = road.end_section(at_end)
        for lane in road.sections[number].lanes.values():
            for wanted in lane.after if at_end else lane.before:
                ours, theirs = (road.id, number, lane.id), (other.id, there, wanted)
                join = Join(LaneKey(*ours), at_end, LaneKey(*theirs), not link.at_start)
                yield from self.join(join, lane.element)

    def through(self, junction: Junction, connection: Connection) -> Iterator[Join]:
        """The lane links of a connection."""
        element = connection.element
        for name in (connection.incoming, connection.onward):
            if name not in self.roads:
                raise element.problem(f"there is no road '{name}'")
        incoming, onward = self.roads[connection.incoming], self.roads[connection.onward]
        at_end = _meets_at_end(incoming, junction, onward, connection)
        here, there = incoming.end_section(at_end), onward.end_section(not connection.at_start)
        for first, second in connection.lanes:
            ours, theirs = (incoming.id, here, first), (onward.id, there, second)
            join = Join(LaneKey(*ours), at_end, LaneKey(*theirs), not connection.at_start)
            yield from self.join(join, element)


def joins_of(
    roads: dict[str, Road], junctions: dict[str, Junction], left_out: LeftOut
) -> Iterator[Join]:
    """All meetings of lane ends that the file names, some of them twice.

    Raises:
        InputError: a link to a road, a junction or a lane that is not there.
    """
    joiner = _Joiner(roads, junctions, left_out)
    for road in roads.values():
        yield from joiner.within(road)
        yield from joiner.onward(road, road.before, False)
        yield from joiner.onward(road, road.after, True)
    for junction in junctions.values():
        for connection in junction.connections:
            yield from joiner.through(junction, connection)


def _meets_at_end(incoming: Road, junction: Junction, onward: Road, connection: Connection) -> bool:
    """Which end of the incoming road lies at a junction; the nearer one where both do."""
    at = [
        link is not None and link.junction and link.id == junction.id
        for link in (incoming.before, incoming.after)
    ]
    if at[0] != at[1]:
        return at[1]
    x, y, _ = onward.line.pose(0.0 if connection.at_start else onward.length, 0.0)
    gaps = []
    for s in (0.0, incoming.length):
        px, py, _ = incoming.line.pose(s, 0.0)
        gaps.append((px - x) ** 2 + (py - y) ** 2)
    return gaps[1] <= gaps[0]
