"""From roads to a lane graph: directions, numbers, sections, links, junctions, limits."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from drivestack.core.errors import InputError, UnsupportedError
from drivestack.core.tables import LaneKind
from drivestack.roads.lanes import heading_at, local_coordinates, position, width_at
from drivestack.route.graph import lane_graph
from drivestack.scenario.opendrive.joins import LaneKey
from drivestack.scenario.opendrive.places import lane_pose
from drivestack.scenario.opendrive.roads import OpenDriveRoads, read_roads
from tests.scenario.opendrive.roads import (
    LINE,
    TWO_AND_ONE,
    joined,
    lane,
    link,
    road,
    roads,
    section,
    width,
)
from tests.scenario.writing import write


def made(folder: Path, *parts: str) -> OpenDriveRoads:
    return read_roads(write(folder, "r.xodr", roads(*parts)))


def end(network: OpenDriveRoads, key: tuple[str, int, int], s: float) -> tuple[float, float]:
    """The centre of a lane of the map at an s of its road's."""
    (piece, *_) = network.pieces_of[LaneKey(*key)]
    row = network.map.lanes[piece.lane]
    part = (s - piece.low) / (piece.high - piece.low)
    along = part if piece.along else 1.0 - part
    return position(row, network.map.points, along * row["length"], 0.0)


def onward(network: OpenDriveRoads) -> set[tuple[LaneKey, LaneKey]]:
    graph = lane_graph(network.map)
    key = [piece.key for piece in network.pieces]
    return {(key[a], key[b]) for a in range(len(key)) for b in graph.onward(a)}


def test_lanes_run_right_of_the_line_and_are_numbered_from_the_left(tmp_path: Path) -> None:
    network = made(tmp_path, road())
    names = {network.map.lane_name(piece.lane): piece.key.lane for piece in network.pieces}
    right, left = ("1.0.right.start", "1.0.right.end"), ("1.0.left.start", "1.0.left.end")
    assert names == {(*right, 0): -1, (*right, 1): -2, (*left, 0): 1}
    assert end(network, ("1", 0, -2), 20.0) == pytest.approx((20.0, -5.25))
    kinds = {network.map.lanes["kind"][piece.lane] for piece in network.pieces}
    assert kinds == {LaneKind.STRAIGHT}
    backward = network.pieces_of[LaneKey("1", 0, 1)][0]
    assert not backward.along
    assert heading_at(network.map.lanes[backward.lane], network.map.points, 0.0) == math.pi


def test_left_hand_traffic(tmp_path: Path) -> None:
    lanes = section(0, lane(1) + lane(2), lane(-1))
    network = made(tmp_path, road(lanes=lanes, attributes='junction="-1" rule="LHT"'))
    along = {piece.key.lane: piece.along for piece in network.pieces}
    assert along == {1: True, 2: True, -1: False}
    numbers = {piece.key.lane: network.map.lane_name(piece.lane)[2] for piece in network.pieces}
    assert numbers == {2: 0, 1: 1, -1: 0}
    assert lane_pose(network, "1", 1, 5.0).heading == 0.0
    assert abs(lane_pose(network, "1", -1, 5.0).heading) == pytest.approx(math.pi)


def test_an_arc_is_cut_and_stays_exact(tmp_path: Path) -> None:
    plan = '<geometry s="0" x="0" y="0" hdg="0" length="500"><arc curvature="0.01"/></geometry>'
    network = made(tmp_path, road(plan=plan, length=500))
    pieces = network.pieces_of[LaneKey("1", 0, -2)]
    assert len(pieces) == 3
    for piece in network.pieces:
        row = network.map.lanes[piece.lane]
        assert row["kind"] == LaneKind.CIRCULAR
        s = np.linspace(piece.low, piece.high, 11)
        for k, value in enumerate(s if piece.along else s[::-1]):
            x, y = position(row, network.map.points, row["length"] * k / 10, 0.0)
            pose = lane_pose(network, "1", piece.key.lane, value)
            assert (x, y) == pytest.approx(pose[:2], abs=1e-9)
            away = heading_at(row, network.map.points, row["length"] * k / 10) - pose.heading
            assert math.cos(away) == pytest.approx(1.0)
    lengths = sum(float(network.map.lanes["length"][piece.lane]) for piece in pieces)
    assert lengths == pytest.approx(500 * (100 + 5.25) / 100)


def widening() -> str:
    """A second lane opens over 40 m in the second of three sections, and goes on."""
    opening = width(0.0, c=0.0065625, d=-0.000109375) + width(s=40)
    return (
        section(0, right=lane(-1, linked=link(after=-1)))
        + section(
            30, right=lane(-1, width(b=0.01), link(-1, -1)) + lane(-2, opening, link(after=-2))
        )
        + section(80, right=lane(-1, width(4), link(-1)) + lane(-2, linked=link(-2)))
    )


