"""Progress along the route: known answers, lane changes, wrong turns, laps, mirror images."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drivestack.core.map import Map
from drivestack.core.start import Rates, Start
from drivestack.core.types import Floats
from drivestack.metrics.route_progress import route_progress
from drivestack.roads.build import circular, straight
from drivestack.roads.mirror import mirrored, to_iso
from drivestack.scenario.sources.highway_env import load as scene
from tests.scenes import bend, road_map, starts_of, two_lanes, write_road


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return starts_of(write_road(tmp_path))[0]


def aimed(start: Start, x: float, y: float) -> Start:
    """The start with a goal; its map is not looked at but for its sense of y."""
    return replace(start, goal=np.array([x, y, 3.0]), has_goal=True)


def line(*corners: tuple[float, float], step: float = 0.7) -> Floats:
    """Poses (T, 3) along straight pieces."""
    parts = []
    for a, b in itertools.pairwise(corners):
        apart = np.subtract(b, a)
        count = max(round(float(np.hypot(*apart)) / step), 1)
        share = np.arange(count + (b is corners[-1]))[:, None] / count
        yaw = np.full((len(share), 1), math.atan2(apart[1], apart[0]))
        parts.append(np.hstack([a + share * apart, yaw]))
    return np.concatenate(parts)


def arc(x: float, y: float, radius: float, begin: float, end: float, count: int = 60) -> Floats:
    """Poses (T, 3) along a circle, counter-clockwise."""
    phase = np.linspace(begin, end, count)
    return np.column_stack(
        [x + radius * np.cos(phase), y + radius * np.sin(phase), phase + math.pi / 2]
    )


def test_along_a_straight_lane_and_back(start: Start) -> None:
    ahead = line((100, 0), (150, 0))
    assert route_progress(start, two_lanes(), ahead) == pytest.approx(50.0)
    assert route_progress(start, two_lanes(), ahead[::-1].copy()) == pytest.approx(-50.0)
    assert route_progress(start, two_lanes(), ahead[:1]) == 0.0
    assert route_progress(start, two_lanes(), np.zeros((0, 3))) == 0.0


def test_weaving_is_no_progress_and_a_lane_change_loses_none(start: Start) -> None:
    change = line((100, 0), (130, 4), (160, 4))
    assert route_progress(start, two_lanes(), change) == pytest.approx(60.0)
    weave = line(*((100 + 5 * i, 1.5 * (-1) ** i) for i in range(9)))
    assert np.hypot(*np.diff(weave[:, :2], axis=0).T).sum() > 45.0
    assert route_progress(start, two_lanes(), weave) == pytest.approx(40.0)


def test_a_bend_counts_along_the_middle_of_its_lane(start: Start) -> None:
    """80 m, a quarter circle of 40 m radius and 50 m, driven 1 m inside."""
    way = np.concatenate(
        [
            line((0, 1), (80, 1))[:-1],
            arc(80, 40, 39.0, -math.pi / 2, 0.0),
            line((119, 41), (119, 90)),
        ]
    )
    along = 80.0 + 40.0 * math.pi / 2 + 50.0
    assert route_progress(start, bend(), way) == pytest.approx(along, abs=0.1)


def fork() -> Map:
    """A road that goes on straight and also turns right, and comes back to its beginning."""
    lanes = {
        ("a", "b"): [straight((0, 0), (100, 0))],
        ("b", "c"): [straight((100, 0), (200, 0))],
        ("b", "d"): [circular((100, -40), 40.0, math.pi / 2, 0.0, clockwise=False)],
        ("d", "e"): [straight((140, -40), (140, -140))],
    }
    return road_map("fork", lanes)


def test_only_the_way_to_the_goal_counts(start: Start) -> None:
    """At a fork both lanes lie on top of each other for a few metres."""
    wrong = line((50, 0), (180, 0))
    assert 50.0 <= route_progress(aimed(start, 140, -100), fork(), wrong) < 65.0
    assert route_progress(aimed(start, 190, 0), fork(), wrong) == pytest.approx(130.0)
    assert route_progress(start, fork(), wrong) == pytest.approx(130.0)
    turn = arc(100, -40, 40.0, math.pi / 2, 0.0)[:, :2]
    yaw = np.linspace(0.0, -math.pi / 2, len(turn))[:, None]
    right = np.concatenate([line((50, 0), (100, 0))[:-1], np.hstack([turn, yaw])])
    found = route_progress(aimed(start, 140, -100), fork(), right)
    assert found == pytest.approx(50.0 + 20.0 * math.pi, abs=0.5)


def test_where_no_way_leads_to_the_goal_every_lane_counts(start: Start) -> None:
    back = aimed(start, 20, 0)
    assert route_progress(back, fork(), line((120, 0), (180, 0))) == pytest.approx(60.0)


def test_laps_are_paid_once_where_there_is_a_goal(start: Start) -> None:
    half = [circular((0, 0), 30.0, 0.0, math.pi), circular((0, 0), 30.0, math.pi, 2 * math.pi)]
    ring = road_map("ring", {("a", "b"): half[:1], ("b", "a"): half[1:]})
    laps = arc(0, 0, 30.0, 0.2, 0.2 + 6 * math.pi, count=600)
    # two half circles make the map, of which the first 6 m of the first are behind the start
    aim = aimed(start, 0, -30)
    assert route_progress(aim, ring, laps) <= 60.0 * math.pi + 1e-9
    assert route_progress(start, ring, laps) == pytest.approx(180.0 * math.pi, rel=1e-3)


def test_overtaking_in_the_oncoming_lane_is_progress(start: Start) -> None:
    lanes = {("a", "b"): [straight((0, 0), (300, 0))], ("b", "a"): [straight((300, 4), (0, 4))]}
    way = line((50, 0), (80, 4), (150, 4), (180, 0), (220, 0))
    assert route_progress(start, road_map("both", lanes), way) == pytest.approx(170.0)


@pytest.mark.parametrize("name", ["roundabout-v1", "intersection-v2", "merge-v1"])
def test_mirrored_maps_measure_the_same(name: str) -> None:
    found = scene(name, 0, rates=Rates(20, 20, 10))
    map = to_iso(found.map)
    x, y, _ = found.goal
    way = line((float(x) + 31.0, -float(y) - 17.0), (float(x) + 0.3, -float(y) - 0.2))
    flip = np.array([1.0, -1.0, -1.0])
    image = replace(found, map=mirrored(found.map))  # its goal is where it was, y to the left now
    here = route_progress(found, map, way)
    there = route_progress(image, mirrored(map), way * flip)
    assert here == there
