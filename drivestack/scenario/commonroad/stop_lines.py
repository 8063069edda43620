"""Which lanelets a document's lights govern, and where their stop lines are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..xml_reader import Element
from .lanelets import Lanelet
from .lights import ALL_TURNS, Signal
from .values import identity, points

_TURNS = {"successorsLeft": "left", "successorsStraight": "straight", "successorsRight": "right"}


@dataclass(frozen=True, slots=True)
class StopLine:
    """Where to stop.

    Attributes:
        lanelet: on which. middle: x, y [m]; None: at its end, as none is drawn.
    """

    lanelet: int
    middle: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Governed:
    """The lights that are carried out.

    Attributes:
        lines: lights by id, each with its stop lines. left_out: what is not, one phrase each.
    """

    lines: dict[int, tuple[StopLine, ...]]
    left_out: tuple[str, ...]


def governed(root: Element, lanelets: dict[int, Lanelet], lights: dict[int, Signal]) -> Governed:
    """The stop lines of all lights.

    A lanelet has one light here: the one for fewest turns among those for every turn that can be
    made from it. Others of its lights, for some of its turns only, are left out.
    """
    turns = _turns(root)
    lines: dict[int, list[StopLine]] = {}
    phrases = [f"light {n}, out of order" for n, one in lights.items() if not one.phases]
    works = {number: one for number, one in lights.items() if one.phases}
    for element in root.all("lanelet"):
        own, number = _named(element), identity(element)
        successors = lanelets[number].successors
        made = {turns.get((number, after), "") for after in successors}
        wanted = frozenset(made) if made and "" not in made else ALL_TURNS
        heeded = [n for n in own if n in works and works[n].turns & wanted]
        whole = [n for n in heeded if wanted <= works[n].turns]
        chosen = min(whole, key=lambda n: (len(works[n].turns), n), default=None)
        if chosen is not None:
            lines.setdefault(chosen, []).append(_line(element, number))
        partly = [n for n in heeded if n not in whole]
        phrases += [f"light {n} for some turns of lanelet {number}" for n in partly]
    idle = len(set(works) - set(lines))
    if idle:
        phrases.append(f"{idle} traffic lights that govern no lanelet")
    return Governed({n: tuple(found) for n, found in lines.items()}, tuple(phrases))


def _turns(root: Element) -> dict[tuple[int, int], str]:
    """Turns from an incoming lanelet to its successor, by the intersections."""
    found = {}
    for crossing in root.all("intersection"):
        for incoming in crossing.all("incoming"):
            lanelets = [identity(child, "ref") for child in incoming.all("incomingLanelet")]
            for tag, turn in _TURNS.items():
                for child in incoming.all(tag):
                    for lanelet in lanelets:
                        found[lanelet, identity(child, "ref")] = turn
    return found


def _named(lanelet: Element) -> list[int]:
    """Lights of a lanelet and of its stop line, each once."""
    line = lanelet.find("stopLine")
    places: Iterator[Element] = (place for place in (lanelet, line) if place is not None)
    found = [identity(ref, "ref") for place in places for ref in place.all("trafficLightRef")]
    return list(dict.fromkeys(found))


def _line(lanelet: Element, number: int) -> StopLine:
    line = lanelet.find("stopLine")
    if line is None or line.find("point") is None:
        return StopLine(number, None)
    x, y = np.mean(points(line), axis=0).tolist()
    return StopLine(number, (x, y))
