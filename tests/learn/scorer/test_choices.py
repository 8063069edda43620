"""What choices are worth: known answers."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.learn.scorer.judging import choices

WORTH = np.array([[0.2, 0.8, 0.5], [0.9, 0.1, 0.5]])
ALL = np.ones((2, 3), np.bool_)


def test_who_knows_closes_the_gap() -> None:
    found = choices(WORTH, WORTH, ALL)
    assert found["oracle"] == found["chosen"] == pytest.approx(0.85)
    assert found["random"] == pytest.approx(0.5)
    assert found["regret"] == 0.0
    assert found["gap_closed"] == 1.0


def test_who_chooses_the_worst_opens_it() -> None:
    found = choices(WORTH, -WORTH, ALL)
    assert found["chosen"] == pytest.approx(0.15)
    assert found["gap_closed"] == pytest.approx(-1.0)


def test_random_choices_close_nothing() -> None:
    draw = np.random.default_rng(0)
    worth, total = draw.random((20_000, 8)), draw.random((20_000, 8))
    found = choices(worth, total, np.ones(worth.shape, np.bool_))
    assert abs(found["gap_closed"]) < 0.02
    assert found["oracle"] == pytest.approx(8.0 / 9.0, abs=0.005)


def test_only_those_among_which_one_chooses_count() -> None:
    among = np.array([[True, False, True], [False, True, False]])
    found = choices(WORTH, WORTH, among)
    assert found["moments"] == 1
    assert found["oracle"] == pytest.approx(0.5)
