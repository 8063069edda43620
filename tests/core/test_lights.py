"""The cycle of a light: known answers, and the two ways to ask agree."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.core.lights import Colour, Light

GREEN, YELLOW, RED = Colour.GREEN, Colour.YELLOW, Colour.RED


def light(offset: int) -> Light:
    return Light("main", ((GREEN, 4), (YELLOW, 1), (RED, 5)), offset, ())


@pytest.mark.parametrize(
    ("offset", "tick", "colour"),
    [
        (0, 0, GREEN),
        (0, 3, GREEN),
        (0, 4, YELLOW),
        (0, 5, RED),
        (0, 9, RED),
        (0, 10, GREEN),
        (0, 1_000_004, YELLOW),
        (3, 0, RED),  # three ticks before the first phase begins
        (3, 2, RED),
        (3, 3, GREEN),
        (3, 7, YELLOW),
        (23, 3, GREEN),  # two whole cycles later is the same
        (-3, 0, GREEN),
        (-3, 1, YELLOW),
        (-4, 0, YELLOW),
    ],
)
def test_what_is_shown(offset: int, tick: int, colour: Colour) -> None:
    assert light(offset).at(tick) is colour


@pytest.mark.parametrize("offset", [0, 3, -4, 27])
def test_all_at_once_is_the_same(offset: int) -> None:
    ticks = np.arange(-25, 50, dtype=np.int32)
    one_by_one = [light(offset).at(int(tick)) for tick in ticks]
    assert light(offset).over(ticks).tolist() == one_by_one
    assert light(offset).period == 10


def test_phases_have_a_length() -> None:
    with pytest.raises(ValueError, match="a tick and more, of main"):
        Light("main", ((GREEN, 0),), 0, ())
    with pytest.raises(ValueError, match="of main"):
        Light("main", (), 0, ())
