"""Bundles of parallel lanes of one direction in one section: what becomes a road of our map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .joins import LaneKey
from .road import Road
from .speeds import limit_at

MOST_TURN = 2.0
"""Most that one circular lane may turn [rad]: coordinates wrap half a circle away from its start,
so that those who are up to 1.1 rad behind or ahead of the lane still have theirs. Our choice."""

_NOTHING = 1e-3
"""A lane that is nowhere wider than this [m] cannot be driven on and is no lane of the map."""


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """Neighbouring lanes of one direction.

    Attributes:
        name: such as ``7.0.right``: road, section, side; a letter where something parts the lanes
        of a side. lanes: numbers from left to right in the direction of travel. along: they run
        towards higher s. cuts: s [m] from end to end of the pieces that it is made of, in the
        direction of travel; limits: of each piece [m/s], one a lane.
    """

    name: str
    road: Road
    section: int
    lanes: tuple[int, ...]
    along: bool
    cuts: tuple[float, ...]
    limits: tuple[tuple[float | None, ...], ...]

    def keys(self) -> Iterator[LaneKey]:
        """Its lanes."""
        return (LaneKey(self.road.id, self.section, lane) for lane in self.lanes)


def bundles_of(road: Road) -> Iterator[Bundle]:
    """All bundles of a road, section by section, the side along the road first."""
    for number in range(len(road.sections)):
        for along in (True, False):
            runs = list(_runs(road, number, along))
            for k, lanes in enumerate(runs):
                side = "right" if lanes[0] < 0 else "left"
                letter = f".{_letter(k)}" if len(runs) > 1 else ""
                cuts = _cuts(road, number, lanes)
                pairs = pairwise(cuts)
                limits = [_limits(road, number, lanes, 0.5 * (a + b)) for a, b in pairs]
                if not along:
                    cuts, limits = cuts[::-1], limits[::-1]
                name = f"{road.id}.{number}.{side}{letter}"
                yield Bundle(name, road, number, lanes, along, tuple(cuts), tuple(limits))


def halved(bundle: Bundle) -> Bundle:
    """The bundle cut once more, in the middle of its longest piece."""
    cuts = list(bundle.cuts)
    longest = int(np.argmax(np.abs(np.diff(cuts))))
    cuts.insert(longest + 1, 0.5 * (cuts[longest] + cuts[longest + 1]))
    limits = list(bundle.limits)
    limits.insert(longest, limits[longest])
    parts = (bundle.name, bundle.road, bundle.section, bundle.lanes, bundle.along)
    return Bundle(*parts, tuple(cuts), tuple(limits))


def _letter(k: int) -> str:
    return chr(ord("a") + k) if k < 26 else str(k)


def _runs(road: Road, number: int, along: bool) -> Iterator[tuple[int, ...]]:
    """Lane numbers of one direction, from left to right, cut where no motor lane lies between."""
    section = road.sections[number]
    s = np.linspace(section.start, section.end, 17)
    run: list[int] = []
    # lanes from the left edge to the right edge of the road, or the other way round
    for lane in sorted(section.lanes, reverse=along):
        wanted = road.runs_along(lane) == along
        wide = float(section.lanes[lane].width.at(s).max()) > _NOTHING
        if wanted and section.lanes[lane].motor and wide:
            run.append(lane)
        elif run and wide:
            yield tuple(run)
            run = []
    if run:
        yield tuple(run)


def _cuts(road: Road, number: int, lanes: Sequence[int]) -> list[float]:
    """Where the section is cut: a limit changes, or an arc turns by more than `MOST_TURN`."""
    section = road.sections[number]
    low, high = section.start, section.end
    changes = [record.s for record in road.speeds]
    changes += [record.s for lane in lanes for record in section.lanes[lane].speeds]
    cuts = [low]
    for s in sorted(changes):
        if cuts[-1] + 0.1 < s < high - 0.1 and _differ(road, number, lanes, s):
            cuts.append(s)
    cuts.append(high)
    arc = arc_of(road, number, lanes, low, high)
    if arc is None:
        return cuts
    parts = int(np.ceil(abs(arc) * (high - low) / MOST_TURN - 1e-9))
    return sorted({*cuts, *np.linspace(low, high, max(parts, 1) + 1).tolist()})


def _differ(road: Road, number: int, lanes: Sequence[int], s: float) -> bool:
    return _limits(road, number, lanes, s - 1e-3) != _limits(road, number, lanes, s + 1e-3)


def _limits(road: Road, number: int, lanes: Sequence[int], s: float) -> tuple[float | None, ...]:
    """The limit of each lane at s: its own, else the road's [m/s]."""
    limits = []
    for lane in lanes:
        own = limit_at(road.sections[number].lanes[lane].speeds, s)
        record = own or limit_at(road.speeds, s)
        limits.append(None if record is None else record.limit)
    return tuple(limits)


def arc_of(road: Road, section: int, lanes: Sequence[int], low: float, high: float) -> float | None:
    """The curvature [1/m] if all of it is one line (0) or one arc and every width is constant."""
    middle = 0.5 * (low + high)
    piece = road.line.pieces[max(int(np.searchsorted(road.line.starts, middle, "right")) - 1, 0)]
    if piece.curvature is None or piece.s > low + 1e-6:
        return None
    if piece.s + piece.length < high - 1e-6 and piece is not road.line.pieces[-1]:
        return None
    if not road.offset.is_constant(low, high):
        return None
    parts = [part for lane in lanes for part in road.sections[section].inside(lane)]
    if all(part.width.is_constant(low, high) for part in parts):
        return piece.curvature
    return None
