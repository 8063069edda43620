"""What a document says that is not carried out here; told with the source of every result."""

from __future__ import annotations

from collections.abc import Iterator

from ..xml_reader import Element
from .signs import Sign

SOLID = ("solid", "broad_solid", "solid_solid")
"""Markings that nobody may cross."""

_SIDES = (("adjacentLeft", "leftBound"), ("adjacentRight", "rightBound"))


def left_out(root: Element, signs: dict[int, Sign]) -> tuple[str, ...]:
    """One phrase for each kind of thing, sorted; empty if everything is carried out."""
    phrases = {f"sign {number}" for sign in signs.values() for number in sign.others}
    buildings = sum(1 for _ in root.all("environmentObstacle"))
    if buildings:
        phrases.add(f"{buildings} environment obstacles")
    phrases.update(_goal_conditions(root))
    if any(_is_uncertain(element) for element in root.children):
        phrases.add("uncertainty of states")
    if any(_is_closed(lanelet) for lanelet in root.all("lanelet")):
        phrases.add("solid markings between lanes")
    return tuple(sorted(phrases))


def _goal_conditions(root: Element) -> Iterator[str]:
    """The state in which a goal is to be reached; reaching the place counts here."""
    for problem in root.all("planningProblem"):
        for goal in problem.all("goalState"):
            for name in ("velocity", "orientation"):
                if goal.find(name) is not None:
                    yield f"{name} at the goal"


def _is_uncertain(element: Element) -> bool:
    """Whether a state is an interval or a region, of which the middle is taken."""
    if element.tag in ("initialState", "state"):
        return any(
            part.find("intervalStart") is not None
            or part.find("rectangle") is not None
            or part.find("circle") is not None
            for part in element.children
        )
    return any(_is_uncertain(child) for child in element.children)


def _is_closed(lanelet: Element) -> bool:
    """Whether a neighbour of the same direction lies behind a solid line."""
    for side, bound in _SIDES:
        beside, marking = lanelet.find(side), lanelet.find(bound, "lineMarking")
        if beside is not None and marking is not None and marking.text in SOLID:
            if beside.attributes.get("drivingDir") == "same":
                return True
    return False
