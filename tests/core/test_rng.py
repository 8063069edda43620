"""Named streams: the same names give the same numbers, whatever was drawn before."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.core.rng import stream


def test_a_stream_depends_on_its_names_only() -> None:
    stream(1, "noise").normal(size=100)
    first = stream(7, "scenario", "sensing", 3).normal(size=5)
    again = stream(7, "scenario", "sensing", 3).normal(size=5)
    assert (first == again).all()


def test_known_answer() -> None:
    """Episodes of older runs stay reproducible."""
    assert stream(0, "a").integers(0, 1000, 4).tolist() == [554, 450, 568, 269]


@pytest.mark.parametrize(
    "other",
    [(8, "s", "sensing"), (7, "t", "sensing"), (7, "s", "noise"), (7, "s"), ("7", "s", "sensing")],
)
def test_other_names_give_other_numbers(other: tuple[str | int, ...]) -> None:
    ours, theirs = stream(7, "s", "sensing").normal(size=8), stream(*other).normal(size=8)
    assert not (ours == theirs).any()


def test_names_do_not_run_together() -> None:
    assert stream("ab", "c").random() != stream("a", "bc").random()
    assert stream(1, 12).random() != stream(11, 2).random()


def test_streams_are_uncorrelated() -> None:
    draws = np.array([stream(5, "purpose", tick).normal(size=200) for tick in range(50)])
    off_diagonal = np.corrcoef(draws)[~np.eye(50, dtype=bool)]
    assert np.abs(off_diagonal).max() < 0.35
