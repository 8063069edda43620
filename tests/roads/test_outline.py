"""The lines of a map lie where its lanes do."""

from __future__ import annotations

import numpy as np

from drivestack.roads.mirror import to_iso
from drivestack.roads.outline import TOLERANCE, outline
from drivestack.scenario.sources.highway_env import load
from tests.scenes import bend, two_lanes


def apart(points: np.ndarray, line: np.ndarray) -> float:
    """How far [m] the farthest of some points (n, 2) is from a line (P, 2)."""
    a, along = line[:-1], np.diff(line, axis=0)
    share = ((points[:, None] - a) * along).sum(-1) / np.maximum((along**2).sum(-1), 1e-12)
    nearest = a + np.clip(share, 0.0, 1.0)[..., None] * along
    return float(np.hypot(*(points[:, None] - nearest).transpose(2, 0, 1)).min(axis=1).max())


def test_straight_lanes_are_two_points() -> None:
    found = outline(two_lanes())
    assert found.lane.tolist() == [0, 0, 1, 1]
    np.testing.assert_allclose(found.middle[:, 1], [4, 4, 0, 0])
    np.testing.assert_allclose(found.left[:, 1], [6, 6, 2, 2])
    np.testing.assert_allclose(found.right[:, 1], [2, 2, -2, -2])
    # lane 0 is the left one: the other is at its right
    assert found.right_beside.tolist() == [True, True, False, False]
    assert found.left_beside.tolist() == [False, False, True, True]


def test_a_bend_is_kept_within_five_centimetres() -> None:
    found = outline(bend())
    arc = found.lane == 1
    angle = np.linspace(-np.pi / 2, 0.0, 500)
    for line, radius in ((found.middle, 40.0), (found.left, 38.0), (found.right, 42.0)):
        true = np.stack([80 + radius * np.cos(angle), 40 + radius * np.sin(angle)], axis=-1)
        assert apart(true, line[arc].astype(float)) < 0.05
    assert 4 < arc.sum() < 40
    assert TOLERANCE < 0.05


def test_equal_maps_have_one_name() -> None:
    """Whatever object they are, and another one where a lane is longer."""
    assert outline(two_lanes()).digest == outline(two_lanes()).digest
    assert outline(two_lanes()).digest != outline(two_lanes(601.0)).digest


def test_scenes_are_drawn() -> None:
    map = to_iso(load("roundabout-v1", 0).map)
    found = outline(map)
    assert set(found.lane) == set(range(len(map.lanes)))
    assert np.isfinite(found.left).all()
    assert len(found.lane) < 60 * len(map.lanes)
