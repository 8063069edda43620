"""What is wrong inside a well-formed document, and what a whole one holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.core.errors import InputError, UnsupportedError
from drivestack.core.tables import Kind
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
    ("</commonRoad>", "<phantomObstacle id='5'/></commonRoad>", "not supported in 'commonRoad'"),
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
    ("<exact>13.5</exact>", "<intervalStart>1</intervalStart>", "an exact value is needed"),
    ("<intervalEnd>20</intervalEnd>", "<intervalEnd>0</intervalEnd>", "should end after"),
    ('<lanelet ref="4"/>', '<lanelet ref="7"/>', "missing lane: there is no lanelet 7"),
    ("<goalState>", "<goalState><time/></goalState><goalState>", "exactly one goal state"),
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
    ("old", "new"),
    [
        ("<rectangle><length>4.5</length><width>1.8</width></rectangle>",
         "<polygon><point><x>0</x><y>0</y></point></polygon>"),
        ("<width>1.8</width></rectangle>",
         "<width>1.8</width><center><x>1</x><y>0</y></center></rectangle>"),
        ("<trajectory>", "<occupancySet/><trajectory>"),
    ],
)  # fmt: skip
def test_what_cannot_be_replayed_is_unsupported(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(UnsupportedError):
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


def test_an_edited_file_is_read_again(tmp_path: Path) -> None:
    assert read(tmp_path, document("2020a")).version == "2020a"
    assert read(tmp_path, document("2018b")).version == "2018b"
