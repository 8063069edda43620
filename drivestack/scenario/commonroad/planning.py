"""Planning problems: where the ego starts, where it should get to, and until when."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..xml_reader import Element
from ..xml_values import check_children
from .lanelets import Lanelet
from .values import Clock, exact, identity, middle, point, points, position, positive

_INITIAL = ("position", "orientation", "velocity", "time")
_INITIAL_IGNORED = ("yawRate", "slipAngle", "acceleration")
"""Of no use to a kinematic car."""

CONDITIONS = ("velocity", "orientation")
"""On the state in which the goal is reached; checked, and left out: reaching the place counts."""


@dataclass(frozen=True, slots=True)
class GoalState:
    """One of the goals of a problem, any of which may be reached.

    Attributes:
        last_step: the end of its time interval. region: x, y, radius [m] of a region, or None.
        lanelets: goal lanelets, if any; without either, lasting until the end is all.
    """

    last_step: int
    region: tuple[float, float, float] | None
    lanelets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One planning problem.

    Attributes:
        id: its number. step: recording step at which it begins. state: x, y [m], heading [rad],
        speed [m/s]. goals: at least one.
    """

    id: int
    step: int
    state: tuple[float, float, float, float]
    goals: tuple[GoalState, ...]


def read_problems(root: Element, clock: Clock, lanelets: dict[int, Lanelet]) -> tuple[Problem, ...]:
    """All planning problems of a document, in its order.

    Raises:
        InputError: none at all, an id used twice, or a broken one.
    """
    problems: dict[int, Problem] = {}
    for element in root.all("planningProblem"):
        problem = _problem(element, clock, lanelets)
        if problem.id in problems:
            raise element.problem("id used twice")
        problems[problem.id] = problem
    if not problems:
        raise root.problem("missing element 'planningProblem': nothing says where the ego starts")
    return tuple(problems.values())


def _problem(element: Element, clock: Clock, lanelets: dict[int, Lanelet]) -> Problem:
    check_children(element, ("initialState", "goalState"), ())
    initial = element.need("initialState")
    check_children(initial, _INITIAL, _INITIAL_IGNORED)
    x, y = position(initial)
    heading = middle(initial.need("orientation"))
    speed = middle(initial.need("velocity"))
    step = clock.step(exact(initial.need("time")))
    element.need("goalState")
    goals = tuple(_goal(goal, step, clock, lanelets) for goal in element.all("goalState"))
    return Problem(identity(element), step, (x, y, heading, speed), goals)


def _last_step(goal: Element, clock: Clock) -> int:
    time = goal.need("time")
    end = time.find("intervalEnd")
    return clock.step(end if end is not None else exact(time))


def _goal(element: Element, step: int, clock: Clock, lanelets: dict[int, Lanelet]) -> GoalState:
    check_children(element, ("time", "position", *CONDITIONS), ())
    for name in CONDITIONS:
        for condition in element.all(name):
            middle(condition)
    last_step = _last_step(element, clock)
    if last_step <= step:
        raise element.problem("the goal's time should end after the problem's start")
    place = element.find("position")
    if place is None:
        return GoalState(last_step, None, ())
    refs = []
    for child in place.all("lanelet"):
        refs.append(identity(child, "ref"))
        if refs[-1] not in lanelets:
            raise child.problem(f"missing lane: there is no lanelet {refs[-1]}")
    if len(refs) == len(place.children) and refs:
        return GoalState(last_step, None, tuple(refs))
    if refs or len(place.children) != 1:
        raise place.unsupported("a goal must be one region, or lanelets only")
    return GoalState(last_step, _circle_around(place.children[0]), ())


def _circle_around(shape: Element) -> tuple[float, float, float]:
    """Centre and radius [m] of the smallest circle about the centre that holds the shape."""
    match shape.tag:
        case "rectangle":
            x, y = point(shape.need("center"))
            length, width = positive(shape.need("length")), positive(shape.need("width"))
            return x, y, 0.5 * math.hypot(length, width)
        case "circle":
            x, y = point(shape.need("center"))
            return x, y, positive(shape.need("radius"))
        case "point":
            return *point(shape), POINT_RADIUS
        case "polygon":
            corners = points(shape)
            if len(corners) < 3:
                raise shape.problem("a polygon needs at least three points")
            x, y = 0.5 * (corners.min(axis=0) + corners.max(axis=0))
            radius = float(np.hypot(corners[:, 0] - x, corners[:, 1] - y).max())
            return float(x), float(y), radius
    raise shape.unsupported(f"a goal of shape '{shape.tag}' is not supported")


POINT_RADIUS = 2.0
"""Radius [m] around a goal that is a mere point: half a common lane width."""
