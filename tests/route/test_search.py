"""The searches on graphs of any kind, against scipy and against plain definitions."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.sparse.csgraph import dijkstra as by_scipy

from drivestack.route.heap import pop, push
from drivestack.route.search import STEP, dijkstra, goes_on


def random_graph(random: Generator) -> tuple[NDArray, NDArray[np.int64], csr_matrix]:
    """Steps with dead ends and parts that are cut off, and the same as a matrix."""
    states = int(random.integers(2, 60))
    dense = np.where(random.random((states, states)) < 2.0 / states, random.uniform(0.1, 9.0), 0.0)
    dense *= random.uniform(0.5, 2.0, dense.shape)
    matrix = csr_matrix(dense)
    step = np.zeros(matrix.nnz, STEP)
    step["to"], step["cost"] = matrix.indices, matrix.data
    return step, matrix.indptr.astype(np.int64), matrix


@pytest.mark.parametrize("seed", range(40))
def test_dijkstra_is_scipys(seed: int) -> None:
    random = np.random.default_rng(seed)
    step, at, matrix = random_graph(random)
    goals = random.integers(len(at) - 1, size=int(random.integers(1, 4)))
    reached = np.zeros(len(at) - 1, np.bool_)
    reached[goals] = True
    expected = by_scipy(matrix.T.tocsr(), indices=np.unique(goals), min_only=True)
    np.testing.assert_allclose(dijkstra(step, at, reached), expected, rtol=1e-12)


def test_no_goal_is_infinitely_far() -> None:
    step, at, _ = random_graph(np.random.default_rng(0))
    assert np.isinf(dijkstra(step, at, np.zeros(len(at) - 1, np.bool_))).all()


@pytest.mark.parametrize("seed", range(40))
def test_goes_on_where_a_cycle_or_an_end_can_be_reached(seed: int) -> None:
    random = np.random.default_rng(seed)
    step, at, matrix = random_graph(random)
    ends = random.random(len(at) - 1) < 0.05
    _, part = connected_components(matrix, connection="strong")
    ring = (np.bincount(part)[part] > 1) | (matrix.diagonal() > 0.0)
    to = by_scipy(matrix.T.tocsr(), indices=np.flatnonzero(ring | ends), min_only=True) if (
        ring | ends
    ).any() else np.full(len(ends), np.inf)  # fmt: skip
    np.testing.assert_array_equal(goes_on(step, at, ends), np.isfinite(to))


def test_the_heap_is_heapq() -> None:
    random = np.random.default_rng(1)
    keys, values = np.empty(500), np.empty(500, np.int64)
    expected: list[tuple[float, int]] = []
    n = 0
    for _ in range(500):
        if expected and random.random() < 0.4:
            assert (keys[0], values[0]) == heapq.heappop(expected)
            n = pop(keys, values, n)
        else:
            entry = float(random.integers(9)), int(random.integers(99))
            heapq.heappush(expected, entry)
            n = push(keys, values, n, *entry)
    assert n == len(expected)
