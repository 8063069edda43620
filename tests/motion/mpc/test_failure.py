"""Failures forced at every call: the tick ends with PID's answer, and MPC comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from drivestack.core.rows import take_rows
from drivestack.core.types import Status
from drivestack.motion.mpc.build import Problems
from drivestack.motion.pid import Pid
from tests.contracts.situations import SITUATIONS, all_of_them, assert_same, chain
from tests.motion.mpc.driving import (
    REFERENCES,
    actuation,
    driven,
    errors,
    mpc_for,
    new_plant,
    rolled,
)
from tests.motion.mpc.faults import FAULTS, break_calls, nan_cost

TICKS = 12


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", range(TICKS))
def test_pid_answers_in_the_tick_that_fails(
    monkeypatch: pytest.MonkeyPatch, fault: Any, call: int
) -> None:
    speed, controls = REFERENCES["lane change"]
    plan = rolled(controls[:TICKS], speed)
    break_calls(monkeypatch, fault, {call})
    drive = driven(mpc_for(False), plan, new_plant(False, speed, 0.3))
    wanted = np.full(2 * TICKS, Status.SOLVED)
    wanted[call] = Status.FALLBACK
    assert drive.status.tolist() == wanted.tolist()
    assert drive.residual[call] == 0.0


@pytest.mark.parametrize("lagged", [False, True])
@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_but_failures_is_pid(
    monkeypatch: pytest.MonkeyPatch, fault: Any, lagged: bool
) -> None:
    speed, controls = REFERENCES["arc"]
    plan = rolled(controls, speed)
    break_calls(monkeypatch, fault, set(range(1000)))
    drive = driven(mpc_for(lagged), plan, new_plant(lagged, speed))
    pid = driven(Pid(actuation(lagged)), plan, new_plant(lagged, speed))
    assert (drive.status == Status.FALLBACK).all()
    np.testing.assert_array_equal(drive.controls, pid.controls)
    assert np.abs(errors(drive, plan)).max() < 0.5


def test_a_row_that_fails_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = len(SITUATIONS)
    seen, plan, mpc = all_of_them(), chain(all_of_them()).plan, mpc_for(False)
    none, pid = np.zeros((batch, 0, 2)), Pid(mpc.actuation)
    sound, _ = mpc.track(seen, plan, none, mpc.start(batch))
    answer, _ = pid.track(seen, plan, none, pid.start(batch))
    for row in range(batch):
        break_calls(monkeypatch, nan_cost, {row})
        found, after = mpc.track(seen, plan, none, mpc.start(batch))
        assert found.status.tolist() == [int(b == row) for b in range(batch)]
        others = np.delete(np.arange(batch), row)
        assert_same(take_rows(found, others), take_rows(sound, others))
        np.testing.assert_array_equal(found.control[row], answer.control[row])
        assert not after.active[row].any(), "the next start is a cold one"


def test_numbers_beyond_all_bounds_still_get_an_answer() -> None:
    """Finite, hence a valid record, but no arithmetic survives them."""
    speed, controls = REFERENCES["straight"]
    plan, mpc = rolled(controls, speed), mpc_for(False)
    seen = take_rows(all_of_them(), np.array([0]))
    wild = replace(plan, states=plan.states * 1e200)
    found, _ = mpc.track(seen, wild, np.zeros((1, 0, 2)), mpc.start(1))
    assert found.status.tolist() == [Status.FALLBACK]
    assert np.isfinite(found.control).all()


def test_problems_have_the_shape_that_is_remembered() -> None:
    mpc, under_way = mpc_for(True), np.zeros((len(SITUATIONS), 3, 2))
    _, problems = mpc.problems(all_of_them(), chain(all_of_them()).plan, under_way)
    assert isinstance(problems, Problems)
    assert problems.lo.shape == mpc.start(len(SITUATIONS)).active.shape
    assert all(np.isfinite(part).all() for part in problems)
