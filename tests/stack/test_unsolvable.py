"""Unsolvable problems at every call of the solver, through the whole loop: no tick stops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivestack.core.start import Start
from drivestack.core.types import Decision, Ints, Scene, Status
from drivestack.sim.driver import Driver
from drivestack.sim.runner import Lockstep
from drivestack.world import build_world
from tests.motion.mpc.faults import FAULTS, break_calls
from tests.scenes import starts_of, write_road

TICKS = 8
BATCH = 2


class Watch:
    """A sink that keeps every decision."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []
        self.ended: list[int] = []

    def on_tick(self, slots: Ints, scene: Scene, decision: Decision | None) -> None:
        if decision is not None:
            self.decisions.append(decision)

    def on_end(self, slot: int, outcome: Any) -> None:
        self.ended.append(slot)


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> list[Start]:
    folder = tmp_path_factory.mktemp("road")
    file: Path = write_road(folder, limit=TICKS / 20, seeds="0-1")
    return starts_of(file)


def driven(starts: list[Start]) -> Watch:
    watch = Watch()
    stack = Driver("pdm15", "mpc").stack_for(starts[0])
    Lockstep(build_world("engine"), stack, starts, [watch]).run(BATCH)
    return watch


@pytest.mark.parametrize("fault", FAULTS)
def test_no_call_that_fails_stops_a_tick(
    monkeypatch: pytest.MonkeyPatch, starts: list[Start], fault: Any
) -> None:
    """One call for each row of each tick, in order: the tick of the call has PID's answer."""
    for call in range(TICKS * BATCH):
        break_calls(monkeypatch, fault, {call})
        watch = driven(starts)
        wanted = np.full(TICKS * BATCH, Status.SOLVED)
        wanted[call] = Status.FALLBACK
        found = np.concatenate([decision.tracking.status for decision in watch.decisions])
        assert found.tolist() == wanted.tolist(), call
        assert sorted(watch.ended) == [0, 1]


@pytest.mark.parametrize("fault", FAULTS)
def test_nor_do_all_calls_together(
    monkeypatch: pytest.MonkeyPatch, starts: list[Start], fault: Any
) -> None:
    break_calls(monkeypatch, fault, set(range(TICKS * BATCH)))
    watch = driven(starts)
    assert len(watch.decisions) == TICKS
    assert all((d.tracking.status == Status.FALLBACK).all() for d in watch.decisions)
    assert sorted(watch.ended) == [0, 1]
