"""A whole suite driven by `pdm15` with MPC: its residuals, for tests and `tools/bench/mpc.py`."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivestack.core.start import Start
from drivestack.core.tables import Plant
from drivestack.core.types import Decision, Ints, Scene, Status
from drivestack.scenario.override import Override, load_with
from drivestack.sim.driver import Driver, kin_of
from drivestack.sim.runner import NOBODY, Lockstep
from drivestack.world import build_world

BATCH = 32


@dataclass(slots=True)
class Solved:
    """A sink that counts solves of rows that hold a scenario."""

    solves: int = 0
    fallbacks: int = 0
    largest_residual: float = 0.0

    def on_tick(self, slots: Ints, scene: Scene, decision: Decision | None) -> None:
        """Look at one tick."""
        if decision is None:
            return
        used, tracking = slots != NOBODY, decision.tracking
        self.solves += int(used.sum())
        self.fallbacks += int((tracking.status[used] == Status.FALLBACK).sum())
        self.largest_residual = max(self.largest_residual, float(tracking.residual.max()))

    def on_end(self, slot: int, outcome: Any) -> None:
        """Nothing to do."""


def solved(path: Path, lagged: bool, step: int = 1) -> Solved:
    """Drive every scenario of a suite, or every `step`-th, on one plant."""
    groups: dict[Any, list[Start]] = {}
    override = Override(plant=Plant.LAGGED if lagged else Plant.KINEMATIC)
    for start in itertools.islice(load_with(path, override), 0, None, step):
        groups.setdefault(kin_of(start), []).append(start)
    found = Solved()
    for starts in groups.values():
        stack = Driver("pdm15", "mpc").stack_for(starts[0])
        Lockstep(build_world("engine"), stack, starts, [found]).run(BATCH)
    return found