def test_sections_with_changing_widths(tmp_path: Path) -> None:
    network = made(tmp_path, road(lanes=widening()))
    assert onward(network) == {
        (LaneKey("1", 0, -1), LaneKey("1", 1, -1)),
        (LaneKey("1", 1, -1), LaneKey("1", 2, -1)),
        (LaneKey("1", 1, -2), LaneKey("1", 2, -2)),
    }
    (piece,) = network.pieces_of[LaneKey("1", 1, -2)]
    row, points = network.map.lanes[piece.lane], network.map.points
    assert row["kind"] == LaneKind.POLYLINE
    for s in np.linspace(30.0, 80.0, 41):
        u = min(s - 30.0, 40.0)
        width = 0.0065625 * u**2 - 0.000109375 * u**3
        y = -(3.5 + 0.01 * (s - 30.0)) - width / 2
        along, across = local_coordinates(row, points, s, y)
        assert across == pytest.approx(0.0, abs=0.01)
        assert width_at(row, points, along) == pytest.approx(width, abs=0.011)
        assert lane_pose(network, "1", -2, s) == pytest.approx((s, y, 0.0), abs=1e-9)
    assert end(network, ("1", 2, -2), 100.0) == pytest.approx((100.0, -5.75))


def test_offset_and_narrow_lanes(tmp_path: Path) -> None:
    gone = lane(-2, width(0))
    lanes = '<laneOffset s="0" a="1" b="0" c="0" d="0"/>' + section(0, right=lane(-1) + gone)
    network = made(tmp_path, road(lanes=lanes))
    assert end(network, ("1", 0, -1), 0.0) == pytest.approx((0.0, 1.0 - 1.75))
    assert LaneKey("1", 0, -2) not in network.pieces_of


def test_lanes_that_something_parts_are_no_neighbours(tmp_path: Path) -> None:
    parted = lane(-1) + lane(-2, type="median") + lane(-3) + lane(-4)
    network = made(tmp_path, road(lanes=section(0, right=parted)))
    names = {piece.key.lane: network.map.lane_name(piece.lane) for piece in network.pieces}
    assert names[-1] == ("1.0.right.a.start", "1.0.right.a.end", 0)
    assert names[-4] == ("1.0.right.b.start", "1.0.right.b.end", 1)


def test_roads_joined_head_to_tail_and_against(tmp_path: Path) -> None:
    """Road 2 is drawn the other way: its end meets road 1's end."""
    both = section(0, lane(1, linked=link(after=-1)), lane(-1, linked=link(after=1)))
    first = road("1", lanes=both, links=joined("successor", "2", "end"))
    plan = f'<geometry s="0" x="200" y="0" hdg="{math.pi!r}" length="100"><line/></geometry>'
    second = road("2", plan, both, links=joined("successor", "1", "end"))
    network = made(tmp_path, first, second)
    assert onward(network) == {
        (LaneKey("1", 0, -1), LaneKey("2", 0, 1)),
        (LaneKey("2", 0, -1), LaneKey("1", 0, 1)),
    }


def junction(*connections: str, kind: str = "") -> str:
    return f'<junction id="9" name=""{kind}>{"".join(connections)}</junction>'


def connection(number: int, incoming: str, onward: str, *pairs: tuple[int, int]) -> str:
    links = "".join(f'<laneLink from="{a}" to="{b}"/>' for a, b in pairs)
    return (f'<connection id="{number}" incomingRoad="{incoming}" connectingRoad="{onward}" '
            f'contactPoint="start">{links}</connection>')  # fmt: skip


def fork() -> tuple[str, ...]:
    """Road 1 with two lanes; the left one goes on in road 2, the right one in road 3."""
    two = section(0, right=lane(-1) + lane(-2))
    incoming = road("1", lanes=two, links=joined("successor", "9"))
    return incoming, way("2", 0.0, -1), way("3", -3.5, -2)


def way(number: str, y: float, before: int) -> str:
    """A road in the junction, 60 m long, that goes on from a lane of road 1."""
    plan = f'<geometry s="0" x="100" y="{y}" hdg="0" length="60"><line/></geometry>'
    lanes = section(0, right=lane(-1, linked=link(before)))
    return road(
        number, plan, lanes, 60, joined("predecessor", "1", "end"), attributes='junction="9"'
    )


def test_a_junction(tmp_path: Path) -> None:
    links = junction(connection(0, "1", "2", (-1, -1)), connection(1, "1", "3", (-2, -1)))
    network = made(tmp_path, *fork(), links)
    assert onward(network) == {
        (LaneKey("1", 0, -1), LaneKey("2", 0, -1)),
        (LaneKey("1", 0, -2), LaneKey("3", 0, -1)),
    }


