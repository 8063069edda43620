"""The entrance: anything goes in, a command comes out; an ego that is not seen is reckoned on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from drivestack.core.types import Filtering, Intervention, Observation, Verdict
from drivestack.safety import BARE, filter_of
from drivestack.safety.faults import Fault
from drivestack.safety.filter import Latch
from drivestack.vehicle.bicycle import euler_step
from tests.safety.fuzz import copied, damaged
from tests.safety.plans import plan_at
from tests.scenes import bend, observation, two_lanes

PERIOD = 0.1
OWN = filter_of(BARE, PERIOD)
"""Two physics ticks a control."""

ROAD = two_lanes()
Answer = tuple[Verdict, Intervention, Latch]


def seen(tick: int, x: float = 100.0, batch: int = 2, steer: float = 0.0) -> Observation:
    return observation([ROAD], [(x, 0, 0, 10)] * batch, tick=tick, steer=steer)


def told(given: Any, memory: Latch, control: Any = None, plan: Any = None) -> Answer:
    control = np.tile([0.5, 0.01], (2, 1)) if control is None else control
    plan = plan_at(seen(0)) if plan is None else plan
    return OWN.apply(given, plan, control, memory)


def known(verdict: Verdict, row: int) -> list[str]:
    names = np.array(verdict.names)[: 3 + 1 + len(Fault)]
    return names[verdict.failed[row, : len(names)]].tolist()


def test_what_is_good_passes_as_it_is() -> None:
    verdict, done, memory = told(seen(0), OWN.start(2))
    assert not verdict.failed.any()
    assert done.filtered.tolist() == [[0.5, 0.01]] * 2
    assert (done.kind == Filtering.PASSED).all()
    assert OWN.faults(memory).by_name(0) == {}
    assert OWN.faults(memory).last["seen"].all()


@pytest.mark.parametrize("nothing", [None, 7, "seen", np.zeros(3)])
def test_who_never_saw_anything_brakes_from_a_great_speed(nothing: Any) -> None:
    verdict, done, memory = told(nothing, OWN.start(2))
    assert known(verdict, 0) == ["observation_missing"]
    assert (done.kind == Filtering.MINIMAL_RISK).all()
    assert done.filtered[:, 0].tolist() == [-4.0, -4.0]
    after = OWN.faults(memory)
    assert after.ego.state[:, 3].tolist() == pytest.approx([49.6, 49.6])
    assert after.ego.state[:, 0].tolist() == pytest.approx([5.0, 5.0])
    assert not after.last["seen"].any()


def test_an_ego_that_is_not_seen_goes_where_it_is_commanded_to() -> None:
    start = (100.0, 1.0, 0.2, 10.0)
    _, _, memory = told(observation([ROAD], [start] * 2, tick=10, steer=0.1), OWN.start(2))
    ticks, state = [], np.array(start)
    for _ in range(3):
        _, done, memory = told(None, memory, np.tile([0.5, 0.0], (2, 1)))
        state = np.array(euler_step(*state, *done.filtered[0], 5.0, PERIOD))
        after = OWN.faults(memory)
        np.testing.assert_allclose(after.ego.state, [state, state])
        np.testing.assert_array_equal(after.ego.steer, done.filtered[:, 1])
        ticks.append(after.last["tick"].tolist())
        assert not after.last["seen"].any()
    assert ticks == [[12, 12], [14, 14], [16, 16]], "two ticks of 0.05 s each time"
    assert abs(done.filtered[0, 1]) > 0.01, "it steers back into its lane"
    assert state[3] < 9.0


def test_it_comes_to_a_stand_and_stays_there() -> None:
    _, _, memory = told(seen(10), OWN.start(2))
    for _ in range(40):
        _, done, memory = told(None, memory)
    assert OWN.faults(memory).ego.state[:, 3].tolist() == pytest.approx([0.0, 0.0], abs=1e-9)
    assert done.filtered[:, 0].tolist() == pytest.approx([0.0, 0.0], abs=1e-9)


def test_one_row_that_is_lost_leaves_the_others_alone() -> None:
    _, _, memory = told(seen(10), OWN.start(2))
    now = seen(12, x=101.0, steer=0.02)
    bad = copied(now)
    state = now.ego.state.copy()
    state[1, 0] = np.nan
    damaged(bad.ego, "state", state)
    verdict, done, memory = told(bad, memory)
    assert known(verdict, 0) == []
    assert known(verdict, 1) == ["ego_not_finite"]
    after = OWN.faults(memory)
    assert after.last["seen"].tolist() == [True, False]
    assert after.last["tick"].tolist() == [12, 12], "the clock is good, only the ego is not"
    assert after.ego.state[0].tolist() == [101.0, 0.0, 0.0, 10.0]
    assert after.ego.steer.tolist() == [0.02, done.filtered[1, 1]]
    assert after.ego.state[1, 0] == pytest.approx(101.0), "reckoned from where it was last"
    assert done.kind.tolist() == [Filtering.PASSED, Filtering.MINIMAL_RISK]


def test_faults_that_are_known_already_are_counted_too() -> None:
    memory, plan, control = OWN.start(2), plan_at(seen(0)), np.tile([0.5, 0.01], (2, 1))
    admitted, found = OWN.admit(seen(0), memory)
    found[1, Fault.PROPOSER_FAILED] = True
    verdict, done, memory = OWN.apply_to(admitted, plan, control, memory, found)
    assert known(verdict, 1) == ["proposer_failed"]
    assert OWN.faults(memory).by_name(1) == {"proposer_failed": 1}
    assert OWN.faults(memory).by_name(0) == {}
    assert (done.kind == Filtering.PASSED).all(), "the last plan is driven on"
    admitted, found = OWN.admit(None, memory)
    found[1, Fault.PROPOSER_FAILED] = True
    verdict, _, _ = OWN.apply_to(admitted, plan, control, memory, found)
    assert known(verdict, 1) == ["observation_missing", "proposer_failed"]


def test_controls_and_plans_that_are_none() -> None:
    verdict, done, _ = told(seen(0), OWN.start(2), control="none", plan=plan_at(seen(0)))
    assert "control_missing" in known(verdict, 0)
    assert (done.kind == Filtering.MINIMAL_RISK).all()
    assert np.isfinite(done.filtered).all()
    verdict, done, _ = told(seen(0), OWN.start(2), plan="none")
    assert known(verdict, 0) == ["plan_age", "plan_missing"]


def test_admitted_observations_are_as_they_are_or_blind() -> None:
    memory = OWN.start(2)
    now = seen(3)
    admitted, found = OWN.admit(now, memory)
    assert admitted is now
    assert not found.any()
    admitted, found = OWN.admit(None, memory)
    assert found[:, Fault.OBSERVATION_MISSING].all()
    assert found.sum() == 2
    assert not admitted.tracks.valid.any()


def test_a_map_that_was_seen_is_driven_on_when_nothing_is_seen() -> None:
    now = observation([bend()], [(95.0, 4.0, 0.4, 10)] * 2, steer=0.1)
    _, _, memory = told(now, OWN.start(2))
    admitted, _ = OWN.admit(None, memory)
    assert admitted.maps == now.maps
    assert admitted.ego.state.tolist() == now.ego.state.tolist()
