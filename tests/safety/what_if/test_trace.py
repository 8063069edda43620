"""The middle of a way as a table: on its lanes, with the slip of a body, and on at its end."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivestack.core.map import Map
from drivestack.core.types import Floats
from drivestack.roads.build import circular, straight
from drivestack.roads.lane_tables import lanes_of
from drivestack.roads.ways import STRETCHES
from drivestack.safety.what_if.trace import COLUMNS, POINTS, looked_up, trace
from tests.scenes import bend, road_map, two_lanes

RADIUS = 40.0


def traced(
    map: Map, way: list[int], s: float, reach: float, length: float = 5.0
) -> tuple[Floats, float]:
    table = np.full((POINTS, COLUMNS), np.nan)
    whole = np.array(way + [-1] * (STRETCHES - len(way)), np.int64)
    count, spacing = trace(lanes_of(map), whole, s, length, reach, table)
    assert np.isfinite(table[:count]).all()
    assert np.isnan(table[count:]).all()
    np.testing.assert_allclose(table[:count, 3] ** 2 + table[:count, 4] ** 2, 1.0)
    return table[:count], spacing


def test_one_straight_is_two_points() -> None:
    table, spacing = traced(two_lanes(), [0], 50.0, 30.0)
    assert spacing == 30.0
    assert table.tolist() == [[50.0, 4.0, 0.0, 1.0, 0.0], [80.0, 4.0, 0.0, 1.0, 0.0]]
    slanted = road_map("slanted", {("a", "b"): [straight((0, 0), (30, 40))]})
    table, _ = traced(slanted, [0], 10.0, 25.0)
    np.testing.assert_allclose(table[1], [21.0, 28.0, math.atan2(4, 3), 0.6, 0.8])


@pytest.mark.parametrize(("reach", "points"), [(20.0, 2), (21.0, POINTS)])
def test_a_straight_that_ends_within_reach_of_more_is_followed(reach: float, points: int) -> None:
    table, spacing = traced(bend(), [0, 1, 2], 60.0, reach)
    assert len(table) == points
    assert spacing == pytest.approx(reach / (points - 1))
    last, _ = traced(bend(), [2], 190.0, 50.0)
    assert last[1, :2].tolist() == pytest.approx([120.0, 280.0]), "straight on at the end of all"


def test_through_a_bend_a_body_points_outwards() -> None:
    table, spacing = traced(bend(), [0, 1, 2], 70.0, 126.0)
    assert spacing == 2.0
    np.testing.assert_allclose(table[:6, :3], [[x, 0, 0] for x in (70, 72, 74, 76, 78, 80)],
                               atol=1e-9)  # fmt: skip
    inside = table[6:35]  # from 2 m into the arc to its end at 62.8 m
    angle = (2.0 * np.arange(1, 30)) / RADIUS
    np.testing.assert_allclose(inside[:, 0], 80 + RADIUS * np.sin(angle), atol=1e-9)
    np.testing.assert_allclose(inside[:, 1], RADIUS * (1 - np.cos(angle)), atol=1e-9)
    slip = math.asin(0.5 * 5.0 / RADIUS)
    np.testing.assert_allclose(inside[:, 2], angle - slip, atol=1e-9)
    np.testing.assert_allclose(np.arctan2(inside[:, 4], inside[:, 3]), angle, atol=1e-9)
    np.testing.assert_allclose(table[37:, 2], math.pi / 2, atol=1e-9)
    steps = np.hypot(*np.diff(table[:, :2], axis=0).T)
    assert 1.99 < steps.min() <= steps.max() < 2.001


def test_headings_do_not_jump_where_they_pass_half_a_turn() -> None:
    ring = road_map("ring", {("a", "b"): [circular((0, 0), 20.0, 0.0, 6.0)]})
    table, _ = traced(ring, [0], 0.0, 110.0)
    assert (np.diff(table[:, 2]) > 0.0).all()
    assert table[-1, 2] - table[0, 2] == pytest.approx(5.5, abs=0.2)


def test_the_slip_of_an_impossible_bend_is_a_right_angle() -> None:
    tight = road_map("tight", {("a", "b"): [circular((0, 0), 2.0, 0.0, 3.0)]})
    table, _ = traced(tight, [0], 1.5, 2.0, length=9.0)
    along = np.arctan2(table[:, 4], table[:, 3])
    np.testing.assert_allclose(np.cos(along - table[:, 2]), 0.0, atol=1e-9)
    other, _ = traced(road_map("right", {("a", "b"): [circular((0, 0), 2.0, 3.0, 0.0, False)]}),
                      [0], 1.5, 2.0, length=9.0)  # fmt: skip
    turned = np.arctan2(other[:, 4], other[:, 3]) - other[:, 2]
    np.testing.assert_allclose(np.sin(turned), -1.0, atol=1e-9)


@pytest.mark.parametrize(
    ("gone", "row", "share"),
    [(0.0, 0, 0.0), (1.9, 0, 0.95), (2.0, 1, 0.0), (3.0, 1, 0.5), (7.0, 2, 1.5), (-1.0, 0, -0.5)],
)
def test_looking_up(gone: float, row: int, share: float) -> None:
    assert looked_up(np.zeros((POINTS, COLUMNS)), 4, 2.0, gone) == (row, pytest.approx(share))


def chain(*points: tuple[float, float], backwards: bool = False) -> Map:
    """Straight lanes from point to point; numbered from the last one on if `backwards`."""
    lanes = [
        ((str(k), str(k + 1)), [straight(points[k], points[k + 1])]) for k in range(len(points) - 1)
    ]
    return road_map("chain", dict(lanes[::-1] if backwards else lanes))


@pytest.mark.parametrize("backwards", [False, True])
def test_a_corner_is_turned_where_it_is(backwards: bool) -> None:
    map = chain((0, 0), (40, 0), (40, 60), backwards=backwards)
    way = [1, 0] if backwards else [0, 1]
    table, spacing = traced(map, way, 10.0, 63.0)
    assert spacing == 1.0
    for k, (x, y) in enumerate(table[:, :2]):
        wanted = (10.0 + k, 0.0) if k <= 30 else (40.0, k - 30.0)
        assert (x, y) == pytest.approx(wanted), k


@pytest.mark.parametrize("s", [5.0, 40.0])
def test_headings_do_not_jump_from_lane_to_lane(s: float) -> None:
    table, _ = traced(chain((0, 0), (-40, 4), (-80, 0), (-120, 4)), [0, 1, 2], s, 70.0)
    assert abs(np.diff(table[:, 2])).max() < 0.3
    assert table[-1, 2] - table[0, 2] == pytest.approx(0.2 if s < 10.0 else 0.0, abs=0.01)
    assert (np.cos(table[:, 2]) < -0.9).all()


def test_a_way_of_as_many_lanes_as_there_may_be_ends_straight_on() -> None:
    points = [(5.0 * k, 0.0) for k in range(STRETCHES)]
    last = (points[-1][0] + 3.0, 4.0)
    table, _ = traced(chain(*points, last, (90.0, 90.0)), list(range(STRETCHES)), 0.0, 126.0)
    gone = 2.0 * np.arange(POINTS)
    beyond = np.maximum(gone - points[-1][0], 0.0)
    np.testing.assert_allclose(table[:, 0], np.minimum(gone, points[-1][0]) + 0.6 * beyond)
    np.testing.assert_allclose(table[:, 1], 0.8 * beyond, atol=1e-9)
