"""Lanes that lie across a lane: known answers."""

from __future__ import annotations

import math

import pytest

from drivestack.core.map import Map
from drivestack.roads.build import straight
from drivestack.roads.crossings import in_junction, junctions_of, near_junction
from drivestack.roads.lane_tables import lanes_of
from tests.scenes import road_map, two_lanes


def met_at(degrees: float) -> Map:
    """A lane of 100 m along x and one that meets it in its middle."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return road_map(f"met-at-{degrees}", {
        ("a", "b"): [straight((-50, 0), (50, 0))],
        ("c", "d"): [straight((-60 * c, -60 * s), (60 * c, 60 * s))],
    })  # fmt: skip


@pytest.mark.parametrize(
    ("degrees", "crosses"), [(90, True), (-90, True), (31, True), (29, False), (149, True),
                             (151, False)],
)  # fmt: skip
def test_who_meets_at_less_than_30_degrees_does_not_cross(degrees: float, crosses: bool) -> None:
    assert junctions_of(met_at(degrees)).any() == crosses


def test_lanes_side_by_side_and_beyond_the_end_do_not_cross() -> None:
    assert not junctions_of(two_lanes()).any()
    behind = road_map("behind", {
        ("a", "b"): [straight((0, 0), (50, 0))],
        ("c", "d"): [straight((60, -50), (60, 50))],
    })  # fmt: skip
    assert not junctions_of(behind).any()


def test_a_junction_is_where_lanes_cross() -> None:
    """To the cell of 4 m."""
    cross = road_map("cross", {
        ("a", "b"): [straight((-50, 0), (50, 0))],
        ("c", "d"): [straight((0, -50), (0, 50))],
    })  # fmt: skip
    found = junctions_of(cross)
    for x, y, inside in ((0, 0, True), (1.9, 0, True), (0, -1.9, True), (7, 0, False),
                         (0, 30, False), (500, 0, False)):  # fmt: skip
        assert in_junction(lanes_of(cross), found, x, y) == inside
    assert not found.flags.writeable
    assert not junctions_of(two_lanes()).any()


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("turned", [False, True])
def test_how_near_a_junction_is(side: float, turned: bool) -> None:
    """Lanes 4 m wide: each is on the other for 2 m, cells are as wide as lanes."""
    cross = met_at(90.0)
    found = junctions_of(cross)
    step = float(cross.grid["step_x"][0])
    for near in (0.0, 5.0, 10.0):
        for beyond, inside in ((1.0, True), (2.0 + step, False)):
            away = side * (near + beyond)
            x, y = (0.0, away) if turned else (away, 0.0)
            assert near_junction(lanes_of(cross), found, x, y, near) == inside


def test_between_two_junctions_there_is_none() -> None:
    road = road_map("streets", {
        ("a", "b"): [straight((0, 0), (600, 0))],
        ("c", "d"): [straight((100, -50), (100, 50))],
        ("e", "f"): [straight((500, 50), (500, -50))],
    })  # fmt: skip
    found = junctions_of(road)
    seen = [near_junction(lanes_of(road), found, x, 0.0, 10.0) for x in (80, 95, 300, 505, 520)]
    assert seen == [False, True, False, True, False]
