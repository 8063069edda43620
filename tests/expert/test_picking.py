"""Which candidates are tried: the best first, none like another, as many as there are."""

from __future__ import annotations

import numpy as np

from drivestack.expert.picking import best_different


def chunks(*ends: float) -> np.ndarray:
    """(1, K, 40, 4) straight chunks that end so far [m] along x."""
    states = np.zeros((1, len(ends), 40, 4))
    for k, end in enumerate(ends):
        states[0, k, :, 0] = np.linspace(end / 40.0, end, 40)
    return states


def all_of(states: np.ndarray) -> np.ndarray:
    return np.ones(states.shape[:2], np.bool_)


def test_the_best_come_first_and_the_lower_number_wins_a_tie() -> None:
    states = chunks(10.0, 20.0, 30.0, 40.0)
    total = np.array([[0.1, 0.7, 0.7, 0.9]])
    assert best_different(states, all_of(states), total, 4, 0.5).tolist() == [[3, 1, 2, 0]]


def test_of_those_that_are_alike_the_better_one_is_tried() -> None:
    states = chunks(10.0, 10.4, 30.0)
    total = np.array([[0.1, 0.2, 0.0]])
    assert best_different(states, all_of(states), total, 3, 0.5).tolist() == [[1, 2, -1]]


def test_one_that_goes_elsewhere_on_the_way_is_not_alike() -> None:
    states = chunks(10.0, 10.0)
    states[0, 1, 9, 1] = 0.6  # at the first of four checkpoints
    assert best_different(states, all_of(states), np.zeros((1, 2)), 2, 0.5).tolist() == [[0, 1]]


def test_what_is_not_valid_is_not_tried() -> None:
    states, valid = chunks(10.0, 20.0), np.array([[False, True]])
    assert best_different(states, valid, np.array([[1.0, 0.0]]), 2, 0.5).tolist() == [[1, -1]]


def test_rows_do_not_mix() -> None:
    draw = np.random.default_rng(0)
    states, total = draw.normal(size=(5, 9, 40, 4)), draw.random((5, 9))
    valid = draw.random((5, 9)) < 0.7
    together = best_different(states, valid, total, 4, 0.5)
    for b in range(5):
        row = slice(b, b + 1)
        alone = best_different(states[row], valid[row], total[row], 4, 0.5)
        np.testing.assert_array_equal(alone, together[row])
