"""What is wrong inside a well-formed document, and what a whole one holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.core.errors import InputError, UnsupportedError
from drivestack.core.tables import Kind
from drivestack.scenario.commonroad.obstacles import Track
from drivestack.scenario.commonroad.recording import Recording, read_recording
from tests.scenario.writing import adjacent, document, lanelet, write

TWO_POINTS = "<point><x>0.0</x><y>2.0</y></point><point><x>100.0</x><y>2.0</y></point>"


def read(folder: Path, text: str) -> Recording:
    return read_recording(write(folder, "r.xml", text))


FAULTS = [
    ('commonRoadVersion="2020a"', 'commonRoadVersion="2017a"', "version '2017a' is not read"),
    ('commonRoadVersion="2020a" ', "", "missing attribute 'commonRoadVersion'"),
    ('timeStepSize="0.1"', 'timeStepSize="-0.1"', "timeStepSize should be 0.001 to 10 s"),
    ('timeStepSize="0.1"', 'timeStepSize="nan"', "expected a finite number"),
    ("</commonRoad>", "<phantomObstacle id='5'/></commonRoad>",
     "phantomObstacle 5: what might be hidden is a set"),
    ('<lanelet id="2">', '<lanelet id="1">', "id used twice, first in line 3"),
    ('<lanelet id="2">', '<lanelet id="two">', "id should be a whole number, got 'two'"),
    ('<successor ref="3"/>', '<successor ref="9"/>', "missing lane: there is no lanelet 9"),
    ('<successor ref="3"/>', '<successor ref="1"/>', "cyclic lane: lanelet 1 is its own"),
    ('<adjacentRight ref="2" drivingDir="same"/>', '<adjacentRight ref="2"/>', "'drivingDir'"),
    ('<adjacentRight ref="2" drivingDir="same"/>', '<adjacentRight ref="2" drivingDir="up"/>',
     "should be same or opposite"),
    (f"<leftBound>{TWO_POINTS}</leftBound>", "", "lanelet 1: missing element 'leftBound'"),
    (TWO_POINTS, "<point><x>0.0</x><y>2.0</y></point>", "at least two different points"),
    (TWO_POINTS, TWO_POINTS.replace("100.0", "inf"), "expected a finite number"),
    ('id="12"', 'id="11"', "id used twice"),
    ("<type>car</type>", "<type>cra</type>", "did you mean 'car'?"),
    ("<type>parkedVehicle</type><shape><rectangle><length>4.5", "<type>car</type><shape>"
     "<rectangle><length>-4.5", "greater than 0, got -4.5"),
    ("<time><exact>7</exact></time>", "<time><exact>6.5</exact></time>",
     "is not a whole number of steps"),
    ("<time><exact>7</exact></time>", "<time><exact>6</exact></time>", "times should grow"),
    ("<time><exact>7</exact></time>", "<time><exact>x</exact></time>", "expected a number"),
    ("<orientation><exact>0.30000000000000004</exact></orientation>", "",
     "state: missing element 'orientation'"),
    ("<exact>13.5</exact>", "<intervalStart>1</intervalStart>", "missing element 'intervalEnd'"),
    ("<exact>13.5</exact>", "<intervalStart>1</intervalStart><intervalEnd>0</intervalEnd>",
     "velocity: an interval should not end at 0 before it starts"),
    ("<time><exact>7</exact></time>", "<time><intervalStart>7</intervalStart></time>",
     "time: an exact value is needed, not an interval"),
    ("<point><x>35.0</x><y>-4.0</y></point>", '<lanelet ref="1"/>',
     "position: a position must be a point, a rectangle or a circle"),
    ("</commonRoad>", "<trafficSign id='9'/><trafficSign id='9'/></commonRoad>", "used twice"),
    ("</commonRoad>", "<trafficSign id='9'><trafficSignElement><trafficSignID>274</trafficSignID>"
     "</trafficSignElement></trafficSign></commonRoad>", "missing element 'additionalValue'"),
    ('<successor ref="3"/>', '<successor ref="3"/><trafficSignRef ref="8"/>',
     "there is no traffic sign 8"),
    ('<successor ref="3"/>', '<successor ref="3"/><trafficLightRef ref="8"/>',
     "there is no traffic light 8"),
    ('<successor ref="3"/>', '<successor ref="3"/><laneletType>urbna</laneletType>',
     "laneletType: unknown type; did you mean 'urban'?"),
    ("</commonRoad>", "<trafficLight id='9'><cycle><cycleElement><duration>5</duration>"
     "<color>blue</color></cycleElement></cycle></trafficLight></commonRoad>", "unknown colour"),
    ("</commonRoad>", "<trafficLight id='9'><cycle><cycleElement><duration>0</duration>"
     "</cycleElement></cycle></trafficLight></commonRoad>", "greater than 0"),
    ("</commonRoad>", "<intersection id='9'><incoming id='10'><incomingLanelet ref='77'/>"
     "</incoming></intersection></commonRoad>",
     "incomingLanelet: missing lane: there is no lanelet 77"),
    ("</commonRoad>", "<intersection id='9'><outgoing/></intersection></commonRoad>",
     "outgoing: not supported in 'intersection'"),
    ("<intervalEnd>20</intervalEnd>", "<intervalEnd>0</intervalEnd>", "should end after"),
    ('<lanelet ref="4"/>', '<lanelet ref="7"/>', "missing lane: there is no lanelet 7"),
    ("<goalState>", "<goalState><time/></goalState><goalState>", "time: an exact value is needed"),
    ("<rectangle><length>4.5</length><width>1.8</width></rectangle>",
     "<polygon><point><x>0</x><y>0</y></point></polygon>", "a polygon needs at least three points"),
    ('<planningProblem id="21">', "<planningProblem>", "missing attribute 'id'"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "words"), FAULTS)
def test_faults_name_file_line_and_element(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = document("2020a")
    assert old in text, old
    with pytest.raises(InputError) as caught:
        read(tmp_path, text.replace(old, new, 1))
    message = str(caught.value)
    assert words in message
    assert message.split(":")[0].endswith("r.xml")
    assert message.split(":")[1].isdigit()
    assert "\n" not in message


def test_other_documents_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a CommonRoad document"):
        read(tmp_path, "<OpenDRIVE/>")
    with pytest.raises(InputError, match="missing lanes"):
        read(tmp_path, document("2020a", network=""))
    bare = document("2020a").split("<planningProblem")[0] + "</commonRoad>"
    with pytest.raises(InputError, match="missing element 'planningProblem'"):
        read(tmp_path, bare)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("</rectangle></shape>", "</rectangle><circle/></shape>", "shape: exactly one shape"),
        ("<rectangle><length>4.5</length><width>1.8</width></rectangle>", "<ellipse/>",
         "ellipse: a body of shape 'ellipse'"),
        ("<trajectory>", "<occupancySet/><trajectory>", "occupancySet: where a body may be"),
    ],
)  # fmt: skip
def test_what_cannot_be_replayed_is_unsupported(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    with pytest.raises(UnsupportedError, match=rf"r\.xml:\d+: {words}"):
        read(tmp_path, document("2020a").replace(old, new, 1))


def test_seconds_must_be_whole_steps(tmp_path: Path) -> None:
    text = document("2018a").replace("<time><exact>0.7</exact></time>",
                                     "<time><exact>0.75</exact></time>")  # fmt: skip
    with pytest.raises(InputError, match=r"time 0\.75 is not a whole multiple of 0\.1 s"):
        read(tmp_path, text)


def test_adjacent_lanelets_form_roads_and_ends_form_nodes(tmp_path: Path) -> None:
    recording = read(tmp_path, document("2020a"))
    road_map, lane_of = recording.network.map, recording.network.lane_of
    assert len(road_map.roads) == 2
    assert road_map.lane_name(lane_of[1]) == ("1.start", "1.end", 0)
    assert road_map.lane_name(lane_of[2]) == ("1.start", "1.end", 1)
    assert road_map.lane_name(lane_of[4]) == ("1.end", "3.end", 1)
    np.testing.assert_array_equal(road_map.lanes["length"], 100.0)


def test_opposite_neighbours_are_roads_of_their_own(tmp_path: Path) -> None:
    network = lanelet(1, (0.0, 50.0), 0.0, adjacent("Left", 2, "opposite"))
    network += lanelet(2, (50.0, 0.0), 4.0, adjacent("Left", 1, "opposite"))
    network += lanelet(4, (0.0, 50.0), -4.0)
    network = network.replace("<point>", " <point>")
    road_map = read(tmp_path, document("2020a", network=network)).network.map
    assert len(road_map.roads) == 3


def test_circles_of_lanes_are_refused(tmp_path: Path) -> None:
    ring = lanelet(1, (0.0, 50.0), 0.0, adjacent("Left", 2), adjacent("Right", 2))
    ring += lanelet(2, (0.0, 50.0), 4.0, adjacent("Left", 1), adjacent("Right", 1))
    ring += lanelet(4, (0.0, 50.0), -4.0)
    with pytest.raises(InputError, match="adjacent lanelets form a circle"):
        read(tmp_path, document("2020a", network=ring))
    loop = lanelet(1, (0.0, 50.0), 0.0, adjacent("Right", 4))
    loop += lanelet(4, (0.0, 50.0), -4.0, '<successor ref="1"/>', adjacent("Left", 1))
    with pytest.raises(InputError, match="the road it belongs to leads to itself"):
        read(tmp_path, document("2020a", network=loop))


def test_bounds_of_different_length_share_a_middle(tmp_path: Path) -> None:
    between = "</point><point><x>30.0</x><y>2.0</y></point><point>"
    three_points = TWO_POINTS.replace("</point><point>", between, 1)
    text = document("2020a").replace(TWO_POINTS, three_points, 1)
    one = read(tmp_path, text).network.lanelets[1]
    np.testing.assert_allclose(one.center, [[0, 0], [50, 0], [100, 0]])
    np.testing.assert_allclose(one.widths, 4.0)


@pytest.mark.parametrize(
    ("version", "more", "sign", "limit"),
    [
        ("2018b", "<speedLimit>13.5</speedLimit>", "", 13.5),
        ("2020a", '<trafficSignRef ref="31"/>', "R2-1", 11.0),
        ("2020a", '<trafficSignRef ref="31"/>', "274", 11.0),
        ("2020a", '<trafficSignRef ref="31"/>', "R3-4", None),
        ("2020a", "", "", None),
    ],
)
def test_speed_limits(
    tmp_path: Path, version: str, more: str, sign: str, limit: float | None
) -> None:
    signs = (
        f'<trafficSign id="31"><trafficSignElement><trafficSignID>{sign}</trafficSignID>'
        "<additionalValue>11.0</additionalValue></trafficSignElement></trafficSign>"
    )
    network = lanelet(4, (0.0, 50.0), 0.0, more)
    text = document(version, network=network, more=signs if sign else "")
    recording = read(tmp_path, text)
    assert recording.network.lanelets[4].speed_limit == limit
    lane = recording.network.map.lanes[0]
    assert bool(lane["limited"]) == (limit is not None)


def test_circles_become_squares_and_types_kinds(tmp_path: Path) -> None:
    text = document("2020a").replace("<type>car</type>", "<type>pedestrian</type>")
    text = text.replace("<rectangle><length>4.5</length><width>1.8</width></rectangle>",
                        "<circle><radius>0.4</radius></circle>", 1)  # fmt: skip
    track = read(tmp_path, text).tracks[0]
    assert (track.kind, track.length, track.width) == (Kind.PEDESTRIAN, 0.8, 0.8)


def replaced_shape(folder: Path, shape: str) -> Track:
    box = "<rectangle><length>4.5</length><width>1.8</width></rectangle>"
    return read(folder, document("2020a").replace(box, shape, 1)).tracks[0]


def corners(track: Track, row: int) -> np.ndarray:
    """The four corners of a body, sorted."""
    x, y, heading, _ = track.states[row]
    c, s = np.cos(heading), np.sin(heading)
    offsets = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]) * [track.length / 2, track.width / 2]
    found = offsets @ np.array([[c, s], [-s, c]]) + [x, y]
    return found[np.lexsort(found.round(6).T)]


def test_boxes_beside_their_reference_point_move_with_it(tmp_path: Path) -> None:
    plain = read(tmp_path, document("2020a")).tracks[0]
    beside = replaced_shape(
        tmp_path,
        "<rectangle><length>1.8</length><width>4.5</width><orientation>1.5707963267948966"
        "</orientation><center><x>2.0</x><y>-0.5</y></center></rectangle>",
    )
    assert (beside.length, beside.width) == (4.5, 1.8)
    heading = plain.states[:, 2]
    along = np.stack([np.cos(heading), np.sin(heading)], axis=1)
    across = np.stack([-np.sin(heading), np.cos(heading)], axis=1)
    np.testing.assert_allclose(beside.states[:, :2], plain.states[:, :2] + 2 * along - 0.5 * across)
    np.testing.assert_allclose(beside.states[:, 2:], plain.states[:, 2:], atol=1e-12)


def test_a_polygon_that_is_a_box_is_that_box(tmp_path: Path) -> None:
    turned = (
        "<rectangle><length>4.0</length><width>2.0</width><orientation>0.3</orientation>"
        "<center><x>1.0</x><y>0.5</y></center></rectangle>"
    )
    c, s = np.cos(0.3), np.sin(0.3)
    points = "".join(
        f"<point><x>{1 + c * a - s * b}</x><y>{0.5 + s * a + c * b}</y></point>"
        for a, b in ((2, 1), (-2, 1), (-2, -1), (2, -1))
    )
    box, polygon = (replaced_shape(tmp_path, t) for t in (turned, f"<polygon>{points}</polygon>"))
    for row in (0, 5):
        np.testing.assert_allclose(corners(box, row), corners(polygon, row), atol=1e-9)


def test_a_polygon_lies_in_its_box(tmp_path: Path) -> None:
    spots = [(2.5, 0.0), (1.5, 1.0), (-2.0, 0.8), (-2.0, -0.8), (1.5, -1.0)]
    points = "".join(f"<point><x>{x}</x><y>{y}</y></point>" for x, y in spots)
    track = replaced_shape(tmp_path, f"<polygon>{points}</polygon>")
    assert (track.length, track.width) == pytest.approx((4.5, 2.0))
    plain = read(tmp_path, document("2020a")).tracks[0]
    np.testing.assert_allclose(np.hypot(*(track.states - plain.states)[:, :2].T), 0.25)


def signed(number: str) -> str:
    return (
        f'<trafficSign id="31"><trafficSignElement><trafficSignID>{number}</trafficSignID>'
        "</trafficSignElement></trafficSign>"
    )


@pytest.mark.parametrize(
    ("sign", "priority", "forbidden"),
    [("205", -1, False), ("R1-1", -1, False), ("306", 1, False), ("301", 1, False),
     ("267", 0, True), ("251", 0, True), ("310", 0, False)],
)  # fmt: skip
def test_signs_of_right_of_way_and_closure(
    tmp_path: Path, sign: str, priority: int, forbidden: bool
) -> None:
    network = lanelet(4, (0.0, 50.0), 0.0, '<stopLine><trafficSignRef ref="31"/></stopLine>')
    recording = read(tmp_path, document("2020a", network=network, more=signed(sign)))
    lane = recording.network.map.lanes[0]
    assert (lane["priority"], bool(lane["forbidden"])) == (priority, forbidden)
    assert ("sign 310" in recording.left_out) == (sign == "310")


def test_an_intersection_carries_right_of_way_on(tmp_path: Path) -> None:
    crossing = (
        '<intersection id="41"><incoming id="42"><incomingLanelet ref="1"/>'
        '<successorsStraight ref="3"/></incoming><incoming id="43"><incomingLanelet ref="2"/>'
        '<successorsRight ref="4"/></incoming></intersection>'
    )
    text = document("2020a", more=signed("206") + crossing)
    text = text.replace('<successor ref="3"/>', '<successor ref="3"/><trafficSignRef ref="31"/>')
    lanelets = read(tmp_path, text).network.lanelets
    assert {number: one.priority for number, one in lanelets.items()} == {1: -1, 2: 0, 3: -1, 4: 0}


@pytest.mark.parametrize(
    ("more", "closed"),
    [
        ("<laneletType>sidewalk</laneletType>", True),
        ("<laneletType>urban</laneletType><laneletType>busLane</laneletType>", True),
        ("<laneletType>urban</laneletType>", False),
        ("<userOneWay>bicycle</userOneWay><userBidirectional>pedestrian</userBidirectional>", True),
        ("<userOneWay>bicycle</userOneWay><userOneWay>vehicle</userOneWay>", False),
    ],
)
def test_lanes_of_others_are_closed_to_cars(tmp_path: Path, more: str, closed: bool) -> None:
    network = lanelet(4, (0.0, 50.0), 0.0, more)
    lanes = read(tmp_path, document("2020a", network=network)).network.map.lanes
    assert bool(lanes["forbidden"][0]) == closed


def test_what_is_read_and_left_out_is_named_with_the_source(tmp_path: Path) -> None:
    light = (
        '<trafficLight id="8"><cycle><cycleElement><duration>5</duration><color>red</color>'
        "</cycleElement><timeOffset>3</timeOffset></cycle></trafficLight>"
    )
    building = '<environmentObstacle id="7"><type>building</type></environmentObstacle>'
    text = document("2020a", more=light + building + signed("720"))
    text = text.replace("<goalState>", "<goalState><velocity><exact>3</exact></velocity>")
    text = text.replace("<rightBound>", "<rightBound><lineMarking>solid</lineMarking>", 1)
    interval = "<intervalStart>13</intervalStart><intervalEnd>14</intervalEnd>"
    text = text.replace("<exact>13.5</exact>", interval)
    recording = read(tmp_path, text)
    assert recording.left_out == (
        "1 environment obstacles", "sign 720", "solid markings between lanes",
        "uncertainty of states", "velocity at the goal", "1 traffic lights that govern no lanelet",
    )  # fmt: skip
    assert recording.source.endswith("T-1; left out: " + ", ".join(recording.left_out))
    same = read(tmp_path, document("2020a"))
    np.testing.assert_array_equal(recording.tracks[0].states, same.tracks[0].states)
    assert same.left_out == ()


def test_an_edited_file_is_read_again(tmp_path: Path) -> None:
    assert read(tmp_path, document("2020a")).version == "2020a"
    assert read(tmp_path, document("2018b")).version == "2018b"
