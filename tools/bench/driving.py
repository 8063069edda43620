"""Episodes of the whole stack, timed: as a whole under three loads, and stage by stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import numpy as np
from scenes import highway_stack
from timing import Timed, median, timed

from drivestack.core.protocols import Sink, World
from drivestack.core.start import Start
from drivestack.core.types import Decision, Floats, Ints, Observation, Plan, Scene, Tracking
from drivestack.motion.mpc.costs import SLACKS
from drivestack.motion.mpc.solve import solve
from drivestack.sim.driver import Driver
from drivestack.sim.recorder import Recorder
from drivestack.sim.rows import MadeBy, rows_of
from drivestack.sim.runner import Lockstep
from drivestack.world import build_world, sensing

DRIVER = Driver("pdm15", "mpc")
MADE_BY = MadeBy(DRIVER, "engine", None)

PLANNING = ("route", "propose", "score", "select")
"""Stages that run when a plan is due."""


class Loads(Enum):
    """What listens to the loop; the value ends the figure's key."""

    RECORDED = ""
    BARE = "_bare"
    LOGGED = "_logged"


def starts_among(agents: int, batch: int, seconds: float) -> list[Start]:
    """B seeds of highway-v0 with so many other cars."""
    return [
        replace(s, ticks=round(seconds * s.rates.physics)) for s in highway_stack(agents, batch)
    ]


def realtime(starts: Sequence[Start], batch: int, load: Loads, repetitions: int) -> Timed:
    """Simulated seconds a second, the median of repetitions after one that compiles."""
    simulated = 0.0

    def once() -> None:
        nonlocal simulated
        counter = _Counter(starts[0].rates.physics)
        _loop(starts, build_world("engine"), batch, [*_sinks(starts, load), counter])
        simulated = counter.seconds

    once()
    taken = median([timed(once) for _ in range(repetitions)])
    return taken.each(lambda seconds: simulated / seconds)


def driven(starts: Sequence[Start], batch: int, stages: Stages, repeats: int = 1) -> Stages:
    """Note the time of every stage at every tick, after a run that compiles."""
    _loop(starts, build_world("engine"), batch, [])
    for _ in range(repeats):
        world = _WatchedWorld(build_world("engine"), stages)
        _loop(starts, world, batch, [stages])
        # in a drive of its own, since the motion stage would take twice as long
        _loop(starts, build_world("engine"), batch, [], lambda stack: _watched(stack, stages))
    return stages


@dataclass(slots=True, eq=False)
class Stages:
    """A sink that keeps wall times [s] by stage, of whole batches; see `percentiles`."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    solving: list[Timed] = field(default_factory=list)
    tracking: list[Timed] = field(default_factory=list)
    plans: list[float] = field(default_factory=list)
    ticks: list[float] = field(default_factory=list)

    def on_tick(self, slots: Ints, scene: Scene, decision: Decision | None) -> None:
        """Keep what the stack has noted, and sense the same scene once more."""
        if decision is None:
            return
        for stage, seconds in decision.seconds.items():
            self.note(stage, seconds)
        if decision.planned.any():
            self.plans.append(sum(decision.seconds[stage] for stage in PLANNING))
        self.ticks.append(sum(decision.seconds.values()))
        mounts = [sensing.UNUSED] * len(slots)
        begin = time.perf_counter()
        sensing.sense(scene, mounts, sensing.fresh(len(slots), 0))
        self.note("sensing", time.perf_counter() - begin)

    def on_end(self, slot: int, outcome: Any) -> None:
        """Nothing to do."""

    def note(self, stage: str, seconds: float) -> None:
        """One more time of a stage."""
        self.seconds.setdefault(stage, []).append(seconds)

    def percentiles(self, batch: int) -> dict[str, dict[str, float]]:
        """p50 and p99 of every stage [us a scenario]."""
        return {
            stage: {f"p{q}": _percentile(times, q) / batch for q in (50, 99)}
            for stage, times in self.seconds.items()
        }

    def planning(self, q: float) -> float:
        """Percentile of one plan: route to choice [us]."""
        return _percentile(self.plans, q)

    def deciding(self, q: float) -> float:
        """Percentile of all stages of a tick together [us]."""
        return _percentile(self.ticks, q)


def percentile(times: Sequence[Timed], q: float) -> Timed:
    """Percentile by each clock on its own [us]."""
    return Timed(
        _percentile([one.cpu for one in times], q), _percentile([one.wall for one in times], q)
    )


def _percentile(seconds: Sequence[float], q: float) -> float:
    return 1e6 * float(np.percentile(seconds, q))


@dataclass(frozen=True, slots=True)
class _WatchedController:
    """The MPC, timed by both clocks: building and solving alone, then the whole call."""

    inner: Any
    stages: Stages

    def start(self, batch: int) -> Any:
        return self.inner.start(batch)

    def track(
        self, observation: Observation, plan: Plan, under_way: Floats, state: Any
    ) -> tuple[Tracking, Any]:
        answer: list[Any] = []

        def build_and_solve() -> None:
            _, p = self.inner.problems(observation, plan, under_way)
            solve(p.H[0], p.g[0], p.A[0], p.lo[0], p.hi[0], state.active[0], SLACKS)

        def track() -> None:
            answer.append(self.inner.track(observation, plan, under_way, state))

        if len(observation.tick) == 1:
            self.stages.solving.append(timed(build_and_solve))
        self.stages.tracking.append(timed(track))
        return answer[0]


class _WatchedWorld:
    """A world whose step and observe are timed."""

    def __init__(self, inner: World, stages: Stages) -> None:
        self._inner, self._stages = inner, stages

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def step(self, controls: Floats, meta: Ints | None = None) -> None:
        begin = time.perf_counter()
        self._inner.step(controls, meta)
        self._stages.note("world step", time.perf_counter() - begin)

    def observe(self) -> Scene:
        begin = time.perf_counter()
        scene = self._inner.observe()
        self._stages.note("observe", time.perf_counter() - begin)
        return scene


class _Counter:
    """A sink that counts the simulated time of all scenarios [s]."""

    def __init__(self, physics: int) -> None:
        self._dt, self.seconds = 1.0 / physics, 0.0

    def on_tick(self, slots: Ints, scene: Scene, decision: Decision | None) -> None:
        if decision is not None:
            self.seconds += int((slots >= 0).sum()) * self._dt

    def on_end(self, slot: int, outcome: Any) -> None:
        pass


def _watched(stack: Any, stages: Stages) -> Any:
    return replace(stack, controller=_WatchedController(stack.controller, stages))


def _sinks(starts: Sequence[Start], load: Loads) -> list[Sink]:
    if load is Loads.BARE:
        return []
    if load is Loads.RECORDED:
        return [Recorder(starts, lambda number, episode: None)]
    return [Recorder(starts, lambda number, episode: rows_of(number, episode, MADE_BY))]


def _loop(
    starts: Sequence[Start],
    world: Any,
    batch: int,
    sinks: Sequence[Any],
    change: Callable[[Any], Any] = lambda stack: stack,
) -> None:
    Lockstep(world, change(DRIVER.stack_for(starts[0])), starts, sinks).run(batch)
