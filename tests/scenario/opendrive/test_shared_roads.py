"""All OpenDRIVE files in the folder of shared data (its data.md, section 7)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from drivestack.core.frames import wrapped
from drivestack.core.tables import LaneKind
from drivestack.roads.lanes import heading_at, position
from drivestack.route.graph import lane_graph
from drivestack.scenario.opendrive.pieces import Piece
from drivestack.scenario.opendrive.places import lane_pose, locate, road_pose
from drivestack.scenario.opendrive.roads import OpenDriveRoads, read_roads
from drivestack.scenario.xml_reader import read_document

pytestmark = pytest.mark.shared

ALKS = "suites/openmsl-alks/logical_scenarios/concrete_scenarios/road_networks"
NCAP = "suites/vector-ncap/OpenDRIVE/NCAP"
LANES = {
    "curves": 2, "e6mini": 6, "fabriksgatan": 20, "jolengatan": 2, "multi_intersections": 86,
    "soderleden": 11, "straight_500m": 2,
    "alks_road_different_curvatures": 6, "alks_road_left_radius_1000m": 18,
    "alks_road_left_radius_250m": 18, "alks_road_right_radius_1000m": 18,
    "alks_road_right_radius_250m": 18, "alks_road_straight": 6,
    "StraightRoad_NCAP_Roadmarks": 2, "StraightRoad_NCAP_noRoadmarks": 2,
    "StraightRoad_NCAP_noRoadmarks_Streetlights": 2,
    "StraightRoad_NCAP_noRoadmarks_Streetlights_Nearside": 2,
    "X-Intersection_NCAP": 20, "X-Intersection_NCAP_noRoadmarks": 20,
}  # fmt: skip
"""Lanes of the map, by file."""


def files(shared: Path) -> list[Path]:
    found = [path for folder in ("data/esmini_xodr", ALKS, NCAP)
             for path in sorted((shared / folder).glob("*.xodr"))]  # fmt: skip
    if len(found) != len(LANES):
        pytest.skip(f"shared data not found at {shared}")
    return found


@pytest.fixture(scope="module")
def networks(shared: Path) -> dict[str, OpenDriveRoads]:
    return {path.stem: read_roads(path) for path in files(shared)}


def test_counts(networks: dict[str, OpenDriveRoads]) -> None:
    assert {name: len(network.map.lanes) for name, network in networks.items()} == LANES


def test_lengths_are_those_of_the_headers(shared: Path) -> None:
    for path in files(shared):
        for road in read_document(path).all("road"):
            pieces = [float(g.attributes["length"]) for g in road.need("planView").all("geometry")]
            assert sum(pieces) == pytest.approx(float(road.attributes["length"]), abs=1e-3)


def test_reference_lines_are_continuous(networks: dict[str, OpenDriveRoads]) -> None:
    for network in networks.values():
        for road in network.roads.values():
            for before, after in pairwise(road.line.pieces):
                end = np.array(before.at(np.array([after.s])))
                start = np.array(after.at(np.array([after.s])))
                assert np.hypot(*(end - start)[:2]) < 1e-3, (network.name, road.id, after.s)
                assert abs(wrapped(end - start)[2, 0]) < 1e-3, (network.name, road.id, after.s)


def test_widths(networks: dict[str, OpenDriveRoads]) -> None:
    for network in networks.values():
        for road in network.roads.values():
            for number, section in enumerate(road.sections):
                s = np.linspace(section.start, section.end, 200)
                for lane in section.lanes:
                    inner, outer = road.edges(number, lane, s)
                    assert ((outer - inner) * (1 if lane > 0 else -1) >= 0.0).all()


def place(network: OpenDriveRoads, piece: Piece, high: bool) -> tuple[np.ndarray, float, float]:
    """Point, heading and width of a lane of the map at its end of high or low s."""
    row, points = network.map.lanes[piece.lane], network.map.points
    s = float(row["length"]) if piece.along == high else 0.0
    road = network.roads[piece.key.road]
    inner, outer = road.edges(
        piece.key.section, piece.key.lane, np.array([piece.high if high else piece.low])
    )
    width = float(abs(outer - inner)[0])
    return np.array(position(row, points, s, 0.0)), float(heading_at(row, points, s)), width


def meetings(network: OpenDriveRoads) -> Iterator[tuple[tuple[Piece, bool], tuple[Piece, bool]]]:
    """Pairs of pieces that are linked, each with the end that meets."""
    for pieces in network.pieces_of.values():
        for before, after in pairwise(pieces):
            yield (before, True), (after, False)
    for (key, high), others in network.joins.items():
        for other, other_high in others:
            if key in network.pieces_of and other in network.pieces_of:
                first = network.pieces_of[key][-1 if high else 0]
                yield (first, high), (network.pieces_of[other][-1 if other_high else 0], other_high)


def test_linked_lanes_meet(networks: dict[str, OpenDriveRoads]) -> None:
    count = 0
    for network in networks.values():
        for (first, high), (second, other_high) in meetings(network):
            (a, heading, width), (b, other_heading, other_width) = (
                place(network, first, high),
                place(network, second, other_high),
            )
            # a lane that has closed ends on the edge of the one that it leads into
            closed = min(width, other_width) < 0.01
            allowed = 0.5 * max(width, other_width) + 0.05 if closed else 0.05
            assert np.hypot(*(a - b)) < allowed, (network.name, first, second)
            assert math.cos(heading - other_heading) > 0.9999, (network.name, first, second)
            count += 1
    assert count > 300


def test_routes_are_the_links_and_nothing_else(networks: dict[str, OpenDriveRoads]) -> None:
    for network in networks.values():
        linked = set()
        for (first, high), (second, _) in meetings(network):
            ahead = first.along == high
            linked.add((first.lane, second.lane) if ahead else (second.lane, first.lane))
        graph = lane_graph(network.map)
        joints = {(a, b) for a in range(len(network.map.lanes)) for b in graph.onward(a)}
        assert joints == linked, network.name


def test_every_lane_of_a_map_lies_where_its_road_says(networks: dict[str, OpenDriveRoads]) -> None:
    for network in networks.values():
        for piece in network.pieces:
            row, points = network.map.lanes[piece.lane], network.map.points
            if row["kind"] != LaneKind.POLYLINE:
                continue
            s = np.linspace(piece.low, piece.high, 101)
            knots = points[row["knots_at"] : row["knots_at"] + row["knots_n"]]
            for value in s:
                pose = lane_pose(network, *piece.key[::2], min(value, piece.high - 1e-9))
                assert off_line(knots, pose.x, pose.y) < 0.01, (network.name, piece, value)


def off_line(knots: np.ndarray, x: float, y: float) -> float:
    """Distance of a point from a polyline [m]."""
    piece = np.diff(knots["s"])
    dx, dy = x - knots["x"][:-1], y - knots["y"][:-1]
    along = np.clip(dx * knots["tx"][:-1] + dy * knots["ty"][:-1], 0.0, piece)
    gap = np.hypot(dx - along * knots["tx"][:-1], dy - along * knots["ty"][:-1])
    return float(gap.min())


def test_lane_numbers_of_the_straight_road(networks: dict[str, OpenDriveRoads]) -> None:
    """Negative numbers run with s, to the right of it (trap list of data.md)."""
    network = networks["straight_500m"]
    assert lane_pose(network, "1", -1, 100.0) == pytest.approx((100.0, -1.535, 0.0))
    x, y, heading = lane_pose(network, "1", 1, 100.0)
    assert (x, y, abs(heading)) == pytest.approx((100.0, 1.535, math.pi))
    by_number = {piece.key.lane: piece.along for piece in network.pieces}
    assert by_number == {-1: True, 1: False}


@pytest.mark.parametrize("name", ["fabriksgatan", "e6mini", "alks_road_left_radius_250m"])
def test_places_there_and_back(networks: dict[str, OpenDriveRoads], name: str) -> None:
    network = networks[name]
    random = np.random.default_rng(3)
    for road in network.roads.values():
        for s in random.uniform(0.0, road.length, 5):
            for lane in road.sections[road.section_at(s)].lanes:
                x, y, heading = lane_pose(network, road.id, lane, s)
                found = locate(network, x, y, heading)
                back = road_pose(network, found.road, found.s, found.t)
                assert back[:2] == pytest.approx((x, y), abs=1e-6)
                if road.junction is None:
                    assert (found.road, found.lane) == (road.id, lane)
