"""Thinned lines stay where they were."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.core.thinning import thinned


def test_a_straight_line_is_its_ends() -> None:
    line = np.stack([np.linspace(0, 100, 50), np.linspace(0, 30, 50)], axis=-1)
    assert thinned(line[:, None], 0.01).tolist() == [0, 49]


def test_a_corner_is_kept() -> None:
    line = np.array([[0.0, 0], [1, 0], [2, 0], [2, 1], [2, 2]])
    assert thinned(line[:, None], 0.01).tolist() == [0, 2, 4]


def test_a_loop_that_ends_where_it_began() -> None:
    angle = np.linspace(0, 2 * np.pi, 101)
    line = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    kept = thinned(line[:, None], 0.05)
    assert 8 <= len(kept) < 30


@pytest.mark.parametrize("groups", [1, 3])
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(2, 60), most=st.floats(0.01, 2.0))
def test_no_point_is_farther_off_than_allowed(
    groups: int, seed: int, count: int, most: float
) -> None:
    steps = np.random.default_rng(seed).normal(size=(count, groups, 2))
    lines = np.cumsum(steps, axis=0)
    kept = thinned(lines, most)
    assert kept[0] == 0
    assert kept[-1] == count - 1
    for a, b in itertools.pairwise(kept):
        chord = lines[b] - lines[a]
        for i in range(a + 1, b):
            share = ((lines[i] - lines[a]) * chord).sum(-1) / np.maximum((chord**2).sum(-1), 1e-12)
            off = lines[i] - lines[a] - np.clip(share, 0, 1)[:, None] * chord
            assert np.hypot(*off.T).max() <= most + 1e-9
