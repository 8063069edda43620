"""NAVSIM's time to collision, against what the others really do."""

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


def other(x: Floats, y: float = 0.0, v: float = 0.0) -> Floats:
    """One other (T, 1, 4) at x [m] of every tick."""
    full = np.full_like
    return np.stack([x, full(x, y), full(x, 0.0), full(x, v)], axis=-1)[:, None]


@pytest.mark.parametrize(("gap", "free"), [(8.9, 0.0), (9.1, 1.0)])
def test_nine_tenths_of_a_second(start: Start, gap: float, free: float) -> None:
    """A drive of 1 s at 10 m/s towards one that keeps its distance: the last frame is looked at."""
    ego = straight_ego(10.0, seconds=1.0)
    # it stands at the moment the first frame's projection of 0.9 s arrives, and is away before
    x = np.full(len(ego), 400.0)
    x[9] = 100.0 + 5.0 + gap
    assert measured(driven(start, two_lanes(), ego, other(x)))["ttc_projected"] == free


def test_a_leader_who_drives_on_is_no_danger(start: Start) -> None:
    """nuPlan's constant speed sees the same here; a leader that brakes hard is seen late."""
    ego = straight_ego(10.0)
    x = ego[:, 0] + 5.0 + 2.0
    assert measured(driven(start, two_lanes(), ego, other(x, v=10.0)))["ttc_projected"] == 1.0
    # it claims to stand, and drives on: only the other form believes it
    values = measured(driven(start, two_lanes(), ego, other(x, v=0.0)))
    assert (values["ttc_projected"], values["ttc_within_bound"]) == (1.0, 0.0)


@pytest.mark.parametrize(("speed", "free"), [(1.0, 1.0), (10.0, 0.0)])
def test_whoever_comes_from_behind(start: Start, speed: float, free: float) -> None:
    """Not looked at by a slow ego; a fast one has moved on past where its rear axle was, and
    NAVSIM takes the bearing from there."""
    ego = straight_ego(speed, seconds=2.0)
    x = ego[:, 0] - 6.0
    x[5:] = ego[5:, 0] - 4.5
    assert measured(driven(start, two_lanes(), ego, other(x, v=15.0)))["ttc_projected"] == free


def test_a_standing_ego_meets_nobody(start: Start) -> None:
    ego = straight_ego(0.0)
    x = np.full(len(ego), 104.0)
    assert measured(driven(start, two_lanes(), ego, other(x)))["ttc_projected"] == 1.0
