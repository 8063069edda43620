"""Right of way (parity note, section 12)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from drivestack.core.tables import Plant

from .cases_scene import Case

UP = math.pi / 2
DUE = 6
"""Ticks counted before: at 15 Hz rules are enforced in the first tick then."""


def _cross(
    ticks: int = 3, hz: int = 15, steps: int = DUE, priorities: tuple[int, int] = (0, 0)
) -> Case:
    """Two roads that cross at the origin, "ab" along x and "cd" along y."""
    case = Case(ticks=ticks, hz=hz, regulated=True)
    first, second = priorities
    case.straight("ab", (-50.0, 0.0), (50.0, 0.0), speed_limit=10.0, priority=first)
    case.straight("cd", (0.0, -50.0), (0.0, 50.0), speed_limit=10.0, priority=second)
    case.road.steps = steps
    return case


def _two(case: Case, first: str = "idm", behind: float = -0.5) -> Case:
    """Two cars that meet at the crossing; the first is `behind` m farther away than the second."""
    case.car(-15.5 - behind, 0.0, 10.0, first)
    case.car(0.0, -15.5, 10.0, heading=UP)
    return case


def _timing(hz: int) -> Callable[[], Case]:
    def timing() -> Case:
        return _two(_cross(ticks=2 * hz, hz=hz, steps=0))

    timing.__name__ = f"timing_{hz}_hz"
    return timing


def release_to_limit() -> Case:
    """Who has yielded gets the lane's limit as target speed, not the earlier one."""
    case = _cross(ticks=45, priorities=(0, 1))
    case.car(-15.0, 0.0, 6.0)
    case.car(0.0, -22.0, 9.0, heading=UP)
    return case


def first_has_priority() -> Case:
    """The lower priority of the present lane yields: here the second."""
    return _two(_cross(priorities=(1, 0)), behind=0.5)


def second_has_priority() -> Case:
    """And here the first."""
    return _two(_cross(priorities=(0, 1)))


def farther_behind_yields() -> Case:
    """With equal priority the one that has more of the other ahead of it yields: the second."""
    case = _cross()
    case.car(-15.0, 0.0, 10.0)
    case.car(-1.0, -15.5, 10.0, heading=UP - 0.1)
    return case


def equal_yields_second() -> Case:
    """On an exact tie the second yields: two cars that meet on one line."""
    case = Case(ticks=3, regulated=True)
    case.straight("ab", (-50.0, 0.0), (50.0, 0.0), speed_limit=10.0)
    case.straight("cd", (50.0, 0.0), (-50.0, 0.0), speed_limit=10.0)
    case.road.steps = DUE
    case.car(-10.0, 0.0, 10.0)
    case.car(10.0, 0.0, 10.0, heading=math.pi)
    return case


def _diagonal(angle: float, gap: float, first: float, second: float) -> Case:
    """The second road crosses at an angle; the second car is `gap` m farther away; both speeds."""
    case = Case(ticks=3, regulated=True)
    c, s = math.cos(angle), math.sin(angle)
    case.straight("ab", (-50.0, 0.0), (50.0, 0.0), speed_limit=10.0)
    case.straight("cd", (-50.0 * c, -50.0 * s), (50.0 * c, 50.0 * s), speed_limit=10.0)
    case.road.steps = DUE
    case.car(-15.0, 0.0, first)
    case.car(-(15.0 + gap) * c, -(15.0 + gap) * s, second, heading=angle)
    return case


def diagonal_conflict() -> Case:
    """highway-env turns boxes by the wrong sign: it sees a conflict where there is none."""
    return _diagonal(0.75 * math.pi, -7.0, 6.0, 9.0)


def diagonal_no_conflict() -> Case:
    """And misses one that there is."""
    return _diagonal(1.0, 1.2, 4.0, 5.0)


def _side_by_side(x: float, y: float, first: str = "idm") -> Case:
    """Two cars of equal speed on parallel lanes, the second (x, y) away from the first."""
    case = Case(ticks=3, regulated=True)
    case.straight("ab", (-50.0, 0.0), (150.0, 0.0), speed_limit=10.0)
    case.straight("cd", (-50.0, y), (150.0, y), speed_limit=10.0)
    case.road.steps = DUE
    case.car(0.0, 0.0, 8.0, first)
    case.car(x, y, 8.0)
    return case


def edge_counts() -> Case:
    """A point on the edge of the other's enlarged box lies in it."""
    return _side_by_side(0.0, 1.8)


def edge_missed() -> Case:
    """One bit beside it does not."""
    return _side_by_side(0.0, math.nextafter(1.8, 2.0))


def five_metres_count() -> Case:
    """Centres exactly a car's length apart are looked at."""
    return _side_by_side(5.0, 0.0)


def five_metres_missed() -> Case:
    """Farther ones are not, although the enlarged boxes overlap."""
    return _side_by_side(5.1, 0.0)


def first_length_counts() -> Case:
    """The length is the first car's: a truck looks farther."""
    return _side_by_side(-7.0, 0.5, "truck")


def along_route() -> Case:
    """A car's future follows its route: it turns off before the crossing."""
    case = _cross(priorities=(0, 1))
    case.straight("ax", (-50.0, 0.0), (-12.0, 0.0), speed_limit=10.0)
    case.arc("xy", (-12.0, 8.0), 8.0, -UP, 0.0, speed_limit=10.0)
    case.straight("yz", (-4.0, 8.0), (-4.0, 60.0), speed_limit=10.0)
    case.car(-20.0, 0.0, 10.0, route=["ax0", "xy", "yz"], lane_changes=False)
    case.car(0.0, -20.0, 10.0, heading=UP)
    return case


