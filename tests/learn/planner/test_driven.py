"""Demonstrations of a stack that drives: told what it was told, labelled by what it did."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.behavior.knots import Drawing
from drivestack.behavior.tokens import Agent, Ego
from drivestack.core.start import Rates
from drivestack.learn.planner.demonstrations import Demonstrations
from drivestack.learn.planner.driven import driven
from drivestack.stack import Setup
from tests.scenes import starts_of, write_road


def watched(folder: Path, stack: str, every: int = 10, **road: object) -> Demonstrations:
    starts = starts_of(write_road(folder, **road))  # pyright: ignore
    return driven("road", starts, Setup(Rates(20, 20, 10)), stack, every)


def test_it_is_what_was_driven(tmp_path: Path) -> None:
    found = watched(tmp_path, "constant", kind="stack", speed=10, gap=200, limit=8, seeds=[0, 1])
    assert len(found) > 8
    assert set(found.seed.tolist()) == {0, 1}
    assert np.abs(found.knots).max() < 0.05  # straight on at constant speed
    np.testing.assert_allclose(found.tokens.ego[:, Ego.SPEED], 10.0, atol=1e-3)
    assert (np.diff(found.tick[found.seed == 0]) == 10).all()
    last = found.tick[found.seed == 0].max()
    assert last <= (8 - 4) * 20


def test_who_stops_is_labelled_as_one(tmp_path: Path) -> None:
    found = watched(tmp_path, "pdm_lane", kind="stack", speed=0, gap=30, limit=6, seeds=[0])
    starts = found.tokens.ego[:, Ego.SPEED] == 0.0
    assert (found.knots[starts, 2:5, 0] > 0.3).all()
    assert (found.tokens.agents[:, 0, Agent.SPEED] > 1.0).all()
    assert Drawing().hold < 0.0


@pytest.mark.parametrize("every", [4, 20])
def test_how_often(tmp_path: Path, every: int) -> None:
    found = watched(
        tmp_path, "constant", every, kind="stack", speed=10, gap=200, limit=8, seeds=[0]
    )
    assert set(np.diff(found.tick).tolist()) == {every}


def test_what_ends_in_a_contact_is_no_demonstration(tmp_path: Path) -> None:
    found = watched(tmp_path, "constant", kind="stack", speed=20, gap=60, limit=20, seeds=[0])
    # the lead drives 8 m/s: a contact after about 3 s, less than one chunk
    assert len(found) == 0
