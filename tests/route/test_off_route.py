"""When a route is made anew: used up, left, or made under other closures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.types import Closures
from drivestack.route.closures import closed_parts, fingerprints
from drivestack.route.lane_router import LaneRouter
from drivestack.route.off_route import Keep, stale
from tests.scenes import no_goal, observation, two_lanes


def closures(*rows: list[tuple[int, float, float]]) -> Closures:
    """One list of closures a scenario."""
    most = max(1, *(len(row) for row in rows))
    table = np.zeros((len(rows), most, 3))
    valid = np.zeros((len(rows), most), np.bool_)
    for b, row in enumerate(rows):
        table[b, : len(row)], valid[b, : len(row)] = np.reshape(row, (-1, 3)), True
    lane, start, end = (table[:, :, k].copy() for k in range(3))
    return Closures(lane.astype(np.int32), start, end, valid)


@pytest.mark.parametrize(
    ("ego", "expected"),
    [
        ((150.0, 0.5, 0.0, 20.0), False),
        ((150.0, 2.4, 0.0, 20.0), False),
        ((150.0, -2.6, 0.0, 20.0), True),
        ((390.0, 0.0, 0.0, 20.0), False),
        ((450.0, 0.0, 0.0, 20.0), True),
    ],
)
def test_routes_are_kept_until_left_or_used_up(ego: tuple[float, ...], expected: bool) -> None:
    map = two_lanes(2000.0)
    route = LaneRouter().route(observation([map], [(100.0, 0.0, 0.0, 20.0)]), no_goal(1))
    assert stale(observation([map], [ego]), route, Keep()).tolist() == [expected]


def test_a_line_that_ends_for_good_is_kept() -> None:
    map = two_lanes(300.0)
    route = LaneRouter().route(observation([map], [(250.0, 0.0, 0.0, 20.0)]), no_goal(1))
    assert stale(observation([map], [(280.0, 0.0, 0.0, 20.0)]), route, Keep()).tolist() == [False]


def test_a_route_is_made_anew_where_closures_change() -> None:
    map, ego = two_lanes(), (100.0, 0.0, 0.0, 20.0)
    shut = closures([(1, 300.0, 400.0)])
    before = observation([map], [ego])
    after = replace(before, closures=shut)
    for seen, other in ((before, after), (after, before)):
        route = LaneRouter().route(seen, no_goal(1))
        assert stale(seen, route, Keep()).tolist() == [False]
        assert stale(other, route, Keep()).tolist() == [True]


def test_fingerprints_tell_closures_apart() -> None:
    rows = [[], [(0, 0.0, 9.0)], [(1, 0.0, 9.0)], [(0, 1.0, 9.0)], [(0, 0.0, 8.0)]]
    rows += [[(0, 0.0, 9.0), (1, 0.0, 9.0)], [(1, 0.0, 9.0), (0, 0.0, 9.0)]]
    together = fingerprints(closures(*rows))
    assert len(set(together.tolist())) == len(rows)
    assert together[0] == 0
    for row, found in zip(rows, together, strict=True):
        assert fingerprints(closures(row)).tolist() == [found], "padding does not count"


def test_closures_are_a_set() -> None:
    one, other = (1, 0.0, 9.0), (0, 0.0, 9.0)
    found = closures([one, other], [other, one])
    assert closed_parts(found, 0) == closed_parts(found, 1) == (other, one)
