"""Rounded kerbs: nothing on ordinary lanes, roundabouts that can be driven, islands that cannot."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivestack.core.map import Map
from drivestack.core.start import Rates
from drivestack.core.types import Floats
from drivestack.metrics.kerbs import RADIUS, beyond_kerbs, corner_places, kerbs
from drivestack.metrics.lane_facts import INSIDE, LaneFacts, lane_facts
from drivestack.roads.build import straight
from drivestack.roads.mirror import mirrored, to_iso
from drivestack.scenario.sources.highway_env import load as scene
from drivestack.scenario.sources.highway_env_scenes import SCENES
from tests.scenes import bend, road_map, two_lanes

SIZE = np.array([5.0, 2.0])
ROUNDABOUTS = ("roundabout-v1", "roundabout-generic-v1")


def map_of(name: str) -> Map:
    return to_iso(scene(name, 0, rates=Rates(20, 20, 10)).map)


def at(map: Map, *pose: tuple[float, float, float]) -> LaneFacts:
    return lane_facts(map, np.array(pose, np.float64).reshape(-1, 3), SIZE)


def corner(turn: float, gap: float = 0.0) -> Map:
    """Two straight lanes that meet at the origin, the second one turned to the left."""
    c, s = math.cos(turn), math.sin(turn)
    lanes = {
        ("a", "b"): [straight((-100, 0), (0, 0))],
        ("b", "c"): [straight((gap * c, gap * s), (100 * c, 100 * s))],
    }
    return road_map("corner", lanes)


@pytest.mark.parametrize("name", [name for name in SCENES if name not in ROUNDABOUTS])
def test_other_scenes_have_none(name: str) -> None:
    map = map_of(name)
    assert kerbs(map).is_empty
    assert len(corner_places(map)) == 0
    assert np.isinf(beyond_kerbs(map, np.zeros((1, 2)))).all()


def test_ordinary_roads_have_none() -> None:
    for map in (two_lanes(), bend(), corner(0.5), corner(math.pi), corner(1.0, gap=11.0)):
        assert kerbs(map).is_empty
    assert not kerbs(corner(0.7)).is_empty


def test_the_kerb_is_an_arc_that_touches_both_edges() -> None:
    """The inner edges of two lanes of 4 m meet 1.15 m before and 2 m beside the corner's middle."""
    turn = math.pi / 3
    map = corner(turn)
    inside = np.array([-2.0 * math.tan(turn / 2), 2.0])
    half = 0.5 * (math.pi - turn)
    towards = np.array([-math.sin(turn / 2), math.cos(turn / 2)])  # away from both lanes
    depth = RADIUS * (1.0 / math.cos(turn / 2) - 1.0)
    for metres, expected in ((depth - 0.05, 0.0), (depth + 0.5, 0.5)):
        point = inside + metres * towards
        assert beyond_kerbs(map, point[None])[0] == pytest.approx(expected, abs=0.03)
    tangent = RADIUS / math.tan(half)
    aside = [inside[0] - tangent - 1.0, 2.2], [inside[0] - 1.0, 2.2]
    far, near = beyond_kerbs(map, np.array(aside))
    assert far > 0.1
    assert near == 0.0


