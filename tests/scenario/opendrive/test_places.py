"""Positions as OpenSCENARIO names them, there and back."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from drivestack.scenario.opendrive.places import (
    NoSuchPlaceError,
    advanced,
    lane_pose,
    locate,
    map_lane,
    relative_lane,
    road_pose,
)
from drivestack.scenario.opendrive.roads import OpenDriveRoads, read_roads
from tests.scenario.opendrive.roads import joined, lane, link, road, roads, section
from tests.scenario.opendrive.test_network import connection, junction
from tests.scenario.writing import write


@pytest.fixture
def network(tmp_path: Path) -> OpenDriveRoads:
    """Road 1 turns left by 1 rad (R 100 m); road 2 is drawn against it and meets its end."""
    plan = '<geometry s="0" x="0" y="0" hdg="0" length="100"><arc curvature="0.01"/></geometry>'
    right = lane(-1, linked=link(after=1)) + lane(-2, type="sidewalk")
    lanes = section(0, lane(1, linked=link(after=-1)), right)
    x, y = 100 * math.sin(1.0), 100 * (1 - math.cos(1.0))
    far = (x + 50 * math.cos(1.0), y + 50 * math.sin(1.0), 1.0 + math.pi)
    pose = f'x="{far[0]!r}" y="{far[1]!r}" hdg="{far[2]!r}"'
    line = f'<geometry s="0" {pose} length="50"><line/></geometry>'
    back = section(0, lane(1, linked=link(after=-1)), lane(-1, linked=link(after=1)))
    first = road("1", plan, lanes, links=joined("successor", "2", "end"))
    second = road("2", line, back, 50, links=joined("successor", "1", "end"))
    return read_roads(write(tmp_path, "r.xodr", roads(first, second)))


def test_lanes_and_roads_in_the_plane(network: OpenDriveRoads) -> None:
    assert road_pose(network, "1", 0.0, 2.0) == (0.0, 2.0, 0.0)
    assert lane_pose(network, "1", -1, 0.0) == (0.0, -1.75, 0.0)
    assert lane_pose(network, "1", -2, 0.0, 0.5) == (0.0, -4.75, 0.0), "also off the lane graph"
    x, y, heading = lane_pose(network, "1", 1, 0.0, 0.5)
    assert (x, y, abs(heading)) == (0.0, 2.25, math.pi), "an offset is along +t on every lane"
    x, y, heading = lane_pose(network, "1", -1, 50.0)
    assert heading == pytest.approx(0.5)
    assert (x, y) == pytest.approx((101.75 * math.sin(0.5), 100 - 101.75 * math.cos(0.5)))
    assert lane_pose(network, "1", 0, 10.0) == road_pose(network, "1", 10.0, 0.0)


@pytest.mark.parametrize("s", [0.0, 12.5, 50.0, 99.9])
@pytest.mark.parametrize("number", [1, -1, -2])
def test_there_and_back(network: OpenDriveRoads, s: float, number: int) -> None:
    x, y, heading = lane_pose(network, "1", number, s, 0.25)
    found = locate(network, x, y, heading)
    assert (found.road, found.lane) == ("1", number)
    assert found.s == pytest.approx(s, abs=1e-6)
    assert road_pose(network, "1", found.s, found.t)[:2] == pytest.approx((x, y), abs=1e-9)


def test_beside_every_road(network: OpenDriveRoads) -> None:
    found = locate(network, 0.0, 40.0)
    assert (found.road, found.lane, found.s) == ("1", 0, 0.0)
    assert found.t == pytest.approx(40.0)


def test_lane_numbers_leave_out_the_centre() -> None:
    moves = [(-4, 1), (-1, 1), (1, -1), (-2, 3), (2, -4), (-1, 0), (0, 2)]
    assert [relative_lane(*move) for move in moves] == [-3, 1, -1, 2, -3, -1, 2]


def test_going_on_over_a_road_that_runs_against(network: OpenDriveRoads) -> None:
    assert advanced(network, "1", -1, 40.0, 30.0) == ("1", -1, 70.0)
    assert advanced(network, "1", -1, 90.0, 30.0) == ("2", 1, 30.0)
    assert advanced(network, "1", 1, 90.0, 30.0) == ("2", -1, 30.0)
    assert advanced(network, "2", 1, 30.0, 35.0) == ("1", -1, 85.0), "back over the same joint"
    assert advanced(network, "1", -1, 10.0, -30.0) == ("1", -1, -20.0), "no road before"


def test_at_a_fork_towards_a_road(tmp_path: Path) -> None:
    """Road 1 leads through the junction's roads 2 and 3; behind 3 lies road 4."""
    one = section(0, right=lane(-1, linked=link(-1, -1)))
    incoming = road("1", lanes=section(0, right=lane(-1)), links=joined("successor", "9"))
    before, on = joined("predecessor", "1", "end"), joined("successor", "4", "start")
    left = road("2", _line(100), one, 60, before, attributes='junction="9"')
    right = road("3", _line(100), one, 60, before + on, attributes='junction="9"')
    behind = road("4", _line(160), one, 60, joined("predecessor", "9"))
    links = junction(connection(0, "1", "2", (-1, -1)), connection(1, "1", "3", (-1, -1)))
    network = read_roads(
        write(tmp_path, "r.xodr", roads(incoming, left, right, behind, links))
    )  # fmt: skip
    assert advanced(network, "1", -1, 90.0, 30.0) == ("2", -1, 20.0), "the first in the file"
    assert advanced(network, "1", -1, 90.0, 30.0, {"3"}) == ("3", -1, 20.0)
    assert advanced(network, "1", -1, 90.0, 30.0, {"4"}) == ("3", -1, 20.0)
    assert advanced(network, "1", -1, 90.0, 80.0, {"4"}) == ("4", -1, 10.0)
    assert advanced(network, "1", -1, 90.0, 30.0, {"1"}) == ("2", -1, 20.0)


def _line(x: float) -> str:
    return f'<geometry s="0" x="{x}" y="0" hdg="0" length="60"><line/></geometry>'


def test_numbers_are_carried_from_section_to_section(tmp_path: Path) -> None:
    lanes = (
        section(0, right=lane(-1, linked=link(after=-2)))
        + section(50, right=lane(-1) + lane(-2, linked=link(before=-1)))
    )  # fmt: skip
    network = read_roads(write(tmp_path, "r.xodr", roads(road(lanes=lanes))))
    assert advanced(network, "1", -1, 10.0, 60.0) == ("1", -2, 70.0)
    assert advanced(network, "1", -2, 70.0, -60.0) == ("1", -1, 10.0)


def test_lanes_of_the_map(network: OpenDriveRoads) -> None:
    piece = map_lane(network, "1", -1, 30.0)
    assert piece is not None
    assert network.map.lane_name(piece.lane)[0] == "1.0.right.start"
    assert map_lane(network, "1", -2, 30.0) is None, "a sidewalk"


def test_places_that_are_not_there(network: OpenDriveRoads) -> None:
    with pytest.raises(NoSuchPlaceError, match="no road '7'; valid: 1, 2"):
        road_pose(network, "7", 0.0, 0.0)
    with pytest.raises(NoSuchPlaceError, match="road '1' has no lane 3 at s = 5 m; valid: -2"):
        lane_pose(network, "1", 3, 5.0)
    with pytest.raises(NoSuchPlaceError, match="s = 101 m is not on road '1', which is 100 m long"):
        lane_pose(network, "1", -1, 101.0)
