"""Ways to execute chunks: held for a while, averaged; and what averaging does to two answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.errors import InputError
from drivestack.core.start import Rates
from drivestack.core.types import Floats, Observation, PlanSource
from drivestack.safety.faults import Fault
from drivestack.stack import STACKS, Execution, Setup
from drivestack.stack.executing import Ensembled, OpenLoop
from drivestack.stack.planner import StagedPlanner
from drivestack.stack.planning import Planning
from drivestack.stack.stack import StagedStack
from tests.contracts.situations import rolled_out
from tests.scenes import no_goal, observation, two_lanes

RATES = Rates(20, 20, 10)
ROAD = two_lanes(2000.0)


def with_planner(wrap: object) -> StagedStack:
    stack = STACKS["pdm_lane"](Setup(RATES))
    assert isinstance(stack, StagedStack)
    return replace(stack, planner=wrap(stack.planner))  # pyright: ignore


def seen(tick: int, ahead: float = 300.0) -> Observation:
    egos = [(100.0 + 0.5 * tick, 0.0, 0.0, 10.0)] * 2
    return observation([ROAD], egos, [np.array([[ahead, 0, 0, 5.0]])] * 2, tick)


@pytest.mark.parametrize(("plans", "expected"), [(1, range(0, 40, 2)), (4, range(0, 40, 8)),
                                                 (8, range(0, 40, 16))])  # fmt: skip
def test_a_chunk_is_driven_for_so_many_plans(plans: int, expected: range) -> None:
    stack = with_planner(lambda planner: OpenLoop(planner, 0.1 * plans))
    memory, made = stack.start(2, no_goal(2)), []
    for tick in range(40):
        decision, memory = stack.decide(seen(tick), memory)
        if decision.planned.all():
            made.append(tick)
        assert decision.planned.all() == decision.planned.any()
    assert made == list(expected)


def test_once_a_plan_is_no_chunking() -> None:
    one = with_planner(lambda planner: OpenLoop(planner, 0.1))
    other = with_planner(lambda planner: planner)
    memories = [stack.start(2, no_goal(2)) for stack in (one, other)]
    for tick in range(10):
        found = []
        for i, stack in enumerate((one, other)):
            decision, memories[i] = stack.decide(seen(tick), memories[i])
            found.append(decision)
        assert found[0].control.tobytes() == found[1].control.tobytes()
        assert found[0].plan.states.tobytes() == found[1].plan.states.tobytes()


class Swerving:
    """Says left and right in turns, each as well."""

    def __init__(self, own: Planning) -> None:
        self._own = own

    def plan(self, *asked: object) -> object:
        planned, good = self._own.plan(*asked)  # pyright: ignore
        assert planned is not None
        seen = asked[0]
        assert isinstance(seen, Observation)
        side = 1.0 if seen.tick[0] % 4 == 0 else -1.0
        controls = np.zeros_like(planned.plan.controls)
        controls[:, :, 1] = 0.05 * side
        source = np.full(len(controls), PlanSource.CANDIDATE, np.int32)
        states = np.stack(
            [rolled_out(seen.ego.state[b], 5.0, controls[b], 0.1) for b in range(len(controls))]
        )
        plan = replace(planned.plan, controls=controls, states=states, source=source)
        return replace(planned, plan=plan), good


def ends(share: float, plans: int = 40) -> Floats:
    """How far to the left the last chunks end [m]."""
    stack = with_planner(lambda planner: planner)
    assert isinstance(stack.planner, StagedPlanner)
    planner = Ensembled(Swerving(stack.planner), share)  # pyright: ignore
    memory = stack.start(2, no_goal(2))
    route, plan, found = memory.route, memory.plan, []
    for number in range(plans):
        faults = np.zeros((2, len(Fault)), np.bool_)
        at = replace(seen(2 * number), ego=seen(0).ego)
        planned, _ = planner.plan(at, memory.goal, route, plan, faults, {})
        assert planned is not None
        route, plan = planned.route, planned.plan
        found.append(float(plan.states[0, -1, 1]))
        own = rolled_out(at.ego.state[0], 5.0, plan.controls[0], 0.1)
        np.testing.assert_allclose(own[:, :2], plan.states[0, :, :2], atol=1e-9)
    return np.array(found[-4:])


def test_averaging_two_answers_is_neither() -> None:
    alone, averaged = ends(0.0), ends(0.9)
    assert (np.abs(alone) > 5.0).all()
    assert alone.min() < 0.0 < alone.max()
    assert (np.abs(averaged) < 0.2 * np.abs(alone).max()).all()


@pytest.mark.parametrize("said", ["replan", "open:4", "open:8", "open:16", "ensembled"])
def test_executions_are_what_they_are_called(said: str) -> None:
    assert str(Execution.of(said)) == said
    stack = STACKS["pdm_lane"](Setup(RATES, execution=Execution.of(said)))
    assert isinstance(stack, StagedStack)
    kinds = {"replan": StagedPlanner, "ensembled": Ensembled}
    assert type(stack.planner) is kinds.get(said, OpenLoop)
    if isinstance(stack.planner, OpenLoop):
        assert stack.planner.every == pytest.approx(0.05 * int(said[5:]))


def test_one_tick_is_to_replan() -> None:
    assert Execution.of("open:1") == Execution.of("replan") == Execution()


@pytest.mark.parametrize("said", ["", "open", "open:0", "open:-4", "open:4.5", "Replan", "x" * 99])
def test_other_executions_are_refused(said: str) -> None:
    with pytest.raises(InputError, match=r"^execute should be replan, open:N .*got '") as caught:
        Execution.of(said)
    assert len(str(caught.value)) < 140


def test_nothing_is_held_until_the_safety_layer_stops_it() -> None:
    assert Setup(RATES, execution=Execution(20)).execution.ticks == 20
    with pytest.raises(InputError, match=r"execute open:21 drives each chunk for 1.05 s"):
        Setup(RATES, execution=Execution(21))
