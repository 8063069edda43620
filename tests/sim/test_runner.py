"""The lockstep runner on a world of its own: refills, ends, sinks, failures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivestack.core.episode import Outcome
from drivestack.core.sensor import Sensor
from drivestack.core.start import Start
from drivestack.core.types import Decision, Ints, Observation, Scene
from drivestack.metrics.judge import COMPOSED
from drivestack.sim.driver import Driver
from drivestack.sim.runner import Lockstep
from drivestack.sim.settings import Settings
from drivestack.sim.suite import run_starts
from drivestack.sim.summary import SCORES, table
from drivestack.stack import STACKS, Setup
from drivestack.world import WORLDS, build_world
from tests.scenes import starts_of, write_road


class Listener:
    """Keeps what a sink is told."""

    def __init__(self) -> None:
        self.ticks: dict[int, list[int]] = {}
        self.decided: dict[int, int] = {}
        self.ends: dict[int, Outcome] = {}

    def on_tick(self, slots: Ints, scene: Scene, decision: Decision | None) -> None:
        for slot, number in enumerate(slots.tolist()):
            if number >= 0:
                self.ticks.setdefault(number, []).append(int(scene.tick[slot]))
                self.decided[number] = self.decided.get(number, 0) + (decision is not None)

    def on_end(self, slot: int, outcome: Outcome) -> None:
        assert slot not in self.ends
        self.ends[slot] = outcome


def driven(starts: Sequence[Start], batch: int) -> Listener:
    listener = Listener()
    stack = STACKS["idm"](Setup(starts[0].rates))
    Lockstep(build_world("engine"), stack, starts, [listener]).run(batch)
    return listener


@pytest.mark.parametrize("batch", [1, 2, 7])
def test_every_scenario_is_told_tick_by_tick(tmp_path: Path, batch: int) -> None:
    paths = [
        write_road(tmp_path, limit=limit, name=f"{i}.yaml")
        for i, limit in enumerate((0.5, 0.25, 1))
    ]
    listener = driven(starts_of(*paths) * 2, batch)
    for number, ticks in enumerate((10, 5, 20, 10, 5, 20)):
        assert listener.ticks[number] == list(range(ticks + 1))
        assert listener.decided[number] == ticks
        assert listener.ends[number] is Outcome.TIMEOUT


def test_goal_ends_an_episode(tmp_path: Path) -> None:
    goal = "goal: {lane: [a, b, 1], s: 35, radius: 3}"
    listener = driven(starts_of(write_road(tmp_path, goal=goal, limit=5.0)), 1)
    assert listener.ends == {0: Outcome.GOAL}
    assert listener.ticks[0][-1] < 30


def test_contact_ends_an_episode(tmp_path: Path) -> None:
    listener = driven(starts_of(write_road(tmp_path, kind="plain", speed=30.0, gap=32.0)), 1)
    assert listener.ends == {0: Outcome.CONTACT}


def test_leaving_the_road_ends_an_episode(tmp_path: Path) -> None:
    path = write_road(tmp_path, kind="idm", limit=5.0)
    text = path.read_text().replace("s: 20, speed: 15", "s: 590, speed: 28")
    path.write_text(text)
    assert driven(starts_of(path), 1).ends == {0: Outcome.OFF_ROAD}


class Broken:
    """A world that raises once a scenario of a certain seed is at tick 7."""

    def __init__(self) -> None:
        self._inner: Any = build_world("engine")
        self._starts: list[Start] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def reset(self, starts: Sequence[Start]) -> None:
        self._starts = list(starts)
        self._inner.reset(starts)

    def refill(self, slot: int, start: Start) -> None:
        self._starts[slot] = start
        self._inner.refill(slot, start)

    def step(self, controls: np.ndarray, meta: Ints | None = None) -> None:
        self._inner.step(controls, meta)
        for start, tick in zip(self._starts, self._inner.observe().tick, strict=True):
            if start.seed == 2 and tick == 7:
                raise RuntimeError("seed 2 is\ncursed")


def test_a_scenario_that_raises_does_not_stop_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = starts_of(write_road(tmp_path, seeds="0-4", limit=1.0))
    whole = run_starts(starts, Settings(batch=1)).episodes
    monkeypatch.setitem(WORLDS, "broken", Broken)
    rows = run_starts(starts, Settings(batch=3, backend="broken")).episodes
    assert [row["outcome"] for row in rows] == ["timeout", "timeout", "failed"] + ["timeout"] * 2
    assert rows[2]["failure"] == "RuntimeError: seed 2 is cursed"
    assert rows[2]["ticks"] == 6
    for number in (0, 1, 3, 4):
        assert rows[number]["digest"] == whole[number]["digest"]


class Raising:
    """A stack that raises in its third decision."""

    def __init__(self, setup: Setup) -> None:
        self._inner: Any = STACKS["idm"](setup)
        self._calls = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def decide(self, observation: Observation, memory: Any) -> tuple[Decision, Any]:
        self._calls += 1
        if self._calls == 3:
            raise ZeroDivisionError("a planner's mistake")
        return self._inner.decide(observation, memory)


def test_a_planner_that_raises_scores_nothing_and_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = starts_of(write_road(tmp_path, seeds="0-2", limit=0.5))
    monkeypatch.setitem(STACKS, "raising", Raising)
    result = run_starts(starts, Settings(Driver("raising", "pid")))
    for row in result.episodes:
        assert row["failure"] == "ZeroDivisionError: a planner's mistake"
        assert [row[column] for column in COMPOSED] == [0.0] * 3
    total = table(result.episodes, 1.0)[-1]
    assert (total.episodes, total.failed) == (3, 3)
    for column in SCORES:
        assert (total.scores[column].value, total.scores[column].count) == (0.0, 3)


class Spy:
    """A stack that keeps what it is given."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.seen: list[Observation] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def decide(self, observation: Observation, memory: Any) -> tuple[Decision, Any]:
        self.seen.append(observation)
        return self._inner.decide(observation, memory)


def test_sensing_runs_at_physics_ticks_and_is_reset_with_its_slot(tmp_path: Path) -> None:
    """10 Hz control over 20 Hz physics and a latency of 3: odd ages need the ticks in between."""
    path = write_road(tmp_path, limit=0.5)
    path.write_text(path.read_text().replace("control: 20", "control: 10"))
    starts = [replace(start, sensing=Sensor(latency=3)) for start in starts_of(path)] * 2
    spy = Spy(STACKS["idm"](Setup(starts[0].rates)))
    Lockstep(build_world("engine"), spy, starts, []).run(1)
    assert [int(seen.tick[0]) for seen in spy.seen] == [0, 2, 4, 6, 8] * 2
    assert [int(seen.age[0]) for seen in spy.seen] == [0, 2, 3, 3, 3] * 2
