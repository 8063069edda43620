"""What choices are worth: known answers."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.behavior.described import PLACE, PLACES, WIDTH
from drivestack.learn.scorer.judging import choices, density

WORTH = np.array([[0.2, 0.8, 0.5], [0.9, 0.1, 0.5]])
ALL = np.ones((2, 3), np.bool_)


def along(*aside: float) -> np.ndarray:
    """Chunks (1, M, `WIDTH`) beside each other by so much [m]."""
    chunks = np.zeros((1, len(aside), WIDTH))
    chunks[0, :, 1 : PLACES * PLACE : PLACE] = np.array(aside)[:, None]
    return chunks


ALIKE = np.zeros((2, 3, WIDTH))


def test_who_knows_closes_the_gap() -> None:
    found = choices(WORTH, WORTH, ALL, ALIKE)
    assert found["oracle"] == found["chosen"] == pytest.approx(0.85)
    assert found["random"] == pytest.approx(0.5)
    assert found["regret"] == 0.0
    assert found["gap_closed"] == 1.0


def test_who_chooses_the_worst_opens_it() -> None:
    found = choices(WORTH, -WORTH, ALL, ALIKE)
    assert found["chosen"] == pytest.approx(0.15)
    assert found["gap_closed"] == pytest.approx(-1.0)


def test_random_choices_close_nothing() -> None:
    draw = np.random.default_rng(0)
    worth, total = draw.random((20_000, 8)), draw.random((20_000, 8))
    found = choices(
        worth, total, np.ones(worth.shape, np.bool_), np.zeros((*worth.shape, WIDTH), np.float32)
    )
    assert abs(found["gap_closed"]) < 0.02
    assert found["oracle"] == pytest.approx(8.0 / 9.0, abs=0.005)


def test_only_those_among_which_one_chooses_count() -> None:
    among = np.array([[True, False, True], [False, True, False]])
    found = choices(WORTH, WORTH, among, ALIKE)
    assert found["moments"] == 1
    assert found["oracle"] == pytest.approx(0.5)


def test_the_likeliest_is_where_most_are() -> None:
    crowd = along(-3.0, 2.9, 3.0, 3.2)
    every = np.ones((1, 4), np.bool_)
    assert np.argmax(density(crowd, every)) == 2
    found = choices(np.array([[0.9, 0.2, 0.3, 0.4]]), np.zeros((1, 4)), every, crowd)
    assert found["likeliest"] == pytest.approx(0.3)
    assert found["oracle"] == pytest.approx(0.9)


def test_who_is_not_among_them_makes_no_crowd() -> None:
    crowd = along(-3.0, 2.9, 3.0, 3.2)
    some = np.array([[True, False, True, False]])
    assert density(crowd, some)[0, 1] == 0.0
    assert density(crowd, some)[0, 2] == pytest.approx(1.0)
