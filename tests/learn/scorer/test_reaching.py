"""Progress of drives by what the ego could do: known answers on a straight road."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.core.types import Floats
from drivestack.core.witness import Witnessed
from drivestack.learn.scorer.reaching import BRISK, reached
from drivestack.route import ROUTERS
from tests.scenes import no_goal, observation, two_lanes

DT, FRAMES = 0.1, 71


def drives(speed: float, accels: list[float], aside: float = 0.0) -> Floats:
    """What drives along lane 1 reach that end `aside` [m] of it."""
    time = DT * np.arange(FRAMES)
    ego = np.zeros((1, len(accels), FRAMES, 4))
    for k, accel in enumerate(accels):
        ego[0, k, :, 0] = 20.0 + speed * time + 0.5 * accel * time**2
        ego[0, k, :, 1] = aside * time / time[-1]
        ego[0, k, :, 3] = speed + accel * time
    shape = (1, len(accels))
    seen = Witnessed(
        ego=ego,
        accel=np.broadcast_to(np.array(accels)[None, :, None], (*shape, FRAMES)).copy(),
        valid=np.ones(shape, np.bool_),
        state=np.zeros((*shape, 0, FRAMES, 4)),
        there=np.zeros((*shape, 0, FRAMES), np.bool_),
        size=np.zeros((*shape, 0, 2)),
        kind=np.zeros((*shape, 0), np.int32),
        dt=np.full(1, DT),
    )
    watched = observation([two_lanes()], [(20.0, 0.0, 0.0, speed)])
    return reached(watched, ROUTERS["lanes"]().route(watched, no_goal(1)), seen)[0]


def test_who_stands_reaches_nothing_and_who_is_brisk_all() -> None:
    np.testing.assert_allclose(drives(0.0, [0.0, 0.5 * BRISK, BRISK]), [0.0, 0.5, 1.0], atol=1e-9)


def test_who_keeps_his_speed_is_measured_by_it() -> None:
    time = DT * (FRAMES - 1)
    steady = 10.0 * time / (10.0 * time + 0.5 * BRISK * time**2)
    assert drives(10.0, [0.0])[0] == pytest.approx(steady, abs=1e-9)


def test_what_others_reach_changes_nothing() -> None:
    alone = drives(10.0, [0.0])[0]
    assert drives(10.0, [0.0, BRISK, -1.0])[0] == alone


def test_only_progress_along_the_route_counts() -> None:
    straight, swerved = drives(10.0, [0.0])[0], drives(10.0, [0.0], aside=4.0)[0]
    assert swerved == pytest.approx(straight, abs=1e-6)


def test_nobody_reaches_more_than_all() -> None:
    assert drives(5.0, [2.0 * BRISK])[0] == 1.0
