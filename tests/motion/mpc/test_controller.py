"""Awkward situations are solved to optimality; rows with commands under way stay on their own."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.core.errors import InputError
from drivestack.core.rows import take_rows
from drivestack.core.types import Floats, Status
from drivestack.motion.actuation import Actuation
from drivestack.motion.mpc import Mpc
from drivestack.motion.mpc.solve import TOLERANCE
from drivestack.vehicle.parameters import Actuators
from tests.contracts.situations import SITUATIONS, all_of_them, assert_same, chain
from tests.motion.mpc.driving import DT, mpc_for

BATCH = len(SITUATIONS)


def under_way(mpc: Mpc) -> Floats:
    """Commands (B, D, 2) that differ from row to row and from tick to tick."""
    rng = np.random.default_rng(5)
    return rng.normal(0.0, (1.0, 0.02), (BATCH, mpc.actuation.delay, 2))


@pytest.mark.parametrize("lagged", [False, True])
def test_awkward_situations_are_solved(lagged: bool) -> None:
    mpc, plan = mpc_for(lagged), chain(all_of_them()).plan
    state = mpc.start(BATCH)
    for tick in range(8):
        found, state = mpc.track(all_of_them(tick), plan, under_way(mpc), state)
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
    sent = under_way(mpc)
    for tick in range(5):
        seen = all_of_them(tick)
        found, together = mpc.track(seen, plan, sent, together)
        other, turned = mpc.track(
            take_rows(seen, order), take_rows(plan, order), sent[order], turned
        )
        assert_same(other, take_rows(found, order))
        for b in range(BATCH):
            row = np.array([b])
            one, alone[b] = mpc.track(
                take_rows(seen, row), take_rows(plan, row), sent[row], alone[b]
            )
            assert_same(one, take_rows(found, row))
            assert_same(take_rows(together, row), alone[b])


def test_a_plant_is_known_by_its_actuators() -> None:
    mpc = Mpc(Actuation.behind(Actuators(delay=4, friction=5.0), 2 * DT, DT, latency=2))
    known, most = mpc.actuation, mpc.attainable
    assert (known.delay, known.accel_lag, known.steer_lag) == (3, 0.2, 0.05)
    assert (most.friction, most.steer_rate, most.jerk) == (5.0, 0.5, 12.65)


@pytest.mark.parametrize("ticks", [1, 3])
def test_a_delay_has_to_be_whole_periods(ticks: int) -> None:
    with pytest.raises(InputError, match="whole number of control periods"):
        Actuation.behind(Actuators(delay=ticks), period=2 * DT, dt=DT)
