"""Intersections: right of way goes on from where a sign stands to the lanelets that cross."""

from __future__ import annotations

from dataclasses import replace

from ..xml_reader import Element
from ..xml_values import check_children
from .lanelets import Lanelet
from .values import identity

_TURNS = ("successorsRight", "successorsStraight", "successorsLeft")
_INCOMING = ("incomingLanelet", *_TURNS, "isLeftOf")


def with_right_of_way(root: Element, lanelets: dict[int, Lanelet]) -> dict[int, Lanelet]:
    """The lanelets; those that lead on from the incoming ones of an intersection have their
    priority too, unless they have one of their own.

    Raises:
        InputError: an intersection names a lanelet that is not there.
    """
    given: dict[int, int] = {}
    for crossing in root.all("intersection"):
        check_children(crossing, ("incoming", "crossing"), ())
        for walk in crossing.all("crossing"):
            _named(walk, "crossingLanelet", lanelets)
        for incoming in crossing.all("incoming"):
            check_children(incoming, _INCOMING, ())
            signed = [lanelets[n].priority for n in _named(incoming, "incomingLanelet", lanelets)]
            priority = max(signed, key=abs, default=0)
            for turn in _TURNS:
                for number in _named(incoming, turn, lanelets):
                    # the least of those that share a lanelet: a way that must yield anywhere yields
                    given[number] = min(given.get(number, priority), priority)
    return {
        number: replace(lanelet, priority=lanelet.priority or given.get(number, 0))
        for number, lanelet in lanelets.items()
    }


def _named(element: Element, tag: str, lanelets: dict[int, Lanelet]) -> list[int]:
    """The lanelets that children of one name refer to."""
    found = []
    for child in element.all(tag):
        found.append(identity(child, "ref"))
        if found[-1] not in lanelets:
            raise child.problem(f"missing lane: there is no lanelet {found[-1]}")
    return found
