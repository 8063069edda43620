"""Lanes and lane assignment (parity note, sections 3 and 4)."""

from __future__ import annotations

import math

from .cases_scene import Case, Point

HAIRPIN: tuple[Point, ...] = ((0.0, 0.0), (24.0, 0.0), (24.0, 6.0), (2.0, 6.0))
BEND: tuple[Point, ...] = ((0.0, 0.0), (20.3, 0.0), (31.1, 9.7), (31.9, 40.2))


def wrap_on_long_arc() -> Case:
    """On an arc of 270 degrees s jumps to negative past half a turn."""
    case = Case(ticks=40)
    case.arc("ab", (0.0, 0.0), 15.0, 0.5, 0.5 + 1.5 * math.pi)
    for turn in (0.9, 0.5):
        angle = 0.5 + turn * math.pi
        x, y = 15.0 * math.cos(angle), 15.0 * math.sin(angle)
        case.car(x, y, 8.0, heading=angle + math.pi / 2)
    return case


def sine_lane() -> Case:
    """The lateral coordinate is measured along the straight normal."""
    case = Case(ticks=40)
    case.sine("ab", (0.0, 0.0), (100.0, 20.0), (4.0, 0.1, 0.7))
    case.car(5.0, 4.0, 12.0)
    return case


def heading_decides() -> Case:
    """Where lanes cross, the lane is chosen by distance plus heading, 1 m/rad."""
    case = Case(ticks=3)
    case.straight("ab", (0.0, 0.0), (100.0, 0.0))
    case.straight("cd", (50.0, -50.0), (50.0, 50.0))
    case.car(50.0 - 2.045, 2.0, 0.0, "plain", heading=0.8)
    return case


def tie_takes_first_lane() -> Case:
    """On coinciding lanes the first in graph order wins, also over the present one."""
    case = Case(ticks=20)
    case.straight("ab", (50.0, 0.0), (150.0, 0.0))
    case.straight("cd", (0.0, 0.0), (150.0, 0.0))
    case.car(42.0, 0.0, 20.0, "plain")
    return case


def overlapping_arcs() -> Case:
    """Two arcs on one circle: both distances are equal and rounding decides (racetrack)."""
    case = Case(ticks=45)
    case.arc("gh", (10.0, 20.0), 22.0, 0.1, 1.2)
    case.arc("hi", (10.0, 20.0), 22.0, 0.7, 2.4)
    for angle in (0.3, 0.75):
        x, y = 10.0 + 22.1 * math.cos(angle), 20.0 + 22.1 * math.sin(angle)
        case.car(x, y, 9.0, heading=angle + math.pi / 2)
    return case


def _beside(lateral: float) -> Case:
    case = Case(ticks=3)
    case.highway()
    case.car(10.0)
    case.car(40.0, lateral, 0.0, "plain")
    return case


def margin_reaches() -> Case:
    """A body counts on a lane up to 1 m beside it, the bound included."""
    return _beside(3.0)


def margin_just_misses() -> Case:
    """One bit farther away it does not."""
    return _beside(math.nextafter(3.0, 4.0))


def end_is_excluded() -> Case:
    """A body 5 m behind a lane's end is not on it."""
    case = Case(ticks=3)
    case.highway(length=100.0)
    case.car(70.0)
    case.car(105.0, 0.0, 0.0, "plain")
    return case


def start_is_included() -> Case:
    """A body 5 m before a lane's start is; the asking car's own s may be anywhere."""
    case = Case(ticks=3)
    case.highway(length=100.0)
    case.car(-40.0)
    case.car(-5.0, 0.0, 0.0, "plain")
    return case


def _blocked(case: Case, x: float, speed: float = 20.0) -> Case:
    """A car on the x axis that wants to leave its lane at once."""
    case.car(x, 0.0, speed, target_speed=30.0, timer=1.5)
    case.car(x + 25.0, 0.0, 10.0, "plain")
    return case


def forbidden_lane() -> Case:
    """Nobody changes into a forbidden lane."""
    case = Case(ticks=3)
    case.straight("ab", (0.0, 0.0), (500.0, 0.0))
    case.straight("ab", (0.0, 4.0), (500.0, 4.0), forbidden=True)
    return _blocked(case, 50.0)


def _far_lane(y: float, start: float, end: float, x: float) -> Case:
    case = Case(ticks=3)
    case.straight("ab", (0.0, 0.0), (500.0, 0.0))
    case.straight("ab", (start, y), (end, y))
    return _blocked(case, x)


def reach_two_widths() -> Case:
    """A lane may be entered from two widths away, the bound included."""
    return _far_lane(8.0, 0.0, 500.0, 50.0)


def reach_no_farther() -> Case:
    """But from no farther."""
    return _far_lane(math.nextafter(8.0, 9.0), 0.0, 500.0, 50.0)


def reach_not_before_start() -> Case:
    """And not before it begins."""
    return _far_lane(4.0, 53.0, 500.0, 50.0)


def reach_past_end() -> Case:
    """But until just before 5 m after its end."""
    return _far_lane(4.0, 0.0, 50.0, math.nextafter(55.0, 0.0))


def reach_not_past_end() -> Case:
    """5 m after its end is too late."""
    return _far_lane(4.0, 0.0, 50.0, 55.0)


def poly_bend() -> Case:
    """`PolyLaneFixedWidth`: samples every metre, headings constant between them."""
    case = Case(ticks=75)
    case.poly("ab", BEND)
    case.straight("bc", BEND[-1], (33.0, 80.0))
    case.car(1.0, 0.7, 12.0, lane_changes=False)
    case.car(27.0, 6.3, 6.0, heading=0.7, lane_changes=False)
    return case


def poly_hairpin() -> Case:
    """Beside the start of a hairpin the scan from the end finds the returning branch."""
    case = Case(ticks=20)
    case.poly("ab", HAIRPIN)
    case.straight("bc", (2.0, 6.0), (-50.0, 6.0))
    case.car(1.5, 1.0, 5.0)
    case.car(12.0, 0.0, 3.0)
    return case


def poly_width() -> Case:
    """`PolyLane`: the width is looked up by int(s), so a body beside the lane counts later on."""
    case = Case(ticks=60)
    left = ((0.0, 2.0), (30.0, 2.0), (40.0, 6.0), (80.3, 6.0))
    right = tuple((x, -y) for x, y in left)
    case.poly("ab", ((0.0, 0.0), (40.5, 0.0), (80.3, 0.0)), (left, right))
    case.car(2.0, 0.0, 8.0, target_speed=15.0)
    case.car(24.0, 4.0, 6.0, "plain")
    return case


CASES = (
    wrap_on_long_arc,
    sine_lane,
    heading_decides,
    tie_takes_first_lane,
    overlapping_arcs,
    margin_reaches,
    margin_just_misses,
    end_is_excluded,
    start_is_included,
    forbidden_lane,
    reach_two_widths,
    reach_no_farther,
    reach_not_before_start,
    reach_past_end,
    reach_not_past_end,
    poly_bend,
    poly_hairpin,
    poly_width,
)
