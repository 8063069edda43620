"""Lane kinds against highway-env's, bit for bit; round trips; our polyline against shapely."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point

from drivestack.core.frames import wrap_to_pi
from drivestack.core.tables import LANE, POINT
from drivestack.roads.build import LaneSpec, circular, polyline, sine, straight
from drivestack.roads.lanes import (
    heading_at,
    is_reachable,
    lane_distance,
    local_coordinates,
    on_lane,
    overshoot,
    position,
    width_at,
)
from tests.portable import Reference, run_reference

from .reference import ANSWERS, KINDS

SEED, LANES, POINTS = 4, 12, 60
ENDS = 5.0
metres = st.floats(-60.0, 60.0)


@pytest.fixture(scope="module")
def reference() -> Reference:
    print(f"seed {SEED}")
    return run_reference("tests.roads.reference", "lanes", seed=SEED, n=LANES, points=POINTS)


@pytest.mark.parametrize("kind", KINDS)
def test_equals_highway_env(kind: str, reference: Reference) -> None:
    tolerance = reference.tolerance()
    for number in range(LANES):
        lane = reference.arrays[f"{kind}.{number}.row"].view(LANE)[0]
        points = reference.arrays[f"{kind}.{number}.points"].view(POINT)
        for row in reference.arrays[f"{kind}.{number}.answers"]:
            case = dict(zip(ANSWERS, map(float, row), strict=True))
            for key, value in _ours(lane, points, case).items():
                assert value == pytest.approx(case[key], rel=tolerance, abs=tolerance), key


def _ours(lane: np.void, points: np.ndarray, case: dict[str, float]) -> dict[str, float]:
    x, y, s = case["x"], case["y"], case["at_s"]
    own_s, lateral = local_coordinates(lane, points, x, y)
    turn = abs(wrap_to_pi(case["heading"] - heading_at(lane, points, own_s)))
    distance = lane_distance(lane, points, x, y)
    at_x, at_y = position(lane, points, s, case["at_lateral"])
    return {
        "s": own_s,
        "lateral": lateral,
        "on": on_lane(lane, points, own_s, lateral, 1.0, ENDS),
        "reachable": is_reachable(lane, points, x, y, ENDS),
        "distance": distance,
        "with_heading": distance + 1.0 * turn,
        "width": width_at(lane, points, own_s),
        "at_x": at_x,
        "at_y": at_y,
        "at_heading": heading_at(lane, points, s),
    }


def _specs() -> list[LaneSpec]:
    return [
        straight((3.0, -2.0), (80.0, 41.0)),
        sine((0.0, 0.0), (60.0, 20.0), 3.0, 0.11, 0.4),
        circular((5.0, 5.0), 40.0, 0.3, 2.9),
        circular((5.0, 5.0), 40.0, 2.9, 0.3, clockwise=False),
    ]


@pytest.mark.parametrize("number", range(4))
@given(s=st.floats(0.0, 60.0), lateral=st.floats(-8.0, 8.0))
def test_there_and_back(number: int, s: float, lateral: float) -> None:
    """Coordinates of a point at given coordinates are these."""
    spec = _specs()[number]
    x, y = position(spec.row[0], spec.points, s, lateral)
    assert local_coordinates(spec.row[0], spec.points, x, y) == pytest.approx(
        (s, lateral), abs=1e-9
    )


def test_known_answers() -> None:
    lane, none = straight((0.0, 0.0), (10.0, 0.0)).row[0], np.zeros(0, POINT)
    assert local_coordinates(lane, none, 12.0, 3.0) == (12.0, 3.0)
    assert overshoot(lane, 12.0) == 2.0
    assert overshoot(lane, -1.5) == 1.5
    assert lane_distance(lane, none, 12.0, -3.0) == 5.0
    arc = circular((0.0, 0.0), 15.0, 0.0, math.radians(181.0)).row[0]
    x, y = position(arc, none, 47.2, 0.0)
    assert local_coordinates(arc, none, x, y)[0] == pytest.approx(-47.0478, abs=1e-4)


corners = st.lists(st.tuples(metres, metres), min_size=2, max_size=9).filter(
    lambda line: len({(round(x), round(y)) for x, y in line}) == len(line)
)


@given(line=corners, x=metres, y=metres)
def test_polyline_takes_the_nearest_point(
    line: list[tuple[float, float]], x: float, y: float
) -> None:
    """As shapely; beyond an end the end piece is prolonged."""
    spec = polyline(line, 4.0)
    s, lateral = local_coordinates(spec.row[0], spec.points, x, y)
    whole = LineString(line)
    beyond = overshoot(spec.row[0], s)
    assert math.hypot(lateral, beyond) == pytest.approx(whole.distance(Point(x, y)), abs=1e-9)
    on_line = whole.interpolate(min(max(s, 0.0), whole.length))
    assert on_line.distance(Point(x, y)) == pytest.approx(whole.distance(Point(x, y)), abs=1e-9)


@given(line=corners, share=st.floats(0.0, 1.0))
def test_polyline_holds_its_own_points(line: list[tuple[float, float]], share: float) -> None:
    """A point of the line has lateral coordinate 0, on crossing lines too."""
    spec = polyline(line, 4.0)
    s = share * float(spec.row["length"][0])
    x, y = position(spec.row[0], spec.points, s, 0.0)
    found, lateral = local_coordinates(spec.row[0], spec.points, x, y)
    assert lateral == pytest.approx(0.0, abs=1e-9)
    assert position(spec.row[0], spec.points, found, lateral) == pytest.approx((x, y), abs=1e-9)


def test_polyline_widths_and_headings_are_interpolated() -> None:
    spec = polyline([(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)], [3.0, 4.0, 6.0])
    lane = spec.row[0]
    widths = [width_at(lane, spec.points, s) for s in (-1.0, 0.0, 5.0, 15.0, 30.0)]
    assert widths == [3.0, 3.0, 3.5, 5.0, 6.0]
    headings = [heading_at(lane, spec.points, s) for s in (-1.0, 10.0, 20.0, 25.0)]
    assert headings == pytest.approx([0.0, math.pi / 4, math.pi / 2, math.pi / 2])
