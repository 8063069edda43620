"""Lane changes (parity note, section 7); a car decides in tick 0 where its timer is 1.5."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .cases_scene import Case


def _three_lanes(x: float = 100.0, gap: float = 25.0, ticks: int = 3, **me: Any) -> Case:
    """A car on the middle lane of three behind a slow one, which it wants to leave."""
    case = Case(ticks=ticks)
    case.highway(3)
    case.car(x, 4.0, **({"target_speed": 30.0, "timer": 1.5} | me))
    case.car(x + gap, 4.0, 10.0, "plain")
    return case


def both_sides_free() -> Case:
    """Left is judged first, right second: right wins."""
    return _three_lanes(ticks=30)


def timer_exactly_one() -> Case:
    """A timer of exactly 1.0 s does not decide; at 4 Hz it is exact."""
    case = _three_lanes(timer=0.5, gap=60.0)
    case.hz, case.ticks = 4, 6
    return case


def timer_is_reset() -> Case:
    """After a decision the timer starts anew, whatever was decided."""
    case = Case(ticks=20)
    case.highway()
    case.car(0.0, timer=0.9)
    return case


def too_slow() -> Case:
    """Below 1 m/s nobody changes lane."""
    return _three_lanes(speed=0.99, gap=12.0)


def just_fast_enough() -> Case:
    """At 1 m/s one does."""
    return _three_lanes(speed=1.0, gap=12.0)


def reversing_fast_enough() -> Case:
    """Also in reverse."""
    return _three_lanes(speed=-3.0, gap=12.0)


def unsafe_behind() -> Case:
    """No change if the new follower would brake harder than 2 m/s2."""
    case = _three_lanes()
    case.car(85.0, 0.0, 28.0, lane_changes=False)
    case.car(85.0, 8.0, 28.0, lane_changes=False)
    return case


def plain_follower_vetoes() -> Case:
    """A plain vehicle has no target speed; everybody expects it to brake without bound."""
    case = _three_lanes()
    case.car(30.0, 0.0, 20.0, "plain")
    case.car(30.0, 8.0, 20.0, "plain")
    return case


def stack_follower_allows() -> Case:
    """A stack's ego shows its own speed as its target speed."""
    case = _three_lanes()
    case.car(30.0, 8.0, 20.0, "stack")
    case.ego = 2
    return case


def too_little_gain() -> Case:
    """A gain below 0.2 m/s2 is not enough."""
    case = Case(ticks=3)
    case.highway(2, length=900.0)
    case.car(100.0, target_speed=30.0, timer=1.5)
    case.car(320.0, 0.0, 20.0, "plain")
    return case


def aggressive_needs_more() -> Case:
    """`AggressiveVehicle` wants 1 m/s2."""
    case = Case(ticks=3)
    case.highway(2)
    case.car(100.0, 0.0, 20.0, "aggressive", timer=1.5)
    case.car(159.0, 0.0, 20.0, "plain")
    return case


def routed_to_one_side() -> Case:
    """A planned lane on the right: left is refused, right is taken without any gain."""
    case = Case(ticks=3)
    case.highway(3)
    case.car(100.0, 4.0, timer=1.5, route=["ab2"])
    case.car(160.0, 8.0, 18.0, "plain")
    return case


def routed_but_unsafe() -> Case:
    """Not if it takes braking by more than 2 m/s2."""
    case = Case(ticks=3)
    case.highway(3)
    case.car(100.0, 4.0, timer=1.5, route=["ab2"])
    case.car(120.0, 8.0, 12.0, "plain")
    return case


def routed_stays() -> Case:
    """On the planned lane a routed car never changes."""
    return _three_lanes(route=["ab1"])


def routed_without_lane() -> Case:
    """Where the route leaves the lane open it is free."""
    return _three_lanes(route=["ab"])


def _late_abort(order: str) -> Case:
    """A goes from lane 0 to 1; B, ahead on lane 2, decides in tick 0 to go there as well."""
    case = Case(ticks=4)
    case.highway(3)
    for name in order:
        if name == "A":
            case.car(100.0, 0.0, target="ab1")
        else:
            case.car(115.0, 8.0, target_speed=30.0, timer=1.5)
    case.car(145.0, 8.0, 10.0, "plain")
    return case


def abort_sees_earlier() -> Case:
    """A later vehicle sees the earlier one's new target and aborts in the same tick."""
    return _late_abort("BA")


def abort_misses_later() -> Case:
    """An earlier vehicle sees the later one's old target and aborts one tick later."""
    return _late_abort("AB")


def abort_only_ahead() -> Case:
    """A change is not aborted for somebody behind."""
    case = Case(ticks=4)
    case.highway(3)
    case.car(115.0, 0.0, target="ab1")
    case.car(100.0, 8.0, target="ab1")
    return case


def abort_only_close() -> Case:
    """Nor for somebody farther than the wanted gap (40 m)."""
    case = Case(ticks=4)
    case.highway(3)
    case.car(100.0, 0.0, target="ab1")
    case.car(141.0, 8.0, target="ab1")
    return case


