"""Joints of lanes: merges, loose ends, lanes that lead back, where a map ends."""

from __future__ import annotations

import numpy as np

from drivestack.roads.build import straight
from drivestack.roads.lanes import LIMIT_UNKNOWN
from drivestack.route.graph import LaneGraph, lane_graph
from tests.route.test_lane_router import merge
from tests.scenes import bend, road_map


def onward(graph: LaneGraph) -> list[list[int]]:
    return [graph.onward(lane) for lane in range(len(graph.limit))]


def test_a_lane_that_runs_out_has_no_successor() -> None:
    graph = lane_graph(merge())
    assert onward(graph) == [[3], [4], [], [], []]
    assert graph.ends.tolist() == [False, False, False, True, True], "lane 2's road goes on"


def test_loose_joints_still_join() -> None:
    roads = {
        ("a", "b"): [straight((0, 0), (50, 0))],
        ("b", "c"): [straight((52, 3), (90, 3))],
    }
    assert onward(lane_graph(road_map("loose", roads))) == [[1], []]


def test_no_way_leads_back_on_the_spot() -> None:
    """As at the outer ends of highway-env's intersections."""
    roads = {
        ("a", "b"): [straight((0, 0), (50, 0))],
        ("b", "a"): [straight((50, 4), (0, 4))],
    }
    graph = lane_graph(road_map("two-way", roads))
    assert onward(graph) == [[], []]
    assert graph.ends.all()


def test_lanes_are_entered_where_they_are_met() -> None:
    roads = {
        ("a", "b"): [straight((0, -20), (60, 0))],
        ("b", "c"): [straight((0, 0), (200, 0))],
    }
    joint = lane_graph(road_map("ramp", roads)).after
    assert joint["lane"].tolist() == [1]
    assert joint["entry"].tolist() == [60.0]


def test_turns_are_measured_between_far_ends() -> None:
    joint = lane_graph(bend()).after
    np.testing.assert_allclose(joint["turn"], [np.pi / 2, 0.0], atol=1e-12)


def test_limits_are_positive() -> None:
    roads = {
        ("a", "b"): [straight((0, 0), (9, 0), speed_limit=limit) for limit in (None, 0.0, 8.0)]
    }
    assert lane_graph(road_map("limits", roads)).limit.tolist() == [LIMIT_UNKNOWN, 0.1, 8.0]