def jump_along_route() -> Case:
    """After the hop, before the lane changes, the future begins a whole lane ahead."""
    case = Case(ticks=12, regulated=True)
    case.straight("ab", (-60.0, 0.0), (-10.0, 0.0), speed_limit=10.0)
    case.straight("bc", (-10.0, 0.0), (90.0, 0.0), speed_limit=10.0)
    case.road.steps = DUE
    case.car(-12.0, 0.0, 8.0, target_speed=8.0, route=["ab0", "bc"], lane_changes=False)
    case.car(45.0, 2.0, 0.0, route=["bc0"], lane_changes=False)
    return case


def lane_number_kept() -> Case:
    """An open lane number of the route is the present lane's."""
    case = Case(ticks=3, regulated=True)
    for y in (0.0, 4.0):
        case.straight("ab", (-60.0, y), (-10.0, y), speed_limit=10.0)
    case.straight("bc", (-10.0, 0.0), (60.0, -30.0), speed_limit=10.0)
    case.straight("bc", (-10.0, 4.0), (60.0, 4.0), speed_limit=10.0)
    case.straight("de", (20.0, -50.0), (20.0, 50.0), speed_limit=10.0, priority=1)
    case.road.steps = DUE
    case.car(0.0, 4.0, 9.0, route=["bc"], lane_changes=False)
    case.car(20.0, -16.0, 9.0, heading=UP)
    return case


def plain_is_steered() -> Case:
    """A plain vehicle's future holds its wheels: here it turns away from the crossing."""
    case = _cross(priorities=(1, 0))
    action = {"acceleration": 3.0, "steering": 0.35}
    case.car(-15.0, 0.0, 10.0, "plain", action=action)
    case.control = (3.0, -0.35)
    case.car(0.0, -15.5, 10.0, heading=UP)
    return case


def plain_goes_straight() -> Case:
    """And its speed, whatever its acceleration: it goes straight on, and the other yields."""
    case = _two(_cross(priorities=(1, 0)), "plain")
    case.control = (-6.0, 0.0)
    return case


def crashed_plain_brakes() -> Case:
    """A crashed plain vehicle's future brakes, and ends before the crossing."""
    case = _cross(priorities=(1, 0))
    case.car(-15.0, 0.0, 10.0, "plain", crashed=True)
    case.car(0.0, -15.5, 10.0, heading=UP)
    return case


def pending_impact() -> Case:
    """A plain vehicle's pending impact is part of its future, with the crash that follows."""
    case = _cross(priorities=(1, 0))
    case.car(-15.0, 0.0, 10.0, "plain", impact=np.array([7.0, 0.5]))
    case.car(0.0, -10.0, 10.0, heading=UP)
    return case


def crashed_driver_goes_on() -> Case:
    """A crashed driver's future does not brake."""
    case = _cross(priorities=(1, 0))
    case.car(-15.0, 0.0, 10.0, crashed=True)
    case.car(0.0, -15.5, 10.0, heading=UP)
    return case


def too_fast_plain() -> Case:
    """Beyond 40 m/s a plain vehicle's future slows down, and goes on braking below."""
    case = _cross(priorities=(1, 0))
    case.car(-93.75, 0.0, 60.0, "plain")
    case.car(0.0, -25.0, 10.0, heading=UP)
    return case


def meta_never_yields() -> Case:
    """A meta-action ego that ought to yield does not, and nobody else does."""
    return _two(_cross(priorities=(0, 1)), "meta")


def plain_never_yields() -> Case:
    """Nor does a plain one."""
    return _two(_cross(priorities=(0, 1)), "plain")


def linear_yields() -> Case:
    """A linear driver does."""
    return _two(_cross(priorities=(0, 1)), "linear")


def _tyres(**others: Any) -> Case:
    case = _cross(priorities=(1, 0))
    case.plant, case.control = Plant.DYNAMIC, (1.0, -0.15)
    case.car(-15.0, 0.0, 10.0, "dynamic", lateral_speed=0.05, yaw_rate=-0.02, **others)
    case.car(0.0, -5.0, 10.0, heading=UP)
    return case


def tyres_are_predicted() -> Case:
    """The future of an ego with tyres is that of its own plant."""
    return _tyres()


def tyres_take_no_impact() -> Case:
    """Which applies no impact."""
    return _tyres(impact=np.array([0.0, 30.0]))


def crashed_tyres_brake() -> Case:
    """But brakes after a crash."""
    return _tyres(crashed=True)


CASES = (
    *(_timing(hz) for hz in (5, 10, 15, 20, 30)),
    release_to_limit,
    first_has_priority,
    second_has_priority,
    farther_behind_yields,
    equal_yields_second,
    diagonal_conflict,
    diagonal_no_conflict,
    edge_counts,
    edge_missed,
    five_metres_count,
    five_metres_missed,
    first_length_counts,
    along_route,
    jump_along_route,
    lane_number_kept,
    plain_is_steered,
    plain_goes_straight,
    crashed_plain_brakes,
    pending_impact,
    crashed_driver_goes_on,
    too_fast_plain,
    meta_never_yields,
    plain_never_yields,
    linear_yields,
    tyres_are_predicted,
    tyres_take_no_impact,
    crashed_tyres_brake,
)
