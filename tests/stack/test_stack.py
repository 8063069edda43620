"""Composition: rates, planning of a part, memory. What any stack promises is in tests/contracts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.start import Rates
from drivestack.stack import STACKS, Setup
from tests.scenes import bend, no_goal, observation

RATES = Rates(20, 20, 10)
EGOS = [(60.0, 0.3, 0.0, 10.0), (20.0, -0.4, 0.1, 3.0), (90.0, 2.0, 0.3, 8.0)]


@pytest.mark.parametrize("name", STACKS)
def test_plans_at_its_rate(name: str) -> None:
    stack = STACKS[name](Setup(RATES))
    memory = stack.start(1, no_goal(1))
    for tick in range(4):
        decision, memory = stack.decide(observation([bend()], EGOS[:1], tick=tick), memory)
        assert decision.planned.tolist() == [tick % 2 == 0]
        assert decision.plan.tick.tolist() == [tick - tick % 2]


def test_a_part_is_planned_where_only_that_is_due() -> None:
    stack = STACKS["idm"](Setup(RATES))
    memory = stack.start(2, no_goal(2))
    for tick in range(3):
        _, memory = stack.decide(observation([bend()], EGOS[:2], tick=tick), memory)
    memory = stack.reset(memory, np.array([1]), no_goal(1))
    seen = observation([bend()], [EGOS[0], EGOS[2]], tick=3)
    decision, after = stack.decide(replace(seen, tick=np.array([3, 0], np.int32)), memory)
    assert decision.planned.tolist() == [False, True]
    assert decision.plan.tick.tolist() == [2, 0]
    assert after.planned.all()


def test_memory_is_read_only() -> None:
    stack = STACKS["idm"](Setup(RATES))
    _, memory = stack.decide(observation([bend()], EGOS[:1]), stack.start(1, no_goal(1)))
    with pytest.raises(ValueError, match="read-only"):
        memory.plan.states[0, 0, 0] = 1.0
