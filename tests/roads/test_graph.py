"""The lane graph against highway-env's road network on random graphs."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.core.map import MAP_TABLES, Map
from drivestack.core.tables import BODY
from drivestack.roads.build import LaneSpec, straight
from drivestack.roads.graph import advance_along_route, next_lane, plan_route
from drivestack.roads.lanes import heading_at, position
from tests.portable import Reference, run_reference
from tests.scenes import road_map

SEED, GRAPHS, QUERIES = 7, 30, 60


@pytest.fixture(scope="module")
def reference() -> Reference:
    print(f"seed {SEED}")
    return run_reference("tests.roads.reference", "graphs", seed=SEED, n=GRAPHS, queries=QUERIES)


def _graph(reference: Reference, number: int) -> tuple[Map, dict[str, np.ndarray]]:
    own = {
        key.partition(".")[2]: value
        for key, value in reference.arrays.items()
        if key.partition(".")[0] == str(number)
    }
    nodes = tuple(str(node) for node in own["nodes"])
    tables = {name: own[name].view(dtype) for name, (_, dtype) in MAP_TABLES.items()}
    return Map(f"graph {number}", True, bool(own["connected"]), nodes=nodes, **tables), own


@pytest.mark.parametrize("number", range(GRAPHS))
def test_next_lane(number: int, reference: Reference) -> None:
    """The same lane, and as much of the route used up."""
    map, own = _graph(reference, number)
    body = np.zeros(1, BODY)
    for asked, route in zip(own["asked"], own["routes"], strict=True):
        body["x"], body["y"] = asked["x"], asked["y"]
        body["route_head"], body["route_n"] = 0, asked["route_n"]
        tables = (map.lanes, map.roads, map.successors, map.points)
        assert next_lane(*tables, body[0], route, int(asked["lane"])) == asked["next"]
        assert body["route_n"][0] - body["route_head"][0] == asked["left"]


@pytest.mark.parametrize("number", range(GRAPHS))
def test_place_along_route(number: int, reference: Reference) -> None:
    """The same place s metres along a route."""
    tolerance = reference.tolerance()
    map, own = _graph(reference, number)
    body = np.zeros(1, BODY)
    for asked, route in zip(own["asked"], own["routes"], strict=True):
        if asked["current"] < 0:
            continue  # highway-env raises
        body["lane"], body["route_head"], body["route_n"] = asked["current"], 0, asked["route_n"]
        at = advance_along_route(map.lanes, map.roads, body[0], route, float(asked["s"]))
        lane, s = map.lanes[at[0]], at[1]
        found = (*position(lane, map.points, s, 0.0), heading_at(lane, map.points, s))
        expected = (asked["ahead_x"], asked["ahead_y"], asked["ahead_heading"])
        assert found == pytest.approx(expected, rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("number", range(GRAPHS))
def test_plan_route(number: int, reference: Reference) -> None:
    """The same route, also where there is none."""
    map, own = _graph(reference, number)
    for row, goal in zip(own["planned"], own["destinations"], strict=True):
        lane, n = int(row[0]), int(row[1])
        route = plan_route(map, lane, str(goal))
        assert route.tolist() == row[2 : 2 + 2 * n].reshape(n, 2).tolist()


def test_routes_through_many_diamonds_are_found_at_once() -> None:
    """2^40 ways lead through 40 diamonds in a row; the first shortest one is alphabetical."""
    roads: dict[tuple[str, str], list[LaneSpec]] = {}
    for k in range(40):
        for side in (-1, 1):
            middle = f"m{k:02d}{'+' if side > 0 else '-'}"
            roads[f"n{k:02d}", middle] = [straight((20 * k, 0), (20 * k + 10, 5 * side))]
            roads[middle, f"n{k + 1:02d}"] = [straight((20 * k + 10, 5 * side), (20 * k + 20, 0))]
    map = road_map("diamonds", roads)
    route = plan_route(map, map.lane_index(("n00", "m00+", 0)), "n40")
    names = [map.nodes[map.roads[road]["end"]] for road in route[:, 0]]
    assert len(route) == 80
    assert names[:3] == ["m00+", "n01", "m01+"]
    assert names[-1] == "n40"
