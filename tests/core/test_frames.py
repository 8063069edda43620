"""Angles wrapped bit for bit as Python does; SE(2) there and back; the mirror."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.core.frames import from_frame, to_frame, wrap_to_pi, wrapped

angles = st.floats(-1e6, 1e6) | st.floats(-13, 13)
near = st.integers(-8, 8).map(lambda k: k * math.pi)


def python_wrap(angle: float) -> float:
    return ((angle + math.pi) % (2 * math.pi)) - math.pi


@given(angle=angles)
def test_wrap_equals_python_bit_for_bit(angle: float) -> None:
    found = wrap_to_pi(angle)
    assert math.copysign(1, found) == math.copysign(1, python_wrap(angle))
    assert found == python_wrap(angle)


@given(angle=near, steps=st.integers(-3, 3))
def test_wrap_around_multiples_of_pi(angle: float, steps: int) -> None:
    for _ in range(abs(steps)):
        angle = math.nextafter(angle, math.copysign(math.inf, steps))
    assert wrap_to_pi(angle) == python_wrap(angle)
    assert -math.pi <= wrap_to_pi(angle) <= math.pi


def test_wrapped_arrays_equal_the_kernel() -> None:
    values = np.random.default_rng(1).uniform(-50, 50, 5000)
    assert (wrapped(values) == [wrap_to_pi(value) for value in values]).all()


coordinate = st.floats(-1e3, 1e3)
poses = st.tuples(coordinate, coordinate, st.floats(-10, 10)).map(np.array)


@given(pose=poses, origin=poses)
def test_there_and_back(pose: np.ndarray, origin: np.ndarray) -> None:
    back = from_frame(to_frame(pose, origin), origin)
    np.testing.assert_allclose(back[:2], pose[:2], atol=1e-9)
    assert abs(python_wrap(back[2] - pose[2])) < 1e-9


@given(pose=poses, origin=poses)
def test_mirror_is_exact_for_positions(pose: np.ndarray, origin: np.ndarray) -> None:
    flip = np.array([1.0, -1.0, -1.0])
    ours, theirs = to_frame(pose, origin), to_frame(pose * flip, origin * flip)
    assert (ours[:2] == theirs[:2] * flip[:2]).all()


def test_known_answer() -> None:
    seen = to_frame(np.array([1.0, 3.0, math.pi]), np.array([1.0, 1.0, math.pi / 2]))
    np.testing.assert_allclose(seen, [2.0, 0.0, math.pi / 2], atol=1e-15)
    with pytest.raises(IndexError):
        to_frame(np.zeros(1), np.zeros(3))
