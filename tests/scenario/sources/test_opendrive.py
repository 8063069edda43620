"""Scenarios on OpenDRIVE roads."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.core.errors import InputError
from drivestack.scenario import load
from tests.scenario.opendrive.roads import SCENARIO, on_road, road, roads
from tests.scenario.writing import edited


def test_ego_and_actors_stand_on_named_lanes(tmp_path: Path) -> None:
    (start,) = load(on_road(tmp_path, roads(road())))
    assert start.bodies["x"].tolist() == [10.0, 30.0]
    assert start.bodies["y"].tolist() == [-1.75, -5.25]
    names = [start.map.lane_name(lane) for lane in start.bodies["lane"]]
    assert names == [("1.0.right.start", "1.0.right.end", k) for k in (0, 1)]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("right.end, 0]", "right.end, 5]", "ego.lane: no lane [1.0.right.start, 1.0.right.end, 5]"),
        ("s: 30,", "s: 300,", "actors.0.s: expected 0 to 100 m, the lane's length"),
        ("speed: 5}", "speed: 5, destination: 1.0.up.end}", "no node '1.0.up.end'; did you mean"),
        ("time_limit: 5\n", "", "time_limit: missing key"),
        ("file: road.xodr", "file: rood.xodr", "s.yaml:2: map.file: no file 'rood.xodr'"),
        ("lane: [1.0.right.start, 1.0.right.end, 0], s: 10, ", "", "give lane or position"),
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = on_road(tmp_path, roads(road()), edited(old, new, SCENARIO))
    with pytest.raises(InputError) as caught:
        load(path)
    assert message in str(caught.value)


def test_a_road_network_alone_is_no_scenario(tmp_path: Path) -> None:
    on_road(tmp_path, roads(road()))
    with pytest.raises(InputError, match="a road network without a scenario; use it as map"):
        load(tmp_path / "road.xodr")
