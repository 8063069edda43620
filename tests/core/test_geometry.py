"""Boxes against shapely, and exact symmetries: permutation, mirror; SE(2) up to rounding."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from drivestack.core.frames import from_frame
from drivestack.core.geometry import boxes_overlap, corners, overlap_centroid, struck_side
from drivestack.core.tables import Side

SEED = 20240611
PAIRS = 5000


def random_pairs(seed: int, n: int) -> NDArray[np.float64]:
    """(n, 2, 5) boxes close enough for about half of the pairs to overlap."""
    rng = np.random.default_rng(seed)
    print(f"seed {seed}")
    boxes = np.empty((n, 2, 5))
    boxes[..., :2] = rng.uniform(-3, 3, (n, 2, 2))
    boxes[..., 2] = rng.uniform(-10, 10, (n, 2))
    boxes[..., 3] = rng.uniform(0.5, 8, (n, 2))
    boxes[..., 4] = rng.uniform(0.5, 3, (n, 2))
    return boxes


def polygons(boxes: NDArray[np.float64]) -> NDArray:
    return shapely.polygons(corners(boxes[:, :3], boxes[:, 3:]))


def mirrored(box: NDArray[np.float64]) -> NDArray[np.float64]:
    return box * np.array([1.0, -1.0, -1.0, 1.0, 1.0])


def test_corners_of_a_known_box() -> None:
    found = corners(np.array([1.0, 2.0, math.pi / 2]), np.array([4.0, 2.0]))
    np.testing.assert_allclose(found, [[0, 4], [0, 0], [2, 0], [2, 4]], atol=1e-15)


def test_overlap_equals_shapely() -> None:
    pairs = random_pairs(SEED, PAIRS)
    expected = shapely.intersects(polygons(pairs[:, 0]), polygons(pairs[:, 1]))
    found = np.array([boxes_overlap(*a, *b) for a, b in pairs])
    assert 0.2 < expected.mean() < 0.9
    assert (found == expected).all()


def test_centroid_equals_shapely() -> None:
    pairs = random_pairs(SEED + 1, PAIRS)
    for a, b in pairs:
        shared = shapely.intersection(polygons(a[None]), polygons(b[None]))[0]
        found, x, y = overlap_centroid(*a, *b)
        assert found == (shared.area > 0)
        if shared.area > 1e-4:
            assert math.hypot(x - shared.centroid.x, y - shared.centroid.y) < 1e-8


@pytest.mark.parametrize(
    ("other", "expected", "centre"),
    [
        ((5.0, 0.0, 0.0, 5.0, 2.0), True, (2.5, 0.0)),  # bumper to bumper
        ((5.0, 2.0, 0.0, 5.0, 2.0), True, (2.5, 1.0)),  # corner to corner
        ((5.0 + 5e-7, 0.0, 0.0, 5.0, 2.0), True, (2.5, 0.0)),  # within TOUCH
        ((5.0 + 2e-6, 0.0, 0.0, 5.0, 2.0), False, (0.0, 0.0)),
        ((0.0, 2.0, 0.0, 5.0, 2.0), True, (0.0, 1.0)),  # flank to flank
        ((0.0, 0.0, 0.0, 5.0, 2.0), True, (0.0, 0.0)),  # the same box
        ((0.5, 0.2, 0.3, 0.4, 0.2), True, (0.5, 0.2)),  # contained
        ((0.0, 0.0, 0.3, 40.0, 20.0), True, (0.0, 0.0)),  # containing
    ],
)
def test_closed_sets(other: tuple[float, ...], expected: bool, centre: tuple[float, float]) -> None:
    box = (0.0, 0.0, 0.0, 5.0, 2.0)
    assert boxes_overlap(*box, *other) is expected
    found, x, y = overlap_centroid(*box, *other)
    assert found is expected
    np.testing.assert_allclose((x, y), centre, atol=1e-6)


def test_permutation_keeps_the_answer() -> None:
    for a, b in random_pairs(SEED + 2, 2000):
        assert boxes_overlap(*a, *b) == boxes_overlap(*b, *a)
        np.testing.assert_allclose(
            overlap_centroid(*a, *b), overlap_centroid(*b, *a), rtol=0, atol=1e-9
        )


def test_mirror_is_exact() -> None:
    swap = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}
    for a, b in random_pairs(SEED + 3, 2000):
        found, x, y = overlap_centroid(*a, *b)
        assert overlap_centroid(*mirrored(a), *mirrored(b)) == (found, x, -y)
        for box in (a, b):
            side = struck_side(*box, x, y, False)
            assert struck_side(*mirrored(box), x, -y, False) == swap.get(Side(side), side)
            assert struck_side(*mirrored(box), x, -y, True) == side


def test_motion_of_the_frame_changes_nothing() -> None:
    rng = np.random.default_rng(SEED + 4)
    for a, b in random_pairs(SEED + 5, 2000):
        origin = np.array([*rng.uniform(-1e3, 1e3, 2), rng.uniform(-4, 4)])
        c, d = a.copy(), b.copy()
        c[:3], d[:3] = from_frame(a[:3], origin), from_frame(b[:3], origin)
        found, x, y = overlap_centroid(*a, *b)
        again, u, v = overlap_centroid(*c, *d)
        assert found == again
        if found:
            moved = from_frame(np.array([x, y, 0.0]), origin)
            np.testing.assert_allclose((u, v), moved[:2], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("point", "y_right", "side"),
    [
        ((2.5, 0.0), False, Side.FRONT),
        ((-2.5, 0.9), False, Side.REAR),
        ((2.4, 1.0), False, Side.LEFT),
        ((2.4, -1.0), False, Side.RIGHT),
        ((2.4, 1.0), True, Side.RIGHT),
        ((2.4, -1.0), True, Side.LEFT),
        ((2.5, 1.0), False, Side.FRONT),  # on a diagonal
        ((0.0, 0.0), True, Side.FRONT),
    ],
)
def test_struck_side(point: tuple[float, float], y_right: bool, side: Side) -> None:
    assert struck_side(0.0, 0.0, 0.0, 5.0, 2.0, *point, y_right) == side
