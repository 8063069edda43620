"""The closest encounter: known distances, symmetry, agreement with shapely."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given

from drivestack.core.geometry import corners
from drivestack.metrics.criticality.closest import closest_encounter, distance_apart
from drivestack.metrics.criticality.pairs import Pairs
from tests.metrics.criticality.situations import ANY, EGO_SIZE, mirrored, pairs


def apart(pair: Pairs) -> float:
    return float(distance_apart(pair.pose, pair.size, pair.ego_size)[0])


@pytest.mark.parametrize(
    ("pose", "expected"),
    [
        ((24.75, 0.0, 0.0), 20.0),
        ((0.0, 4.0, 0.0), 2.1),
        ((7.75, 5.9, 0.0), 5.0),  # corner to corner: 3 m and 4 m
        ((10.0, 0.0, math.pi / 2), 6.6),
        ((4.0, 1.0, 0.4), 0.0),
    ],
)
def test_known_answers(pose: tuple[float, float, float], expected: float) -> None:
    assert apart(pairs(pose, 0.0, 0.0)) == pytest.approx(expected)


@given(ANY)
def test_agrees_with_shapely(pair: Pairs) -> None:
    ego = shapely.Polygon(corners(np.zeros(3), EGO_SIZE))
    other = shapely.Polygon(corners(pair.pose[0], pair.size[0]))
    assert apart(pair) == pytest.approx(ego.distance(other), abs=2e-6)


@given(ANY)
def test_mirrored(pair: Pairs) -> None:
    assert apart(replace(pair, pose=mirrored(pair.pose))) == pytest.approx(apart(pair), abs=1e-12)


def test_closest_encounter_is_the_first_of_several() -> None:
    distance = np.array([[3.0, 1.0, 2.0, 1.0], [4.0, math.inf, 5.0, 6.0]])
    least, time = closest_encounter(distance, 0.1)
    np.testing.assert_array_equal(least, [1.0, 4.0])
    np.testing.assert_allclose(time, [0.1, 0.0])
