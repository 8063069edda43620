"""Following the road and planned routes (parity note, section 8)."""

from __future__ import annotations

from .cases_scene import Case

END = 100.0
"""Where road "ab" ends and the next ones begin [m]."""


def _fork(*branches: float, lanes: int = 1) -> Case:
    """Road "ab" with lanes 4 m apart; behind it roads "bc", "bd" ... begin at these y."""
    case = Case(ticks=12)
    for number in range(lanes):
        case.straight("ab", (0.0, 4.0 * number), (END, 4.0 * number))
    for node, y in zip("cdef", branches, strict=False):
        case.straight("b" + node, (END, y), (END + 100.0, y))
    return case


def _lanes_after(case: Case, road: str, *offsets: float) -> None:
    for y in offsets:
        case.straight(road, (END, y), (END + 100.0, y))


def planned_lane() -> Case:
    """With as many lanes as before the planned lane number is taken."""
    case = _fork(lanes=2)
    _lanes_after(case, "bc", 0.0, 4.0)
    case.car(94.0, route=["ab0", "bc1"], lane_changes=False)
    return case


def lane_count_overrides() -> Case:
    """With another number of lanes the closest one is taken, whatever is planned."""
    case = _fork(lanes=2)
    _lanes_after(case, "bc", -4.0, 0.0, 4.0)
    case.car(94.0, route=["ab0", "bc2"], lane_changes=False)
    return case


def same_number() -> Case:
    """A lane left open keeps its number, also where another one is closer."""
    case = _fork(lanes=2)
    _lanes_after(case, "bc", 4.0, 0.0)
    case.car(94.0, route=["ab0", "bc"], lane_changes=False)
    case.car(74.0, 4.0, lane_changes=False)
    return case


def lane_drop_and_gain() -> Case:
    """2, 3, 2 lanes, as at an exit."""
    case = Case(ticks=40)
    for road, x, ys in (
        ("ab", 0.0, (0.0, 4.0)),
        ("bc", 60.0, (0.0, 4.0, 8.0)),
        ("cd", 90.0, (0.0, 4.0)),
    ):
        for y in ys:
            case.straight(road, (x, y), (x + (60.0 if road == "ab" else 30.0), y))
    case.straight("ce", (90.0, 8.0), (140.0, 20.0))
    case.car(40.0, 4.0, route=["ab1", "bc2", "ce"])
    case.car(20.0, 0.0, route=["ab0", "bc", "cd"])
    return case


def closest_branch() -> Case:
    """Without route the branch closest to the target lane's centre line is taken."""
    case = _fork(3.0, 0.5, -1.0)
    case.car(94.0)
    return case


def first_branch_on_tie() -> Case:
    """The first in graph order where two are equally close."""
    case = _fork(2.5, -2.5)
    case.car(94.0)
    return case


def branch_by_centre_line() -> Case:
    """The point is taken on the centre line, not where the car is."""
    case = _fork(1.5, -1.4)
    case.car(94.0, 1.8)
    return case


def used_up_route() -> Case:
    """A route that ends with this road leaves the choice open."""
    case = _fork(3.0, 0.5)
    case.car(94.0, route=["ab0"])
    return case


def mismatched_route() -> Case:
    """A route that goes on elsewhere is ignored and kept."""
    case = _fork(3.0, 0.5)
    case.straight("xy", (0.0, 50.0), (100.0, 50.0))
    case.car(94.0, route=["ab0", "xy0"])
    case.car(70.0, route=["xy0"])
    return case


def dead_end() -> Case:
    """At a dead end the lane is kept."""
    case = _fork(lanes=2)
    case.car(94.0, 4.0)
    return case


def one_hop_a_tick() -> Case:
    """Over short lanes the target hops once a tick, however many are already behind."""
    case = Case(ticks=8)
    for road, x, end in (("ab", 0.0, 50.0), ("bc", 50.0, 50.5), ("cd", 50.5, 51.0)):
        case.straight(road, (x, 0.0), (end, 0.0))
    case.straight("de", (51.0, 0.0), (100.0, 0.0))
    case.car(46.9)
    return case


def target_lane_decides() -> Case:
    """Only the target lane's end counts: here it ends before the present one."""
    case = Case(ticks=6)
    case.straight("ab", (0.0, 0.0), (200.0, 0.0))
    case.straight("ab", (0.0, 4.0), (60.0, 4.0))
    case.straight("bc", (60.0, 4.0), (200.0, 4.0))
    case.car(56.0, 0.0, target="ab1", lane_changes=False)
    return case


CASES = (
    planned_lane,
    lane_count_overrides,
    same_number,
    lane_drop_and_gain,
    closest_branch,
    first_branch_on_tie,
    branch_by_centre_line,
    used_up_route,
    mismatched_route,
    dead_end,
    one_hop_a_tick,
    target_lane_decides,
)