def abort_for_later_under_way() -> Case:
    """A later vehicle whose change was under way before is seen at once."""
    case = Case(ticks=4)
    case.highway(3)
    case.car(100.0, 0.0, target="ab1")
    case.car(115.0, 8.0, target="ab1")
    return case


def abort_beside_new_changes() -> Case:
    """Also while an earlier one begins a change."""
    case = Case(ticks=4)
    case.highway(3)
    case.car(300.0, 0.0, target_speed=30.0, timer=1.5)
    case.car(100.0, 0.0, target="ab1")
    case.car(115.0, 8.0, target="ab1")
    case.car(330.0, 0.0, 10.0)
    return case


def abort_ignores_leaving() -> Case:
    """Somebody who goes to another lane is no reason."""
    case = Case(ticks=4)
    case.highway(4)
    case.car(100.0, 0.0, target="ab1")
    case.car(115.0, 8.0, target="ab3")
    return case


def abort_for_meta() -> Case:
    """A meta-action ego that changes lane counts."""
    case = Case(ticks=4)
    case.highway(3)
    case.car(115.0, 8.0, 20.0, "meta", target="ab1")
    case.car(100.0, 0.0, target="ab1")
    return case


def abort_ignores_settled() -> Case:
    """A car that is on the lane already is no reason."""
    case = Case(ticks=4)
    case.highway(3)
    case.car(100.0, 0.0, target="ab1")
    case.car(125.0, 4.0)
    return case


def no_abort_on_other_road() -> Case:
    """On different roads nothing is aborted."""
    case = Case(ticks=3)
    for road, x in (("ab", 0.0), ("bc", 100.0)):
        for y in (0.0, 4.0):
            case.straight(road, (x, y), (x + 100.0, y))
    case.car(99.0, 0.0, target="bc1")
    case.car(110.0, 0.0, target="bc1")
    return case


def lane_changes_off() -> Case:
    """Without lane changes neither decisions nor aborts."""
    case = Case(ticks=4)
    case.highway(3)
    case.car(100.0, 0.0, target="ab1", lane_changes=False)
    case.car(115.0, 8.0, target="ab1", lane_changes=False)
    case.car(140.0, 4.0, timer=1.5, lane_changes=False)
    case.car(165.0, 4.0, 10.0, "plain")
    return case


def _polite(places: Sequence[float], speeds: Sequence[float], targets: Sequence[float]) -> Case:
    """I, my leader, my follower; on the other lane the new follower and the new leader."""
    case = Case(ticks=3)
    case.highway(2)
    case.politeness = 0.5
    rows = zip(places, (0.0, 0.0, 0.0, 4.0, 4.0), speeds, targets, strict=True)
    for place, (x, y, speed, target) in enumerate(rows):
        timer = 1.5 if place == 0 else 0.0
        case.car(x, y, speed, target_speed=target, timer=timer, lane_changes=place == 0)
    return case


def polite_allows() -> Case:
    """The gains of others count with politeness: here my follower's decides for the change."""
    return _polite(
        (100.0, 157.0, 62.0, 22.0, 167.0),
        (19.0, 19.0, 19.0, 18.0, 11.0),
        (18.0, 16.0, 21.0, 24.0, 28.0),
    )


def polite_refuses() -> Case:
    """And here the new follower's loss decides against it."""
    return _polite(
        (100.0, 179.0, 40.0, 53.0, 181.0),
        (17.0, 11.0, 19.0, 20.0, 22.0),
        (20.0, 27.0, 17.0, 30.0, 23.0),
    )


def judged_by_own_headway() -> Case:
    """A follower is judged with the judge's headway: 1.5 s, not the linear driver's 2.5 s."""
    case = _three_lanes()
    case.car(60.0, 8.0, 20.0, "linear", target_speed=30.0, lane_changes=False)
    return case


def judged_by_own_delta() -> Case:
    """And with the judge's exponent."""
    case = _three_lanes(x=250.0, DELTA=3.5)
    case.car(50.0, 8.0, 22.6, target_speed=20.0, lane_changes=False, DELTA=4.5)
    return case


CASES = (
    both_sides_free,
    timer_exactly_one,
    timer_is_reset,
    too_slow,
    just_fast_enough,
    reversing_fast_enough,
    unsafe_behind,
    plain_follower_vetoes,
    stack_follower_allows,
    too_little_gain,
    aggressive_needs_more,
    routed_to_one_side,
    routed_but_unsafe,
    routed_stays,
    routed_without_lane,
    abort_sees_earlier,
    abort_misses_later,
    abort_only_ahead,
    abort_only_close,
    abort_for_later_under_way,
    abort_beside_new_changes,
    abort_ignores_leaving,
    abort_for_meta,
    abort_ignores_settled,
    no_abort_on_other_road,
    lane_changes_off,
    polite_allows,
    polite_refuses,
    judged_by_own_headway,
    judged_by_own_delta,
)
