"""The forecast along lanes: curves, forks, lane changes, who is on no lane, mirror image."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivestack.behavior.forecast import OTHER
from drivestack.behavior.lane_forecast import ROWS, LaneModel, along_lanes, decays
from drivestack.core.map import Map
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Kind
from drivestack.core.types import Floats
from drivestack.roads.build import circular, straight
from drivestack.roads.lane_tables import lanes_of
from drivestack.roads.links import links_of
from tests.scenes import road_map, two_lanes

DT = 0.1
STEPS = 50
RADIUS = 20.0


def forecast(map: Map, *states: tuple[float, float, float, float]) -> tuple[Floats, Floats]:
    """The rows in use of `others` and `poses`."""
    model, count = LaneModel(), len(states)
    others, poses = np.zeros((count * ROWS, OTHER)), np.zeros((count * ROWS, STEPS, 3))
    kept = along_lanes(
        lanes_of(map),
        links_of(map),
        np.array(states),
        np.tile([5.0, 2.0], (count, 1)),
        np.zeros(count, np.int32),
        np.ones(count, np.bool_),
        int(Kind.OBSTACLE),
        0.5,
        decays(STEPS, DT, model.settling),
        DT,
        parameter_table(model)[0],
        others,
        poses,
    )
    return others[:kept], poses[:kept]


def ring(exit_at: float | None = None) -> Map:
    """A ring about the origin in four quarters; an exit leaves its first quarter's end."""
    nodes = ["a", "b", "c", "d"]
    roads = {
        (nodes[k], nodes[(k + 1) % 4]): [
            circular((0, 0), RADIUS, k * math.pi / 2, (k + 1) * math.pi / 2)
        ]
        for k in range(4)
    }
    if exit_at is not None:
        roads["b", "out"] = [straight((0, RADIUS), (-exit_at, RADIUS))]
    return road_map("ring", roads)


def test_who_is_on_a_ring_stays_on_it() -> None:
    others, poses = forecast(ring(), (RADIUS, 0.0, math.pi / 2, 10.0))
    assert len(others) == 1
    radius = np.hypot(poses[0, :, 0], poses[0, :, 1])
    np.testing.assert_allclose(radius, RADIUS, atol=1.0)
    turned = 10.0 * DT * (STEPS - 1) / RADIUS
    angle = math.atan2(poses[0, -1, 1], poses[0, -1, 0])
    assert angle == pytest.approx(turned, abs=0.06)


def test_a_driver_in_a_bend_keeps_its_distance_from_the_middle() -> None:
    slip = math.asin(2.5 / RADIUS)
    _, poses = forecast(ring(), (RADIUS - 0.5, 0.0, math.pi / 2 - slip, 10.0))
    np.testing.assert_allclose(np.hypot(poses[0, :, 0], poses[0, :, 1]), RADIUS - 0.5, atol=0.05)


def test_at_a_fork_every_way_is_a_row() -> None:
    slip = math.asin(2.5 / RADIUS)
    others, poses = forecast(ring(60.0), (RADIUS, 0.0, math.pi / 2 - slip, 12.0))
    assert others[:, 5].tolist() == [0.0, 0.0]
    ends = sorted(poses[:, -1, 1].tolist())
    assert ends[1] == pytest.approx(RADIUS, abs=0.5), "straight out"
    assert ends[0] < RADIUS - 5.0, "on around the ring"


def test_a_neighbour_that_steers_over_may_be_on_its_way_to_the_next_lane() -> None:
    settled, _ = forecast(two_lanes(), (50.0, 0.0, 0.0, 20.0))
    changing, poses = forecast(two_lanes(), (50.0, 0.5, 0.15, 20.0))
    assert (len(settled), len(changing)) == (1, 2)
    np.testing.assert_allclose(sorted(poses[:, -1, 1].round(1).tolist())[-1], 4.0, atol=0.2)


def test_who_stands_or_is_on_no_lane_goes_straight_on() -> None:
    others, poses = forecast(ring(), (RADIUS, 0.0, math.pi / 2, 0.0), (80.0, 80.0, 0.0, 5.0))
    assert len(others) == 2
    assert (poses[0] == poses[0, 0]).all()
    np.testing.assert_allclose(poses[1, :, 0], 80.0 + 5.0 * DT * np.arange(STEPS))


def test_an_inner_lane_cuts_across_to_an_exit() -> None:
    """Traffic leaves a ring of two lanes from the inner one, as highway-env's does."""
    lanes = [circular((0, 0), r, -math.pi / 2, 0.0) for r in (24.0, 20.0)]
    on = [circular((0, 0), r, 0.0, math.pi / 2) for r in (24.0, 20.0)]
    roads = {("a", "b"): lanes, ("b", "c"): on, ("b", "out"): [straight((24, 0), (24, 60))]}
    _, poses = forecast(road_map("exit", roads), (20 * 0.6, -20 * 0.8, 0.6435, 10.0))
    ends = poses[:, -1, :2]
    assert any(abs(x - 24.0) < 1.0 and y > 20.0 for x, y in ends), ends


def test_the_mirror_image_is_mirrored() -> None:
    left = road_map("l", {("a", "b"): [straight((0, 4), (600, 4)), straight((0, 0), (600, 0))]})
    right = road_map("r", {("a", "b"): [straight((0, -4), (600, -4)), straight((0, 0), (600, 0))]})
    _, a = forecast(left, (50.0, 0.5, 0.15, 20.0))
    _, b = forecast(right, (50.0, -0.5, -0.15, 20.0))
    np.testing.assert_allclose(a * [1, -1, -1], b, atol=1e-9)
