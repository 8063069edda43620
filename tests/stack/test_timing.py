"""Latencies in ticks: what is decided at t acts at t + latency; late and missing plans are held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from drivestack.behavior.proposers.idm import Idm
from drivestack.core.errors import InputError
from drivestack.core.rows import take_rows
from drivestack.core.start import Rates
from drivestack.core.types import Candidates, Filtering, Goal, Observation, PlanSource, Route
from drivestack.stack import STACKS, Latency, Setup
from drivestack.vehicle.parameters import Actuators
from tests.contracts.situations import assert_same
from tests.scenes import no_goal, observation, two_lanes

RATES = Rates(20, 20, 10)
ROAD = two_lanes()


def seen(tick: int, batch: int = 1) -> Observation:
    """A car that drives on at 10 m/s, whatever is decided."""
    return observation([ROAD], [(50.0 + 0.5 * tick, 0.0, 0.0, 10.0)] * batch, tick=tick)


def decided(stack: Any, ticks: int) -> list[Any]:
    memory, found = stack.start(1, no_goal(1)), []
    for tick in range(ticks):
        decision, memory = stack.decide(seen(tick), memory)
        found.append(decision)
    return found


def with_proposer(stack: Any, proposer: Any) -> Any:
    """The stack with another proposer."""
    return replace(stack, planner=replace(stack.planner, proposer=proposer))


@dataclass
class Silent:
    """A proposer that has nothing to propose at some ticks."""

    ticks: Sequence[int]
    own: Idm = field(default_factory=Idm)

    def propose(self, observation: Observation, route: Route, goal: Goal) -> Candidates:
        found = self.own.propose(observation, route, goal)
        silent = np.isin(observation.tick, self.ticks)
        return replace(found, valid=found.valid & ~silent[:, None])


@pytest.mark.parametrize("latency", [0, 1, 2, 3, 5])
def test_a_plan_acts_after_its_latency(latency: int) -> None:
    stack = STACKS["idm"](Setup(RATES, latency=Latency(plan=latency)))
    for tick, decision in enumerate(decided(stack, 14)):
        made = tick - latency - (tick - latency) % 2
        arrived = tick >= latency
        assert decision.planned.tolist() == [tick % 2 == 0]
        assert decision.plan.tick.tolist() == [made if arrived else 0]
        wanted = PlanSource.CANDIDATE if arrived else PlanSource.HELD
        assert decision.plan.source.tolist() == [wanted], tick


def test_until_the_first_plan_arrives_the_car_goes_on_as_it_does() -> None:
    """Someone else drove until now: a stop would be the latency's, not the stack's."""
    stack = STACKS["idm"](Setup(RATES, latency=Latency(plan=4)))
    found = decided(stack, 6)
    assert [int(d.intervention.kind[0]) for d in found] == [Filtering.PASSED] * 6
    np.testing.assert_allclose(found[0].plan.states[0, :, 3], 10.0)
    np.testing.assert_allclose([d.control[0] for d in found[:4]], 0.0, atol=1e-9)


def test_a_delay_does_not_bind_the_steering_to_an_old_angle() -> None:
    """Behind four ticks of delay the same turn is commanded as behind none."""
    swing = [(50.0, 1.5, 0.0, 10.0)]
    found = {}
    for delay in (0, 4):
        setup = Setup(RATES, "pid", Actuators(delay=delay, steer_lag=0.0, accel_lag=0.0))
        stack = STACKS["idm"](setup)
        memory, commanded = stack.start(1, no_goal(1)), []
        for tick in range(4):
            seen = observation([ROAD], swing, tick=tick)
            decision, memory = stack.decide(seen, memory)
            commanded.append(decision.control[0, 1])
        found[delay] = np.array(commanded)
    assert found[0][0] == pytest.approx(-0.05), "the most in one period"
    assert (np.diff(found[4]) < -0.01).any(), "the next command may go on from the one before"
    assert found[4].min() < found[0].min() - 0.02


def test_a_missing_plan_is_held_and_then_braked_for() -> None:
    """From tick 6 on there are no more candidates: the plan of tick 4 is driven for a second."""
    stack = STACKS["idm"](Setup(RATES))
    stack = with_proposer(stack, Silent(range(6, 100)))
    for tick, decision in enumerate(decided(stack, 40)):
        held = tick >= 6
        assert decision.plan.source.tolist() == [
            PlanSource.HELD if held else PlanSource.CANDIDATE
        ], tick
        if held:
            assert decision.plan.tick.tolist() == [4]
        braking = decision.intervention.kind[0] == Filtering.MINIMAL_RISK
        assert braking == (tick - 4 > 20), tick
        if braking:
            assert decision.verdict.names[decision.intervention.check[0]] == "plan_age"


def test_a_plan_that_comes_again_ends_the_holding() -> None:
    stack = STACKS["idm"](Setup(RATES))
    stack = with_proposer(stack, Silent([6, 8]))
    sources = [int(d.plan.source[0]) for d in decided(stack, 12)]
    held = int(PlanSource.HELD)
    assert [tick for tick, source in enumerate(sources) if source == held] == [6, 7, 8, 9]


@pytest.mark.parametrize("latency", [0, 1, 3])
def test_a_control_is_commanded_after_its_latency(latency: int) -> None:
    """Behind the filter, and known to the controller as part of the delay."""
    setup = Setup(RATES, latency=Latency(control=latency))
    stack = STACKS["idm"](setup)
    assert setup.actuation.delay == setup.uncommanded == latency
    found = decided(stack, 10)
    decisions = [d.tracking.control[0] for d in found]
    for tick, decision in enumerate(found):
        wanted = decisions[tick - latency] if tick >= latency else np.zeros(2)
        np.testing.assert_array_equal(decision.intervention.commanded[0], wanted)


def test_what_is_under_way_is_what_the_filter_let_pass() -> None:
    """Behind 3 ticks of transport delay and 1 of latency stand 4 commands, 3 of them filtered."""
    setup = Setup(RATES, actuators=Actuators(delay=3), latency=Latency(control=1))
    stack = STACKS["idm"](setup)
    memory, sent, decisions = stack.start(1, no_goal(1)), [], []
    for tick in range(8):
        decision, memory = stack.decide(seen(tick), memory)
        sent.append(decision.control[0])
        decisions.append(decision.tracking.control[0])
        under_way = memory.under_way[0]
        assert under_way.shape == (4, 2)
        if tick >= 3:
            np.testing.assert_array_equal(under_way[:3], sent[-3:])
        np.testing.assert_array_equal(under_way[3], decisions[-1])


@pytest.mark.parametrize("latency", [Latency(0, 0), Latency(3, 1), Latency(7, 2)])
def test_rows_with_latencies_stay_on_their_own(latency: Latency) -> None:
    stack = STACKS["pdm15"](Setup(RATES, "mpc", Actuators(delay=1), latency))
    together = stack.start(3, no_goal(3))
    alone = stack.start(1, no_goal(1))
    for tick in range(12):
        if tick == 5:
            together = stack.reset(together, np.array([0]), no_goal(1))
        both = seen(tick, 3)
        if tick >= 5:
            both = replace(both, tick=both.tick - np.array([5, 0, 0], np.int32))
        decision, together = stack.decide(both, together)
        one, alone = stack.decide(seen(tick), alone)
        for row in (1, 2):
            at = np.array([row])
            assert one.control.tobytes() == decision.control[at].tobytes()
            assert_same(take_rows(together, at), alone)


@pytest.mark.parametrize(
    ("rates", "latency", "sentence"),
    [
        (RATES, Latency(control=1), None),
        (Rates(20, 10, 10), Latency(control=1), "whole multiple of 2 ticks"),
        (RATES, None, "0 to 1000 ticks"),
    ],
)
def test_latencies_that_do_not_fit(
    rates: Rates, latency: Latency | None, sentence: str | None
) -> None:
    if sentence is None:
        assert Setup(rates, latency=latency or Latency()).uncommanded == 1
        return
    with pytest.raises(InputError, match=sentence):
        Setup(rates, latency=latency or Latency(plan=-1))
