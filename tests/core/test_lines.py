"""Reference lines: projection against brute force, round trips, laps."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from drivestack.core.lines import project, rows_in_use, sample

SPACING = 2.0


def curved(n: int = 120) -> np.ndarray:
    """A line whose curvature changes sign, points 2 m apart, far from crossing itself."""
    line = np.zeros((n, 3))
    for i in range(1, n):
        yaw = 0.9 * math.sin(i / 15.0)
        line[i, 0] = line[i - 1, 0] + SPACING * math.cos(yaw)
        line[i, 1] = line[i - 1, 1] + SPACING * math.sin(yaw)
    steps = np.diff(line[:, :2], axis=0)
    line[:-1, 2] = np.arctan2(steps[:, 1], steps[:, 0])
    line[-1, 2] = line[-2, 2]
    return line


def brute_distance(line: np.ndarray, x: float, y: float) -> float:
    best = math.inf
    for a, b in zip(line[:-1, :2], line[1:, :2], strict=True):
        part = np.clip(np.dot([x, y] - a, b - a) / np.dot(b - a, b - a), 0.0, 1.0)
        best = min(best, math.dist((x, y), a + part * (b - a)))
    return best


@given(st.floats(-30, 240), st.floats(-40, 40))
def test_projection_is_the_nearest_point(x: float, y: float) -> None:
    line = curved()
    s, lateral = project(line, 0, len(line) - 1, SPACING, x, y)
    inside = 0.0 <= s <= (len(line) - 1) * SPACING
    if inside:
        assert math.isclose(abs(lateral), brute_distance(line, x, y), abs_tol=1e-9)


def plain_projection(line: np.ndarray, x: float, y: float) -> tuple[float, float]:
    """Every piece looked at, none ruled out; the line comes near no place twice."""
    best, found = math.inf, (0.0, 0.0)
    pieces = len(line) - 1
    for i in range(pieces):
        ax, ay = float(line[i, 0]), float(line[i, 1])
        tx, ty = float(line[i + 1, 0]) - ax, float(line[i + 1, 1]) - ay
        length = math.sqrt(tx * tx + ty * ty)
        tx, ty, dx, dy = tx / length, ty / length, x - ax, y - ay
        along, across = dx * tx + dy * ty, dy * tx - dx * ty
        beyond = along if along < 0.0 else max(along - length, 0.0)
        distance, part = math.sqrt(across * across + beyond * beyond), along / length
        if distance < best:
            best = distance
            if (beyond < 0.0 and i > 0) or (beyond > 0.0 and i < pieces - 1):
                s, across = (i + min(max(part, 0.0), 1.0)) * SPACING, math.copysign(best, across)
            else:
                s = (i + part) * SPACING
            found = s, across
    return found


@given(st.floats(-30, 240), st.floats(-40, 40))
def test_what_is_ruled_out_changes_no_bit(x: float, y: float) -> None:
    line = curved()
    assert project(line, 0, len(line) - 1, SPACING, x, y) == plain_projection(line, x, y)


@given(st.integers(0, 119), st.floats(-3, 3), st.floats(-3, 3))
def test_what_is_ruled_out_changes_no_bit_near_the_line(row: int, dx: float, dy: float) -> None:
    line = curved()
    x, y = float(line[row, 0]) + dx, float(line[row, 1]) + dy
    assert project(line, 0, len(line) - 1, SPACING, x, y) == plain_projection(line, x, y)


@given(st.floats(0.0, 230.0))
def test_points_of_the_line_come_back(s: float) -> None:
    line = curved()
    x, y, _ = sample(line, len(line), SPACING, s)
    found, lateral = project(line, 0, len(line) - 1, SPACING, x, y)
    assert math.isclose(found, s, abs_tol=1e-6)
    assert abs(lateral) < 1e-9


def test_left_is_positive_and_ends_extrapolate() -> None:
    line = np.zeros((3, 3))
    line[:, 0] = [0.0, 2.0, 4.0]
    assert project(line, 0, 2, SPACING, -3.0, 1.5) == (-3.0, 1.5)
    assert project(line, 0, 2, SPACING, 9.0, -2.0) == (9.0, -2.0)
    assert sample(line, 3, SPACING, 7.0)[:2] == (7.0, 0.0)


def test_first_lap_counts() -> None:
    angle = np.arange(200) * SPACING / 30.0  # a circle of 30 m radius, more than two laps
    line = np.stack([30 * np.cos(angle), 30 * np.sin(angle), angle + np.pi / 2], axis=1)
    s, _ = project(line, 0, 199, SPACING, 30 * math.cos(0.5), 30 * math.sin(0.5))
    assert abs(s - 15.0) < 0.1


def test_leading_rows_only() -> None:
    assert rows_in_use(np.array([True, True, False, True])) == 2
    assert rows_in_use(np.array([False])) == 0
