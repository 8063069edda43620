"""Freezing: standing counts only while nobody is a reason to stand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.core.start import Start
from drivestack.core.types import Floats
from drivestack.metrics.judge import measured
from tests.metrics.drives import driven, straight_ego
from tests.scenes import starts_of, two_lanes, write_road


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return starts_of(write_road(tmp_path))[0]


def one(count: int, x: float, y: float, v: float) -> Floats:
    """One other (T, 1, 4) that claims a speed at one place."""
    return np.tile([x, y, 0.0, v], (count, 1, 1))


@pytest.mark.parametrize(
    ("speed", "seconds", "frozen", "stood"),
    [(0.0, 5.0, 1.0, 5.0), (0.0, 4.9, 0.0, 4.9), (0.5, 6.0, 1.0, 6.0), (0.6, 9.0, 0.0, 0.0)],
)
def test_standing_alone(
    start: Start, speed: float, seconds: float, frozen: float, stood: float
) -> None:
    values = measured(driven(start, two_lanes(), straight_ego(speed, seconds=seconds)))
    assert values["frozen"] == frozen
    assert values["frozen_s"] == pytest.approx(stood)


@pytest.mark.parametrize(
    ("x", "y", "v", "frozen"),
    [
        (119.0, 4.0, 8.0, 0.0),  # somebody passes
        (121.0, 4.0, 8.0, 1.0),  # too far away to matter
        (95.0, -15.0, 1.0, 0.0),
        (114.0, 0.0, 0.0, 0.0),  # a queue: 9 m to its end
        (116.0, 0.0, 0.0, 1.0),
        (110.0, 4.0, 0.0, 1.0),  # stands beside the way
        (90.0, 0.0, 0.0, 1.0),  # stands behind
    ],
)
def test_reasons_to_stand(start: Start, x: float, y: float, v: float, frozen: float) -> None:
    ego = straight_ego(0.0, seconds=8.0)
    values = measured(driven(start, two_lanes(), ego, one(len(ego), x, y, v)))
    assert values["frozen"] == frozen


def test_the_longest_spell_counts(start: Start) -> None:
    ego = straight_ego(0.0, seconds=12.0)
    ego[40:60, 3] = 3.0
    values = measured(driven(start, two_lanes(), ego))
    assert values["frozen_s"] == pytest.approx(6.0)
