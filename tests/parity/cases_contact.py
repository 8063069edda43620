"""Collisions (parity note, section 11); plain vehicles unless drivers matter."""

from __future__ import annotations

import math

import numpy as np

from .cases_scene import Case


def _road(ticks: int = 4, hz: int = 15) -> Case:
    case = Case(ticks=ticks, hz=hz)
    case.highway(2)
    return case


def pile_up() -> Case:
    """The middle one of three is hit from both sides in one tick: the last pair's impact stays."""
    case = _road()
    case.car(100.0, 0.0, 20.0, "plain")
    case.car(104.8, 0.3, 2.0, "plain")
    case.car(95.1, -0.3, 26.0, "plain")
    return case


def pile_up_in_row() -> Case:
    """A longer row, out of order: pairs run in list order, not along the road."""
    case = _road(ticks=8)
    for x, y, speed in (
        (108.0, 0.1, 3.0),
        (99.0, -0.4, 14.0),
        (103.6, 0.5, 8.0),
        (94.3, 0.0, 25.0),
        (112.1, -0.2, 0.0),
    ):
        case.car(x, y, speed, "plain")
    return case


def fast_later_undetected() -> Case:
    """The pre-check looks at the earlier car's speed only, so a later one is seen too late."""
    case = _road(hz=5)
    case.car(118.0, 0.0, 0.0, "plain")
    case.car(100.0, 0.0, 39.0, "plain")
    return case


def fast_earlier_detected() -> Case:
    """The same two cars, the fast one first in the list."""
    case = _road(hz=5)
    case.car(100.0, 0.0, 39.0, "plain")
    case.car(118.0, 0.0, 0.0, "plain")
    return case


def reversing_earlier_undetected() -> Case:
    """Its speed is signed: a fast reversing car is blind even for an overlap."""
    case = _road(hz=5)
    case.car(100.0, 0.0, -30.0, "plain")
    case.car(97.0, 0.5, -28.0, "plain")
    return case


def obstacle_pushes_whole() -> Case:
    """Of an obstacle a car takes the whole translation."""
    case = _road()
    case.car(100.0, 0.3, 20.0, "plain")
    case.obstacle(104.2, 0.0)
    return case


def obstacle_comes_last() -> Case:
    """A car that hits a car and an obstacle in one tick keeps the obstacle's impact."""
    case = _road()
    case.car(100.0, 0.0, 20.0, "plain")
    case.obstacle(104.0, -0.8)
    case.car(95.6, 0.4, 22.0, "plain")
    case.obstacle(103.9, 0.9, heading=0.3)
    return case


def containment() -> Case:
    """Something inside a truck: intervals are compared as if neither held the other."""
    case = _road(ticks=6)
    case.car(100.0, 0.0, 3.0, "truck")
    case.obstacle(101.0, -0.2)
    return case


def big_and_small() -> Case:
    """Bodies of different sizes at an angle."""
    case = _road(ticks=6)
    case.car(100.0, 0.0, 3.0, "truck", heading=0.2)
    case.car(101.0, 0.2, 2.0, "plain", heading=-0.1)
    return case


def aligned_centres() -> Case:
    """With centres in line across the axis its sign is the first edge normal's, negated."""
    case = _road()
    case.car(100.0, 0.0, 5.0, "plain")
    case.car(101.0, 0.0, 5.0, "plain")
    return case


def same_place() -> Case:
    """Two cars in one place."""
    case = _road()
    case.car(100.0, 0.0, 5.0, "plain")
    case.car(100.0, 0.0, 5.0, "plain")
    return case


def wrecks_push() -> Case:
    """Overlapping wrecks push each other apart at every tick."""
    case = _road(ticks=25)
    case.car(100.0, 0.0, 4.0, crashed=True)
    case.car(102.0, 0.8, 1.0, heading=0.5, crashed=True)
    case.car(103.5, -0.5, -1.0, heading=-0.4, crashed=True)
    return case


def unchecked_pairs() -> Case:
    """Pairs are tested if either one checks: here only those with the last car."""
    case = _road()
    case.car(100.0, 0.0, 20.0, "plain", check_collisions=False)
    case.car(103.0, 0.5, 10.0, "plain", check_collisions=False)
    case.car(97.0, 0.4, 25.0, "plain")
    return case


def impact_before_contact() -> Case:
    """A foreseen overlap pushes now and marks as crashed in the next tick."""
    case = _road(hz=5)
    case.car(100.0, 0.2, 20.0, "plain")
    case.car(109.5, 0.0, 5.0, "plain")
    return case


def crossing() -> Case:
    """Two cars at an angle, closing against an edge normal."""
    case = _road(ticks=8)
    case.car(100.0, 0.0, 12.0, "plain")
    case.car(106.0, -5.0, 10.0, "plain", heading=1.2)
    case.car(94.0, 4.5, 15.0, "plain", heading=-0.9)
    return case


def heap() -> Case:
    """Sixteen cars and three obstacles thrown into one place."""
    case = Case(ticks=20)
    case.highway(2, length=60.0)
    rng = np.random.default_rng(5)
    for number in range(16):
        x, y = rng.uniform(0.0, 40.0), rng.uniform(-6.0, 10.0)
        heading, speed = rng.uniform(-math.pi, math.pi), rng.uniform(-8.0, 25.0)
        kind = ("plain", "idm", "plain", "truck")[number % 4]
        case.car(x, y, speed, kind, heading=heading)
    for _ in range(3):
        case.obstacle(rng.uniform(0.0, 40.0), rng.uniform(-6.0, 10.0), rng.uniform(0.0, 3.0))
    return case


CASES = (
    pile_up,
    pile_up_in_row,
    fast_later_undetected,
    fast_earlier_detected,
    reversing_earlier_undetected,
    obstacle_pushes_whole,
    obstacle_comes_last,
    containment,
    big_and_small,
    aligned_centres,
    same_place,
    wrecks_push,
    unchecked_pairs,
    impact_before_contact,
    crossing,
    heap,
)
