"""Where straight paths cross: against bodies that are moved along them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivestack.core.geometry import boxes_overlap
from drivestack.safety.crossing import crossing_of

SIZE, BOX = np.array([5.0, 2.0]), np.array([8.0, 2.5])


def test_at_right_angles() -> None:
    ego, other = np.array([0.0, 0.0, 0.0, 1.0]), np.array([30.0, -20.0, math.pi / 2, 1.0])
    at = crossing_of(ego, SIZE, other, BOX)
    # 30 m to his middle, less half of his width and half of the own length
    assert at.mine_in == pytest.approx(30.0 - 1.25 - 2.5)
    assert at.mine_out == pytest.approx(30.0 + 1.25 + 2.5)
    assert at.theirs_in == pytest.approx(20.0 - 1.0 - 4.0)
    assert at.theirs_out == pytest.approx(20.0 + 1.0 + 4.0)


def test_who_is_past_it_has_left_it_behind() -> None:
    ego, other = np.array([40.0, 0.0, 0.0, 1.0]), np.array([30.0, 20.0, math.pi / 2, 1.0])
    at = crossing_of(ego, SIZE, other, BOX)
    assert at.mine_out == pytest.approx(-10.0 + 3.75)
    assert at.theirs_out == pytest.approx(-20.0 + 5.0)


@pytest.mark.parametrize("turn", [0.6, 1.2, 2.2, -0.9, -2.0])
def test_bodies_outside_of_it_never_touch(turn: float) -> None:
    """And the corners of what both sweep are really swept."""
    base = 0.8
    ego = np.array([3.0, -2.0, base, 1.0])
    meet = ego[:2] + 25.0 * np.array([math.cos(base), math.sin(base)])
    heading = base + turn
    other = np.array(
        [*(meet - 18.0 * np.array([math.cos(heading), math.sin(heading)])), heading, 1]
    )
    at = crossing_of(ego, SIZE, other, BOX)
    assert 0.5 * (at.mine_in + at.mine_out) == pytest.approx(25.0)
    assert 0.5 * (at.theirs_in + at.theirs_out) == pytest.approx(18.0)

    def touch(mine: float, theirs: float) -> bool:
        here = ego[:2] + mine * np.array([math.cos(base), math.sin(base)])
        there = other[:2] + theirs * np.array([math.cos(heading), math.sin(heading)])
        return bool(boxes_overlap(*here, base, *SIZE, *there, heading, *BOX))

    ways = np.linspace(0.0, 40.0, 161)
    touching = [mine for mine in ways if any(touch(mine, theirs) for theirs in ways)]
    assert at.mine_in - 1e-9 <= touching[0] <= at.mine_in + 0.26
    assert at.mine_out - 0.26 <= touching[-1] <= at.mine_out + 1e-9
    touching = [theirs for theirs in ways if any(touch(mine, theirs) for mine in ways)]
    assert at.theirs_in - 1e-9 <= touching[0] <= at.theirs_in + 0.26
    assert at.theirs_out - 0.26 <= touching[-1] <= at.theirs_out + 1e-9
