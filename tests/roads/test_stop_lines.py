"""Stop lines on a map: where they lie, and who is beyond them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivestack.core.lights import Colour, Light
from drivestack.roads.stop_lines import beyond, colours, lines_of
from tests.scenes import bend


def test_poses_on_a_straight_and_in_a_bend() -> None:
    one = Light("one", ((Colour.RED, 2), (Colour.GREEN, 2)), 0, ((0, 30.0), (1, 0.0)))
    other = Light("other", ((Colour.YELLOW, 1),), 0, ((2, 5.0),))
    lines = lines_of(bend(), (one, other))
    assert lines.light.tolist() == [0, 0, 1]
    assert lines.lane.tolist() == [0, 1, 2]
    expected = [[30, 0, 0], [80, 0, 0], [120, 45, math.pi / 2]]
    assert lines.pose == pytest.approx(np.array(expected), abs=1e-9)
    assert lines.width.tolist() == [4.0, 4.0, 4.0]
    shown = colours((one, other), lines, np.array([1, 2]))
    red, green, yellow = Colour.RED, Colour.GREEN, Colour.YELLOW
    assert shown.tolist() == [[red, red, yellow], [green, green, yellow]]


def test_beyond_and_beside() -> None:
    pose = np.array([[120.0, 45.0, math.pi / 2]])
    along, lateral = beyond(pose, np.array([[119.0, 48.0], [120.5, 40.0]]))
    assert along == pytest.approx([3.0, -5.0])
    assert lateral == pytest.approx([1.0, -0.5]), "left is positive"


def test_no_lights_have_no_lines() -> None:
    assert len(lines_of(bend(), ()).lane) == 0
