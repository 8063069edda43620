"""Lanes that lie across a lane: known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivestack.roads.build import straight
from drivestack.roads.crossings import crossings_of, in_junction, junctions_of
from drivestack.roads.lane_tables import lanes_of
from tests.scenes import road_map, two_lanes


def across(degrees: float) -> np.ndarray:
    """Crossings of a lane of 100 m along x and of one that meets it in its middle."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return crossings_of(
        road_map(f"across-{degrees}", {
            ("a", "b"): [straight((-50, 0), (50, 0))],
            ("c", "d"): [straight((-60 * c, -60 * s), (60 * c, 60 * s))],
        })
    )  # fmt: skip


def test_two_roads_cross_where_each_is_as_wide_as_the_other() -> None:
    np.testing.assert_allclose(across(90.0), [(48, 52), (58, 62)])
    np.testing.assert_allclose(across(-90.0), [(48, 52), (58, 62)])


@pytest.mark.parametrize(
    ("degrees", "crosses"), [(31, True), (29, False), (149, True), (151, False)]
)
def test_who_meets_at_less_than_30_degrees_does_not_cross(degrees: float, crosses: bool) -> None:
    found = across(degrees)
    assert (np.isfinite(found).all(), np.isinf(found).all()) == (crosses, not crosses)


def test_lanes_side_by_side_and_beyond_the_end_do_not_cross() -> None:
    assert (crossings_of(two_lanes()) == (math.inf, -math.inf)).all()
    behind = road_map("behind", {
        ("a", "b"): [straight((0, 0), (50, 0))],
        ("c", "d"): [straight((60, -50), (60, 50))],
    })  # fmt: skip
    assert (crossings_of(behind) == (math.inf, -math.inf)).all()


def test_from_the_first_to_the_last() -> None:
    found = crossings_of(
        road_map("twice", {
            ("a", "b"): [straight((0, 0), (100, 0))],
            ("c", "d"): [straight((20, -50), (20, 50))],
            ("e", "f"): [straight((70, 50), (70, -50))],
        })
    )  # fmt: skip
    np.testing.assert_allclose(found, [(18, 72), (48, 52), (48, 52)])
    assert not found.flags.writeable


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
