"""What the RSS monitor says, written down a second time: plainly, for one scenario."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Kind
from drivestack.core.types import Observation
from drivestack.roads.lane_tables import lanes_of
from drivestack.roads.nearest import HEADING_WEIGHT, nearest_in
from drivestack.safety.monitors.rss import RssMonitor, Rule
from drivestack.safety.monitors.rss_rules import (
    CROSSING,
    OPPOSITE,
    constellation,
    crossing_is_safe,
    gaps,
    needed_across,
    needed_along,
    on_the_heading,
    on_the_lane,
    walker_is_safe,
)

Memory = dict[int, tuple[bool, bool]]
"""By id: whether the distance along the lane was safe last, and that across it."""


@dataclass
class Said:
    """Distances [m] that there are and that are needed, by rule, of whom; which rules brake, and to
    which sides the wheels are not to turn."""

    found: dict[Rule, tuple[float, float, int]] = field(default_factory=dict)
    brakes: set[Rule] = field(default_factory=set)
    off_left: bool = False
    off_right: bool = False
    memory: Memory = field(default_factory=dict)

    def note(self, rule: Rule, room: float, need: float, who: int) -> None:
        """Keep the one who lacks most; of equals the first."""
        if rule not in self.found or need - room > self.found[rule][1] - self.found[rule][0]:
            self.found[rule] = (room, need, who)


def said_again(seen: Observation, own: RssMonitor, last: Memory) -> Said:
    """Of everybody, one after another."""
    lanes, ego, size = lanes_of(seen.maps[0]), seen.ego.state[0], seen.ego.size[0]
    rules, tracks, said = parameter_table(own)[0], seen.tracks, Said()

    def lane_of(state: np.ndarray) -> int:
        grid = lanes.grid, lanes.cell_at, lanes.cell_lanes
        return int(nearest_in(lanes.lanes, lanes.points, *grid, *state[:3], HEADING_WEIGHT)[0])

    for n in np.flatnonzero(tracks.valid[0, :, -1]):
        other, box, who = tracks.state[0, n, -1], tracks.size[0, n], int(tracks.id[0, n])
        if tracks.kind[0, n] in (Kind.PEDESTRIAN, Kind.ANIMAL):
            safe, room, need = walker_is_safe(ego, size, other, box, rules)
            if not safe:
                said.note(Rule.RSS_UNSTRUCTURED, room, need, who)
                said.brakes.add(Rule.RSS_UNSTRUCTURED)
            continue
        lane = lanes.lanes[lane_of(ego)]
        here, one = on_the_lane(lane, lanes.points, ego, size, own.beyond)
        there, two = on_the_lane(lane, lanes.points, other, box, own.beyond)
        if not here or not there:
            one, two = on_the_heading(ego, ego, size), on_the_heading(ego, other, box)
        way = constellation(one, two)
        if way == CROSSING:
            first = int(lane["priority"]) - int(lanes.lanes[lane_of(other)]["priority"])
            safe, room, need = crossing_is_safe(ego, size, other, box, first, rules)
            if not safe:
                said.note(Rule.RSS_INTERSECTION, min(room, need), need, who)
                if first <= 0:
                    said.brakes.add(Rule.RSS_INTERSECTION)
            continue
        room, beside = gaps(one, two)
        need, aside = needed_along(one, two, way == OPPOSITE, rules), needed_across(one, two, rules)
        if room >= need or beside >= aside:
            said.memory[who] = (bool(room >= need), bool(beside >= aside))
            continue
        before = last.get(who, (False, False))
        along, across = before if any(before) else (True, bool(beside >= 0.0))
        said.memory[who] = (along, across)
        rule = Rule.RSS_OPPOSITE if way == OPPOSITE else Rule.RSS_LONGITUDINAL
        said.note(rule, room, need, who)
        said.note(Rule.RSS_LATERAL, beside, aside, who)
        ahead = two.s - one.s if one.along >= 0.0 else one.s - two.s
        if along and ahead >= 0.0:
            said.brakes.add(rule)
        said.off_left |= across and bool(two.lateral > one.lateral)
        said.off_right |= across and bool(two.lateral <= one.lateral)
    return said
