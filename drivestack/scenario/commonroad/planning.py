"""Planning problems: where the ego starts, where it should get to, and until when."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..xml_reader import Element
from ..xml_values import check_children
from .lanelets import Lanelet
from .values import Clock, exact, identity, number, point, points, positive

GOAL_IGNORED = ("velocity", "orientation")
"""Conditions on the state in which the goal is reached; reaching the place counts."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One planning problem.

    Attributes:
        id: its number. step: recording step at which it begins. state: x, y [m], heading [rad],
        speed [m/s]. last_step: the end of the goal's time interval.
        goal: x, y, radius [m] of a goal region, or None. goal_lanelets: goal lanelets, if any.
    """

    id: int
    step: int
    state: tuple[float, float, float, float]
    last_step: int
    goal: tuple[float, float, float] | None
    goal_lanelets: tuple[int, ...]


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
    place = initial.need("position").find("point")
    if place is None:
        raise initial.unsupported("the initial position must be a point")
    x, y = point(place)
    heading = number(exact(initial.need("orientation")))
    speed = number(exact(initial.need("velocity")))
    goals = list(element.all("goalState"))
    if len(goals) != 1:
        raise element.unsupported(f"exactly one goal state is supported, got {len(goals)}")
    step = clock.step(exact(initial.need("time")))
    last_step = _last_step(goals[0], clock)
    if last_step <= step:
        raise goals[0].problem("the goal's time should end after the problem's start")
    region, goal_lanelets = _goal(goals[0], lanelets)
    state = (x, y, heading, speed)
    return Problem(identity(element), step, state, last_step, region, goal_lanelets)


def _last_step(goal: Element, clock: Clock) -> int:
    time = goal.need("time")
    end = time.find("intervalEnd")
    return clock.step(end if end is not None else exact(time))


def _goal(
    element: Element, lanelets: dict[int, Lanelet]
) -> tuple[tuple[float, float, float] | None, tuple[int, ...]]:
    """The goal region, or goal lanelets, or neither: then lasting until the end is all."""
    check_children(element, ("time", "position"), GOAL_IGNORED)
    position = element.find("position")
    if position is None:
        return None, ()
    refs = []
    for child in position.all("lanelet"):
        refs.append(identity(child, "ref"))
        if refs[-1] not in lanelets:
            raise child.problem(f"missing lane: there is no lanelet {refs[-1]}")
    if len(refs) == len(position.children) and refs:
        return None, tuple(refs)
    if refs or len(position.children) != 1:
        raise position.unsupported("a goal must be one region, or lanelets only")
    return _circle_around(position.children[0]), ()


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
