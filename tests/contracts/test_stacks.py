"""What every stack promises: rows on their own, memory in rows, safe in any situation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drivestack.core.rows import put_rows, take_rows
from drivestack.core.start import Rates
from drivestack.core.types import Decision
from drivestack.sim.driver import Driver
from drivestack.sim.settings import Settings
from drivestack.sim.suite import run_starts
from drivestack.stack import STACKS, Setup
from tests.contracts.situations import SITUATIONS, all_of_them, assert_same, each_alone, straight_on
from tests.scenes import logged, starts_of, write_road

RATES = Rates(20, 20, 10)
BATCH = len(SITUATIONS)
TICKS = 4


@pytest.mark.parametrize("name", STACKS)
def test_decisions_do_not_depend_on_the_batch(name: str) -> None:
    stack = STACKS[name](Setup(RATES))
    memory = stack.start(BATCH, straight_on(all_of_them()))
    alone = [stack.start(1, straight_on(seen)) for seen in each_alone()]
    for tick in range(TICKS):
        decision, memory = stack.decide(all_of_them(tick), memory)
        assert isinstance(decision, Decision)
        assert np.array_equal(decision.control, decision.intervention.filtered)
        assert decision.planned.all() or tick > 0
        for b, seen in enumerate(each_alone(tick)):
            one, alone[b] = stack.decide(seen, alone[b])
            row = np.array([b])
            assert one.control.tobytes() == decision.control[row].tobytes()
            assert_same(take_rows(decision.plan, row), one.plan)
            assert_same(take_rows(memory, row), alone[b])


@pytest.mark.parametrize("name", STACKS)
def test_a_reset_row_starts_afresh_and_leaves_the_others(name: str) -> None:
    stack = STACKS[name](Setup(RATES))
    rows, late, early = np.array([0, 1]), np.array([1]), np.array([0])
    goal = straight_on(take_rows(all_of_them(), rows))
    memory = stack.start(2, goal)
    for tick in range(3):
        _, memory = stack.decide(take_rows(all_of_them(tick), rows), memory)
    reset = stack.reset(memory, late, take_rows(goal, late))
    seen = take_rows(all_of_them(3), rows)
    new = put_rows(seen, late, take_rows(all_of_them(0), late))
    decision, _ = stack.decide(new, reset)
    fresh, _ = stack.decide(take_rows(new, late), stack.start(1, take_rows(goal, late)))
    kept, _ = stack.decide(take_rows(seen, early), take_rows(memory, early))
    assert decision.control[late].tobytes() == fresh.control.tobytes()
    assert_same(take_rows(decision.plan, late), fresh.plan)
    assert decision.control[early].tobytes() == kept.control.tobytes()


@pytest.mark.parametrize("name", STACKS)
def test_a_copied_memory_decides_alike(name: str) -> None:
    stack = STACKS[name](Setup(RATES))
    memory = stack.start(BATCH, straight_on(all_of_them()))
    for tick in range(3):
        _, memory = stack.decide(all_of_them(tick), memory)
    twice = np.repeat(np.arange(BATCH), 2)
    forked, _ = stack.decide(take_rows(all_of_them(3), twice), take_rows(memory, twice))
    same, _ = stack.decide(all_of_them(3), memory)
    again, _ = stack.decide(all_of_them(3), memory)
    assert np.array_equal(forked.control, np.repeat(same.control, 2, axis=0))
    assert np.array_equal(again.control, same.control), "all that is remembered is in the memory"


@pytest.mark.parametrize("name", STACKS)
def test_it_drives(name: str, tmp_path: Path) -> None:
    (start,) = starts_of(write_road(tmp_path, speed=15.0, limit=2.0))
    x, y = (float(start.bodies[name][0]) for name in ("x", "y"))
    log = logged([(x, y, 0.0, 15.0)]).log[0]
    (row,) = run_starts([replace(start, log=log)], Settings(Driver(name))).episodes
    assert (row["outcome"], row["failure"]) == ("timeout", "")
    assert row["progress_m"] > 5.0