DRIVEN = {
    "roundabout-v1": """
        2.00,-45.00,1.57 2.04,-42.21,1.56 2.19,-39.66,1.52 2.49,-36.96,1.48 2.93,-34.28,1.43
        3.68,-31.76,1.32 4.97,-29.36,1.14 6.65,-27.11,0.98 8.38,-25.16,0.89 10.24,-23.18,0.84
        12.15,-21.26,0.80 14.01,-19.54,0.76 15.99,-17.72,0.75 17.79,-15.87,0.79 19.42,-13.88,0.86
        20.82,-11.76,0.95 21.99,-9.49,1.05 22.90,-7.15,1.15 23.58,-4.56,1.27 23.95,-2.00,1.38
        24.04,0.59,1.49 23.81,3.39,1.61 23.29,6.00,1.72 22.44,8.67,1.84 21.40,11.00,1.95
        20.08,13.26,2.06 18.48,15.42,2.17 16.61,17.44,2.28 14.57,19.37,2.35 12.50,21.30,2.38
        10.48,23.22,2.38 8.55,25.11,2.37 6.74,26.97,2.35 5.14,28.90,2.28 3.75,31.37,2.13
        2.84,33.99,1.96 2.28,36.69,1.83 2.00,39.20,1.73""",
    "roundabout-generic-v1": """
        2.00,-52.50,1.57 2.08,-49.66,1.55 2.31,-47.17,1.50 2.74,-44.66,1.43 3.37,-42.19,1.35
        4.17,-39.78,1.28 5.23,-37.10,1.22 6.33,-34.54,1.18 7.36,-32.10,1.18 8.35,-29.44,1.21
        9.08,-26.91,1.27 9.70,-24.19,1.32 10.82,-21.79,1.17 12.60,-19.94,0.91 14.62,-18.34,0.75
        16.76,-16.59,0.71 18.63,-14.76,0.76 20.34,-12.60,0.87 21.63,-10.43,0.98 22.68,-8.04,1.11
        23.46,-5.48,1.23 23.93,-2.77,1.36 24.09,0.04,1.48 23.93,2.72,1.59 23.48,5.25,1.70
        22.74,7.77,1.81 21.76,10.17,1.91 20.57,12.37,2.02 19.16,14.45,2.12 17.54,16.37,2.22
        15.67,18.18,2.33 13.58,19.81,2.44 11.56,21.43,2.45 10.10,23.47,2.26 9.12,25.88,2.05
        8.34,28.53,1.92 7.57,31.15,1.88 6.73,33.66,1.89 5.73,36.32,1.92 4.76,38.77,1.94
        3.79,41.35,1.93 2.94,44.06,1.89 2.32,46.90,1.81""",
}
"""Two drives of `idm` with the MPC from the southern entry to the northern exit."""


def driven(name: str) -> Floats:
    return np.array([pose.split(",") for pose in DRIVEN[name].split()], np.float64)


@pytest.mark.parametrize("name", ROUNDABOUTS)
def test_who_follows_the_lanes_stays_on_the_road(name: str) -> None:
    assert lane_facts(map_of(name), driven(name), SIZE).outside.max() <= INSIDE


def test_who_follows_the_lanes_leaves_their_union(monkeypatch: pytest.MonkeyPatch) -> None:
    map, poses = map_of("roundabout-v1"), driven("roundabout-v1")
    monkeypatch.setattr("drivestack.metrics.lane_facts.beyond_kerbs", lambda map, points: np.inf)
    assert lane_facts(map, poses, SIZE).outside.max() > 0.3


@pytest.mark.parametrize("name", ROUNDABOUTS)
def test_islands_and_what_lies_outside_stay_off_the_road(name: str) -> None:
    map = map_of(name)
    poses = [
        (0.0, 0.0, 0.3),  # the central island
        (16.0, 0.0, math.pi / 2),  # half on it
        (0.0, -30.0, math.pi / 2),  # between entry and exit
        (24.0, -24.0, 0.8),  # straight on where the ring bends
        (30.0, 20.0, 1.0),
    ]
    assert at(map, *poses).outside.min() > 0.3


@pytest.mark.parametrize("name", ROUNDABOUTS)
def test_corners_are_intersections(name: str) -> None:
    map = map_of(name)
    places = corner_places(map)
    assert len(places) == 8
    poses = np.column_stack([places, np.zeros(8)])
    assert lane_facts(map, poses, SIZE).crossing.all()
    assert not at(map, (2.0, -100.0, math.pi / 2)).crossing.any()


@pytest.mark.parametrize("name", ROUNDABOUTS)
def test_mirrored(name: str) -> None:
    map = map_of(name)
    image = mirrored(map)
    streams = np.random.default_rng(4)
    points = streams.uniform(-45.0, 45.0, (400, 2))
    here, there = beyond_kerbs(map, points), beyond_kerbs(image, points * [1.0, -1.0])
    np.testing.assert_allclose(here, there, atol=1e-9)
    assert 0.0 < (here == 0.0).mean() < 0.2


def test_fills_leave_no_crack_beside_their_lanes() -> None:
    """Points on the edge of the ring, where a fill begins."""
    map = map_of("roundabout-v1")
    angles = np.linspace(0.0, 2.0 * math.pi, 4000)
    edge = (26.0 + 1e-5) * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    beyond = beyond_kerbs(map, edge)
    inner = beyond_kerbs(map, edge * 1.002)
    assert (beyond[inner == 0.0] == 0.0).all()
    assert (inner == 0.0).any()


def test_a_turn_to_either_side_has_its_kerb_inside() -> None:
    left, right = corner(1.0), corner(-1.0)
    for map, side in ((left, 1.0), (right, -1.0)):
        assert beyond_kerbs(map, np.array([[-1.5, side * 2.5]]))[0] == 0.0
        assert beyond_kerbs(map, np.array([[1.5, -side * 2.5]]))[0] > 1.0
