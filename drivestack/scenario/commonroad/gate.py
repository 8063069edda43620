"""The goal circle for a goal given as lanelets: the gate through which the ego enters them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import numpy as np

from .lanelets import Lanelet

Circle = tuple[float, float, float]
"""x, y, radius [m]."""


def goal_gate(start: int, goals: Iterable[int], lanelets: dict[int, Lanelet]) -> Circle:
    """A circle as wide as the lanelet, about the point that says 'arrived'.

    That is the start of the goal lanelet met first from lanelet `start` (breadth-first: neighbours,
    then successors), or its end if the ego starts in it or beside it: its start lies behind the
    ego then. If none can be reached, the first goal.
    """
    wanted = list(goals)
    abreast = _first_met(start, wanted, lanelets, onward=False)
    if abreast is not None:
        return _circle(lanelets[abreast], at_end=True)
    met = _first_met(start, wanted, lanelets, onward=True)
    return _circle(lanelets[wanted[0] if met is None else met], at_end=False)


def _first_met(
    start: int, wanted: list[int], lanelets: dict[int, Lanelet], onward: bool
) -> int | None:
    """The first goal lanelet beside the start, or `onward` through successors too."""
    queue, seen = deque([start]), {start}
    while queue:
        current = lanelets[queue.popleft()]
        if current.id in wanted:
            return current.id
        beside = [other for other in (current.left, current.right) if other is not None]
        for other in (*beside, *(current.successors if onward else ())):
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return None


def _circle(lanelet: Lanelet, at_end: bool) -> Circle:
    index = -1 if at_end else 0
    x, y = lanelet.center[index]
    radius = 0.5 * max(float(lanelet.widths[index]), 0.5 * float(np.max(lanelet.widths)))
    return float(x), float(y), radius
