"""Where a footprint lies on the map."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.core.map import Map
from drivestack.metrics.lane_facts import LaneFacts, lane_facts
from drivestack.roads.build import straight
from tests.scenes import bend, road_map, two_lanes

SIZE = np.array([5.0, 2.0])


def at(map: Map, *pose: tuple[float, float, float]) -> LaneFacts:
    return lane_facts(map, np.array(pose, np.float64).reshape(-1, 3), SIZE)


def test_in_a_lane_between_lanes_and_off() -> None:
    found = at(two_lanes(), (100, 0, 0), (100, 1.0, 0), (100, 1.01, 0), (100, -1.5, 0), (100, 9, 0))
    assert found.lane.tolist() == [1, 1, 1, 1, -1]
    assert found.straddles.tolist() == [False, False, True, True, True]
    np.testing.assert_allclose(found.outside, [0, 0, 0, 0.5, 4.0], atol=1e-12)
    np.testing.assert_allclose(found.s, 100.0)
    assert found.near.tolist() == [1, 1, 1, 1, 0]
    np.testing.assert_allclose(found.lateral, [0, 1, 1.01, -1.5, 5])
    assert not found.crossing.any()


def test_a_lane_and_its_continuation_are_one() -> None:
    found = at(bend(), (80, 0, 0), (79, 0, 0), (60, 0, 0), (79, 1.5, 0))
    assert found.straddles.tolist() == [False, False, False, True]


def test_roads_do_not_end_where_the_map_does() -> None:
    found = at(two_lanes(600.0), (0, 0, 0), (601, 0, 0), (-3, 0, 0), (608, 0, 0))
    np.testing.assert_allclose(found.outside, [0.0, 0.0, 0.5, 5.5], atol=1e-12)
    # inside the map they do: the bend's first lane ends at 80 m
    assert at(bend(), (84, -1, 0)).outside[0] > 0.1


def test_crossing_roads_and_the_own_one_of_them() -> None:
    cross = {
        ("a", "b"): [straight((0, 0), (100, 0))],
        ("c", "d"): [straight((50, -50), (50, 50))],
    }
    found = at(road_map("cross", cross), (50, 0, 0.2), (50, 0, 1.4), (20, 0, 0))
    assert found.crossing.tolist() == [True, True, False]
    assert found.lane.tolist() == [0, 1, 0]


@given(st.floats(10, 100), st.floats(-8, 12), st.floats(-3.1, 3.1))
def test_a_pose_alone_and_among_others(x: float, y: float, yaw: float) -> None:
    alone = at(two_lanes(), (x, y, yaw))
    among = at(two_lanes(), (50, 2, 1), (x, y, yaw), (3, 3, 3))
    for name in ("lane", "near", "s", "lateral", "outside", "straddles", "crossing"):
        assert getattr(alone, name)[0] == getattr(among, name)[1]


@pytest.mark.parametrize("y", [0.5, 1.3, 5.2, -1.4])
def test_mirrored(y: float) -> None:
    lanes = {("a", "b"): [straight((0, -4), (600, -4)), straight((0, 0), (600, 0))]}
    left, right = at(two_lanes(), (100, y, 0.1)), at(road_map("m", lanes), (100, -y, -0.1))
    assert left.outside[0] == right.outside[0]
    assert left.straddles[0] == right.straddles[0]
    assert left.lane[0] == right.lane[0]
