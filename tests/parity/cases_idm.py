"""Longitudinal decisions (parity note, section 6) and the linear drivers (section 14)."""

from __future__ import annotations

import math

from .cases_scene import Case


def limit_clips() -> Case:
    """The target speed is clipped to the present lane's limit."""
    case = Case()
    case.highway(limit=20.0)
    case.car(0.0, 0.0, 30.0)
    return case


def negative_target() -> Case:
    """Where there is a limit a negative target speed counts as 0."""
    case = Case(ticks=5)
    case.highway(limit=20.0)
    case.car(0.0, 0.0, 3.0, target_speed=-5.0)
    return case


def no_limit() -> Case:
    """Where there is none its magnitude counts."""
    case = Case(ticks=5)
    case.highway(limit=None)
    case.car(0.0, 0.0, 3.0, target_speed=-5.0)
    case.car(100.0, 0.0, 33.0, target_speed=36.0)
    return case


def stop_and_go() -> Case:
    """With target speed 0 a standing car starts, and stops in the next tick."""
    case = Case(ticks=12)
    case.highway()
    case.car(0.0, 0.0, 0.0, target_speed=0.0)
    return case


def reverse_counts_as_standing() -> Case:
    """A reversing car is pulled forward as a standing one is."""
    case = Case()
    case.highway()
    case.car(0.0, 0.0, -5.0, target_speed=20.0)
    return case


def leader_behind() -> Case:
    """A leader on the way back: measured on the own lane the gap is negative, and brakes."""
    case = Case(ticks=6, connected=True)
    case.straight("ab", (0.0, 0.0), (100.0, 0.0))
    case.straight("bc", (100.0, 6.0), (0.0, 6.0))
    case.car(50.0)
    case.car(30.0, 6.0, 5.0, "plain", heading=math.pi)
    return case


def very_fast_leader() -> Case:
    """The wanted gap is not floored at 0: a leader that flees brakes too."""
    case = Case(ticks=6)
    case.highway()
    case.car(0.0)
    case.car(20.0, 0.0, 60.0, "plain")
    return case


def leader_across() -> Case:
    """Closing speed is projected on the own direction."""
    case = Case(ticks=6)
    case.highway()
    case.car(0.0)
    case.car(70.0, -1.0, 10.0, "plain", heading=1.1)
    return case


def both_leaders_count() -> Case:
    """Between two lanes the stronger braking of both leaders counts: here the target lane's."""
    case = Case(ticks=6)
    case.highway(2)
    case.car(0.0, target="ab1")
    case.car(30.0, 4.0, 10.0, "plain")
    return case


def own_leader_counts() -> Case:
    """And here the present lane's."""
    case = Case(ticks=6)
    case.highway(2)
    case.car(0.0, target="ab1")
    case.car(30.0, 0.0, 10.0, "plain")
    return case


def gap_on_own_lane() -> Case:
    """The gap to the target lane's leader is measured on the present lane."""
    case = Case(ticks=6)
    case.straight("ab", (0.0, 0.0), (200.0, 0.0))
    case.straight("ab", (20.0, 4.0), (200.0, 104.0))
    case.car(15.0, 0.0, 12.0, target="ab1")
    case.car(60.0, 26.0, 10.0, "plain")
    return case


def clipped() -> Case:
    """A driver never brakes or accelerates by more than 6 m/s2."""
    case = Case(ticks=4)
    case.highway()
    case.car(0.0)
    case.car(9.0, 0.0, 5.0, "plain")
    return case


def _linear(kind: str) -> Case:
    case = Case(ticks=30)
    case.highway(3)
    case.car(100.0, 4.3, 22.0, kind, target_speed=28.0, timer=0.7)
    case.car(135.0, 4.0, 14.0, kind, timer=0.2)
    case.car(90.0, 8.2, 25.0, kind, target_speed=24.0, timer=0.9)
    case.car(70.0, 0.0, 20.0, "idm", target_speed=26.0, timer=0.5)
    case.obstacle(180.0, 0.0)
    return case


def linear() -> Case:
    """`LinearVehicle` among others."""
    return _linear("linear")


def aggressive() -> Case:
    """`AggressiveVehicle`."""
    return _linear("aggressive")


def defensive() -> Case:
    """`DefensiveVehicle`."""
    return _linear("defensive")


def linear_far_leader() -> Case:
    """A leader beyond the safe gap does not pull a linear driver."""
    case = Case(ticks=6)
    case.highway()
    case.car(0.0, 0.0, 15.0, "linear", target_speed=20.0)
    case.car(80.0, 0.0, 12.0, "plain")
    return case


def linear_above_limit() -> Case:
    """A linear driver knows no limit."""
    case = Case()
    case.highway(limit=15.0)
    case.car(0.0, 0.4, 20.0, "linear", target_speed=30.0)
    return case


def linear_judges_obstacle() -> Case:
    """A linear driver expects an obstacle behind it to brake."""
    case = Case(ticks=3)
    case.highway(2)
    case.car(100.0, 0.0, 20.0, "linear", target_speed=30.0, timer=1.5)
    case.car(125.0, 0.0, 10.0, "plain")
    case.obstacle(94.0, 4.0)
    return case


CASES = (
    limit_clips,
    negative_target,
    no_limit,
    stop_and_go,
    reverse_counts_as_standing,
    leader_behind,
    very_fast_leader,
    leader_across,
    both_leaders_count,
    own_leader_counts,
    gap_on_own_lane,
    clipped,
    linear,
    aggressive,
    defensive,
    linear_far_leader,
    linear_above_limit,
    linear_judges_obstacle,
)
