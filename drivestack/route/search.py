"""Search in the lane graph: Dijkstra by travel time to a goal lane, or straight on without one."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

from .graph import LaneGraph


@dataclass(frozen=True, slots=True)
class SearchCost:
    """What a way costs [s].

    A change costs `lane_change`, and `hurried` more where the lane is too short for it; the figures
    only have to rank ways: a change is worth a detour of about 100 m, a hurried one is the last
    resort.
    """

    lane_change: float = 5.0
    hurried: float = 60.0


@dataclass(frozen=True, slots=True)
class Step:
    """One lane of a way; `change`: it is entered from the side."""

    lane: int
    change: bool


def to_goal(
    graph: LaneGraph, lane: int, s: float, goal: int, room: float, cost: SearchCost
) -> list[Step]:
    """The cheapest way from s [m] on a lane to the goal's lane; empty if there is none.

    Ties fall to the lower lane number. A goal behind on the same lane counts as passed.

    Args:
        room: length that a lane change takes [m]; several changes need several times as much.
    """
    came: dict[int, tuple[int, bool]] = {}
    queue: list[tuple[float, int, float, int, bool]] = [(0.0, lane, max(s, 0.0), -1, False)]
    while queue:
        spent, here, at, before, change = heapq.heappop(queue)
        if here in came:
            continue
        came[here] = (before, change)
        if here == goal:
            return _unwound(came, goal)
        left = max(float(graph.length[here]) - at, 0.0)
        seconds = left / float(graph.limit[here])
        for other in graph.after[here]:
            heapq.heappush(queue, (spent + seconds, other, 0.0, here, False))
        for other in graph.beside[here]:
            penalty = cost.lane_change + (cost.hurried if left < room else 0.0)
            gone = min(room, left)
            aside = spent + penalty + gone / float(graph.limit[here])
            heapq.heappush(queue, (aside, other, at + gone, here, True))
    return []


def _unwound(came: dict[int, tuple[int, bool]], goal: int) -> list[Step]:
    """The steps from the first lane to `goal`."""
    steps: list[Step] = []
    here = goal
    while here >= 0:
        before, change = came[here]
        steps.append(Step(here, change))
        here = before
    return steps[::-1]


def straight_on(graph: LaneGraph, steps: list[Step], metres: float, most: int) -> list[Step]:
    """Prolong a way along the successors that turn least, until it is `metres` longer.

    Where a lane runs out, the neighbour that goes on is taken (first on ties).

    Args:
        graph: the lane graph. steps: the way so far, at least one step.
        metres: length to add [m]. most: largest number of steps in the result.
    """
    way = list(steps)
    added = 0.0
    while added < metres and len(way) < most:
        here = way[-1].lane
        if graph.after[here]:
            turns = [abs(turn) for turn in graph.turn[here]]
            way.append(Step(graph.after[here][turns.index(min(turns))], False))
            added += float(graph.length[way[-1].lane])
            continue
        onward = [other for other in graph.beside[here] if graph.after[other]]
        if not onward:
            break
        way.append(Step(onward[0], True))
    return way
