"""The names of a scenario's script: bodies, events and places, looked up with an error's place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drivestack.core.errors import nearest
from drivestack.core.map import Map
from drivestack.roads.lanes import position

from .cue_schema import Spot
from .expand import Case
from .placing import check_s, lane_index


@dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """Who is named how.

    Attributes:
        case: what is translated. map: its map. places: of the bodies by name. events: the cues'
        rows by name.
    """

    case: Case
    map: Map
    places: Mapping[str, int]
    events: Mapping[str, int]

    def place(self, name: str, *steps: str | int) -> int:
        """The place of the body that the field at `steps` names."""
        if name not in self.places:
            sentence = f"no body '{name}'; {nearest(name, self.places)}"
            raise self.case.problem(sentence, *steps)
        return self.places[name]

    def event(self, name: str, *steps: str | int) -> int:
        """The row of the event that the field at `steps` names."""
        if name not in self.events:
            raise self.case.problem(f"no event '{name}'; {nearest(name, self.events)}", *steps)
        return self.events[name]

    def point(self, spot: Spot, *steps: str | int) -> tuple[float, float]:
        """The point that a block with `position`, or `lane` and `s`, gives."""
        if spot.position is not None:
            return spot.position
        lane = self.map.lanes[lane_index(self.case, self.map, spot.lane, *steps, "lane")]
        check_s(self.case, spot.s, float(lane["length"]), *steps, "s")
        x, y = position(lane, self.map.points, spot.s, 0.0)
        return float(x), float(y)