def test_two_ways_between_the_same_nodes_are_kept_apart(tmp_path: Path) -> None:
    plan = '<geometry s="0" x="160" y="0" hdg="0" length="50"><line/></geometry>'
    after = road("4", plan, section(0, right=lane(-1) + lane(-2)), 50, joined("predecessor", "9"))
    incoming, left, right = fork()
    left = left.replace("</link>", joined("successor", "4", "start") + "</link>", 1)
    right = right.replace("</link>", joined("successor", "4", "start") + "</link>", 1)
    left = left.replace('<predecessor id="-1"/>', '<predecessor id="-1"/><successor id="-1"/>')
    right = right.replace('<predecessor id="-2"/>', '<predecessor id="-2"/><successor id="-2"/>')
    links = junction(connection(0, "1", "2", (-1, -1)), connection(1, "1", "3", (-2, -1)))
    network = made(tmp_path, incoming, left, right, after, links)
    assert [len(network.pieces_of[LaneKey(name, 0, -1)]) for name in ("2", "3")] == [1, 2]
    assert (LaneKey("3", 0, -1), LaneKey("4", 0, -2)) in onward(network)
    assert (LaneKey("3", 0, -1), LaneKey("4", 0, -1)) not in onward(network)


def test_speed_limits_and_units(tmp_path: Path) -> None:
    more = (
        '<type s="0" type="town"><speed max="50" unit="km/h"/></type>'
        '<type s="60" type="rural"><speed max="30" unit="mph"/></type>'
    )
    own = lane(-2, width() + '<speed sOffset="0" max="7"/>')
    network = made(tmp_path, road(more=more, lanes=section(0, right=lane(-1) + own)))
    lanes = network.map.lanes
    first, second = network.pieces_of[LaneKey("1", 0, -1)]
    assert (first.low, first.high, second.high) == (0.0, 60.0, 100.0)
    assert lanes["speed_limit"][first.lane] == pytest.approx(50 / 3.6)
    assert lanes["speed_limit"][second.lane] == pytest.approx(30 * 0.44704)
    for piece in network.pieces_of[LaneKey("1", 0, -2)]:
        assert lanes["speed_limit"][piece.lane] == 7.0
    free = road(more='<type s="0" type="motorway"><speed max="no limit"/></type>')
    assert not made(tmp_path / "free", free).map.lanes["limited"].any()


def test_what_is_left_out_is_listed(tmp_path: Path) -> None:
    hill = '<elevationProfile><elevation s="0" a="1" b="0.1" c="0" d="0"/></elevationProfile>'
    flat = (
        '<elevationProfile><elevation s="0" a="0.0" b="0e+00" c="0" d="-0.0"/></elevationProfile>'
    )
    thing = '<objects><object id="1"/><object id="2"/></objects>'
    network = made(tmp_path, road(more=hill + thing))
    assert network.left_out == (
        "elevation (1, first in line 3): the world is flat",
        "object (2, first in line 3): no object blocks the sight or the way",
    )
    assert made(tmp_path / "flat", road(more=flat)).left_out == ()


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((), "missing element 'road'"),
        ((road(), road()), "road 1: id used twice"),
        ((road(plan=""),), "missing element 'geometry'"),
        ((road(plan=LINE.replace('h="100"', 'h="50"')),), "it ends at s = 50 m, what follows"),
        ((road(lanes=""),), "missing element 'laneSection'"),
        ((road(lanes=section(0, right=lane(1))),), "does not belong to the right side"),
        ((road(lanes=section(0, right=lane(-1) * 2)),), "number used twice"),
        ((road(lanes=section(0, right=lane(-1, width(-3.5)))),), "width reaches -3.5 m"),
        ((road(lanes=section(0, right=lane(-1, ""))),), "missing element 'width'"),
        ((road(lanes=section(5, right=lane(-1))),), "should start at s = 0"),
        ((road(lanes=section(0, right=lane(-1)) * 2),), "has no length"),
        ((road(links=joined("successor", "7", "start")),), "there is no road '7'"),
        ((road(links=joined("successor", "7")),), "there is no junction '7'"),
        ((road(lanes=section(0, right=lane(-1, linked=link(after=-5))),
               links=joined("successor", "1", "start")),), "road '1' has no lane -5 here"),
        ((road(lanes=section(0, lane(1, linked=link(after=1)), lane(-1)),
               links=joined("successor", "1", "end")),), "meets lane 1 of road '1' head on"),
        ((road(lanes=section(0, right=lane(-1, type="sidewalk"))),), "no lane for motor traffic"),
        ((road(attributes='rule="up"'),), "rule should be RHT or LHT"),
        ((road(length=0),), "length should be above 0"),
        ((road(more='<type s="0"><speed max="5" unit="kn"/></type>'),), "unit should be m/s"),
    ],
)  # fmt: skip
def test_refusals(tmp_path: Path, parts: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        made(tmp_path, *parts)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((road(more="<wormhole/>"),), "r.xodr:3: wormhole: not supported in 'road'"),
        ((road(lanes=section(0, right=lane(-1, "<border/>"))),), "border: not supported in 'lane'"),
        ((road(lanes=section(0, right=lane(-1, type="hyperlane"))),), "lane type 'hyperlane'"),
        ((road(), junction(kind=' type="virtual"')), "junctions of type 'virtual'"),
        ((road(lanes=TWO_AND_ONE.replace("level", 'direction="both" level')),), "direction 'both'"),
    ],
)  # fmt: skip
def test_what_would_change_the_road_is_refused_by_name(
    tmp_path: Path, parts: tuple[str, ...], message: str
) -> None:
    with pytest.raises(UnsupportedError, match=message):
        made(tmp_path, *parts)
