"""Awkward situations are solved to optimality; rows with commands under way stay on their own."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.core.rows import take_rows
from drivestack.core.types import Status
from drivestack.motion.mpc import Mpc
from drivestack.motion.mpc.solve import TOLERANCE
from drivestack.vehicle.parameters import Actuators
from tests.contracts.situations import SITUATIONS, all_of_them, assert_same, chain
from tests.motion.mpc.driving import DT, mpc_for

BATCH = len(SITUATIONS)


@pytest.mark.parametrize("lagged", [False, True])
def test_awkward_situations_are_solved(lagged: bool) -> None:
    mpc, plan = mpc_for(lagged), chain(all_of_them()).plan
    state = mpc.start(BATCH)
    for tick in range(8):
        found, state = mpc.track(all_of_them(tick), plan, state)
        assert (found.status == Status.SOLVED).all(), tick
        assert found.residual.max() < TOLERANCE
        assert (found.control[:, 0] >= mpc.bounds.least_accel).all()
        assert (found.control[:, 0] <= mpc.bounds.most_accel).all()
        assert (np.abs(found.control[:, 1]) <= mpc.bounds.steer).all()


def test_rows_with_commands_under_way_stay_on_their_own() -> None:
    mpc, plan = mpc_for(True), chain(all_of_them()).plan
    together = mpc.start(BATCH)
    alone = [mpc.start(1) for _ in range(BATCH)]
    turned, order = mpc.start(BATCH), np.arange(BATCH)[::-1]
    for tick in range(5):
        seen = all_of_them(tick)
        found, together = mpc.track(seen, plan, together)
        other, turned = mpc.track(take_rows(seen, order), take_rows(plan, order), turned)
        assert_same(other, take_rows(found, order))
        for b in range(BATCH):
            row = np.array([b])
            one, alone[b] = mpc.track(take_rows(seen, row), take_rows(plan, row), alone[b])
            assert_same(one, take_rows(found, row))
            assert_same(take_rows(together, row), alone[b])


def test_commands_under_way_are_remembered_in_order() -> None:
    mpc, plan = mpc_for(True), chain(all_of_them()).plan
    state, given = mpc.start(BATCH), []
    for tick in range(5):
        found, state = mpc.track(all_of_them(tick), plan, state)
        given.append(found.control)
    np.testing.assert_array_equal(state.pending, np.stack(given[-3:], axis=1))


def test_a_plant_is_known_by_its_actuators() -> None:
    mpc = Mpc.behind(Actuators(delay=4, friction=5.0), period=2 * DT, dt=DT)
    assert (mpc.delay, mpc.accel_lag, mpc.steer_lag) == (2, 0.2, 0.05)
    assert (mpc.bounds.friction, mpc.bounds.steer_rate, mpc.bounds.jerk) == (5.0, 0.5, 12.65)


@pytest.mark.parametrize("ticks", [1, 3])
def test_a_delay_has_to_be_whole_periods(ticks: int) -> None:
    with pytest.raises(ValueError, match="whole number of control periods"):
        Mpc.behind(Actuators(delay=ticks), period=2 * DT, dt=DT)
