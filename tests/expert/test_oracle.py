"""The oracle: sees what comes of manoeuvres, leaves the world as it is, and rows do not mix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from drivestack.behavior.stop_lines import with_stop_lines
from drivestack.core.rows import take_rows
from drivestack.core.start import Start
from drivestack.core.types import Goal, Observation, Route
from drivestack.expert.oracle import Advice, chosen
from drivestack.learn.families import families_in, start_of
from drivestack.route import ROUTERS
from drivestack.sim.experts import STYLES
from drivestack.sim.goals import goals_of
from drivestack.sim.rollout import maps_of
from drivestack.stack import Setup
from drivestack.world import sensing
from drivestack.world.engine import Engine
from tests.test_readme import ROOT


@dataclass(frozen=True)
class Situation:
    world: Engine
    seen: Observation
    route: Route
    goal: Goal

    def advice(self, rows: list[int], slots: list[int] | None = None, world: Any = None) -> Advice:
        some = np.array(rows)
        oracle = STYLES["oracle"](Setup(self.world._starts[0].rates))
        return oracle.advise(
            world or self.world,
            np.array(slots or rows),
            take_rows(self.seen, some),
            take_rows(self.route, some),
            take_rows(self.goal, some),
        )


def situation(starts: list[Start], ticks: int) -> Situation:
    world = Engine()
    world.reset(starts)
    for _ in range(ticks):
        world.step(np.zeros((len(starts), 2)))
    scene = world.observe()
    goal = goals_of(starts, maps_of(scene), 0)
    mounts = [sensing.Mount.of(start) for start in starts]
    seen, _ = sensing.sense(scene, mounts, sensing.fresh(len(starts), 0))
    route = ROUTERS["lanes"]().route(seen, goal)
    return Situation(world, with_stop_lines(seen, route), route, goal)


@pytest.fixture(scope="module")
def forks() -> Situation:
    """Three forks, the hazard in sight."""
    document = families_in([ROOT / "scenarios/rare.yaml"])["rare-fork"]
    return situation([start_of(document, seed) for seed in (1, 2, 4)], 60)


def test_what_is_advised_clears_the_fork_and_straight_on_does_not(forks: Situation) -> None:
    advice = forks.advice([0, 1, 2])
    states, _, there = chosen(advice)
    assert there.all()
    for row in range(3):
        hazard = forks.world.observe().agents
        x, y = hazard.state[row, 0, 0, :2]
        size = hazard.size[row, 0]
        near = np.abs(states[row, :, 0] - x) < 0.5 * (size[0] + 5.0)
        assert (np.abs(states[row, near, 1] - y) > 0.5 * (size[1] + 2.0)).all()
        at_once = 3  # along the route at the allowed speed, heedless of nobody but leaders
        assert advice.best[row] != at_once


def test_the_world_is_left_as_it_is(forks: Situation) -> None:
    before = [body.copy() for body in forks.world.raw()]
    forks.advice([0, 1, 2])
    for now, then in zip(forks.world.raw(), before, strict=True):
        assert all((now[name] == then[name]).all() for name in now.dtype.names or ())


def test_an_advice_does_not_depend_on_its_batch(forks: Situation) -> None:
    together, backwards = forks.advice([0, 1, 2]), forks.advice([2, 1, 0])
    for row in range(3):
        alone = forks.advice([row])
        np.testing.assert_array_equal(alone.value[0], together.value[row])
        np.testing.assert_array_equal(alone.number[0], together.number[row])
        assert alone.best[0] == together.best[row] == backwards.best[2 - row]


def test_the_advice_is_the_best_of_those_tried(forks: Situation) -> None:
    advice = forks.advice([0, 1, 2])
    for row in range(3):
        tried = advice.number[row] >= 0
        assert tried.sum() >= 12
        best = advice.number[row][tried][np.argmax(advice.value[row][tried])]
        assert advice.best[row] == best
        assert (advice.value[row] >= 0.0).all()
        assert (advice.value[row] <= 1.0).all()
