"""Kinds of ego (parity note, section 13)."""

from __future__ import annotations

from drivestack.core.tables import Meta

from .cases_scene import Case


def _meta(action: Meta, ticks: int = 20, at: int = 0, y: float = 4.0, speed: float = 21.0) -> Case:
    case = Case(ticks=ticks)
    case.highway(3)
    case.metas = {at: action}
    case.car(100.0, y, speed, "meta", target_speed=30.0)
    return case


def meta_acts_twice() -> Case:
    """With a meta-action the ego acts twice in that tick: it hops over two short lanes."""
    case = Case(ticks=6)
    for road, x, end in (("ab", 0.0, 50.0), ("bc", 50.0, 50.5), ("cd", 50.5, 51.0)):
        case.straight(road, (x, 0.0), (end, 0.0))
    case.straight("de", (51.0, 0.0), (100.0, 0.0))
    case.metas = {1: Meta.IDLE}
    case.car(46.9, 0.0, 20.0, "meta")
    return case


def faster_from_present_speed() -> Case:
    """FASTER steps from the listed speed nearest to the present one, not from the target."""
    return _meta(Meta.FASTER)


def slower_from_present_speed() -> Case:
    """SLOWER as well; 26 m/s is nearest to the second of 20, 25, 30."""
    return _meta(Meta.SLOWER, speed=26.0)


def slower_at_lowest() -> Case:
    """SLOWER stops at the lowest."""
    return _meta(Meta.SLOWER, speed=12.0)


def faster_at_half() -> Case:
    """Half way between two speeds the even index is nearest, as numpy rounds."""
    case = _meta(Meta.FASTER, speed=22.5)
    case.metas[10] = Meta.SLOWER
    return case


def half_rounds_up() -> Case:
    """Half way above an odd index it is the next one."""
    return _meta(Meta.SLOWER, speed=27.5)


def left_at_border() -> Case:
    """LANE_LEFT on the first lane keeps it."""
    return _meta(Meta.LANE_LEFT, y=0.0)


def right_at_border() -> Case:
    """LANE_RIGHT on the last lane keeps it."""
    return _meta(Meta.LANE_RIGHT, y=8.0)


def right_twice() -> Case:
    """LANE_RIGHT counts from the target lane."""
    case = _meta(Meta.LANE_RIGHT, y=0.0, ticks=40)
    case.metas[5] = Meta.LANE_RIGHT
    case.metas[20] = Meta.LANE_LEFT
    return case


def lane_out_of_reach() -> Case:
    """A lane that cannot be reached is not taken."""
    case = Case()
    case.straight("ab", (0.0, 0.0), (300.0, 0.0))
    case.straight("ab", (0.0, 4.0), (300.0, 4.0), forbidden=True)
    case.metas = {0: Meta.LANE_RIGHT}
    case.car(100.0, 0.0, 20.0, "meta")
    return case


def plain_in_traffic() -> Case:
    """A plain ego under a fixed control, in the middle of the list."""
    case = Case(ticks=30)
    case.highway(3)
    case.control, case.ego = (0.4, 0.012), 1
    case.car(70.0, 4.0, 24.0, timer=0.8)
    case.car(100.0, 4.0, 18.0, "plain")
    case.car(85.0, 0.0, 25.0, timer=0.4)
    case.car(130.0, 8.0, 15.0, timer=0.2)
    return case


def stack_in_traffic() -> Case:
    """The same with a stack's ego: cars cut in ahead of it."""
    case = plain_in_traffic()
    case.road.vehicles.clear()
    case.car(120.0, 4.0, 20.0, target_speed=28.0, timer=0.9)
    case.car(75.0, 8.0, 20.0, "stack")
    case.car(145.0, 4.0, 12.0, timer=0.3)
    return case


CASES = (
    meta_acts_twice,
    faster_from_present_speed,
    slower_from_present_speed,
    slower_at_lowest,
    faster_at_half,
    half_rounds_up,
    left_at_border,
    right_at_border,
    right_twice,
    lane_out_of_reach,
    plain_in_traffic,
    stack_in_traffic,
)
