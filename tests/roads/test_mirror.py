"""The mirror image of a map: s stays, lateral coordinates and headings change sign, exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.core.map import Map
from drivestack.core.rng import stream
from drivestack.core.tables import LaneKind
from drivestack.roads.build import build_map, circular, polyline, sine, straight
from drivestack.roads.lanes import heading_at, local_coordinates, position, width_at
from drivestack.roads.mirror import mirrored, to_iso
from drivestack.scenario.sources.highway_env import load
from drivestack.scenario.sources.highway_env_scenes import SCENES


def _every_kind() -> Map:
    lanes = (
        straight((3.0, -2.0), (80.0, 41.0)),
        sine((0.0, 0.0), (60.0, 20.0), 3.0, 0.11, 0.4),
        circular((5.0, 5.0), 40.0, 0.3, 2.9),
        circular((5.0, 5.0), 40.0, 5.0, 0.3, clockwise=False),
        polyline([(0.0, 0.0), (13.0, 1.0), (20.0, 9.0), (5.0, 11.0)], [4.0, 3.0, 5.0, 4.0]),
    )
    return build_map("every kind", [(f"{k}", f"{k + 1}", lane) for k, lane in enumerate(lanes)])


MAP = _every_kind()
IMAGE = mirrored(MAP)


@pytest.mark.parametrize("number", range(5))
@given(x=st.floats(-90.0, 90.0), y=st.floats(-90.0, 90.0))
def test_coordinates(number: int, x: float, y: float) -> None:
    lane, image = MAP.lanes[number], IMAGE.lanes[number]
    s, lateral = local_coordinates(lane, MAP.points, x, y)
    image_s, image_lateral = local_coordinates(image, IMAGE.points, x, -y)
    assert image_lateral == -lateral
    if lane["kind"] == LaneKind.CIRCULAR:  # wrapping an angle is not odd in floating point
        assert image_s == pytest.approx(s, abs=1e-12)
    else:
        assert image_s == s


@pytest.mark.parametrize("number", range(5))
@given(s=st.floats(-20.0, 120.0), lateral=st.floats(-9.0, 9.0))
def test_places(number: int, s: float, lateral: float) -> None:
    lane, image = MAP.lanes[number], IMAGE.lanes[number]
    x, y = position(lane, MAP.points, s, lateral)
    assert position(image, IMAGE.points, s, -lateral) == (x, -y)
    assert heading_at(image, IMAGE.points, s) == -heading_at(lane, MAP.points, s)
    assert width_at(image, IMAGE.points, s) == width_at(lane, MAP.points, s)


@pytest.mark.parametrize("env", SCENES)
def test_twice_is_the_map_itself(env: str) -> None:
    map = load(env, 0).map
    back = mirrored(mirrored(map))
    for name in map.lanes.dtype.names or ():
        assert (back.lanes[name] == map.lanes[name]).all(), name
    assert back.y_right == map.y_right
    for name in ("cell_at", "cell_lanes"):
        assert np.array_equal(getattr(back, name), getattr(map, name))


def test_iso_maps_stay() -> None:
    """And a map with y to the right becomes one with y to the left."""
    assert to_iso(MAP) is MAP
    map = load("merge-v1", 0).map
    assert map.y_right
    assert not to_iso(map).y_right
    draw = stream("to_iso")
    for x, y in draw.uniform((-10.0, -20.0), (400.0, 20.0), (20, 2)).tolist():
        for lane, image in zip(map.lanes, to_iso(map).lanes, strict=True):
            left = local_coordinates(image, map.points, x, y)[1]
            assert left == -local_coordinates(lane, map.points, x, -y)[1]
