"""Whether plausible futures still separate, and driving without near misses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.episode import Episode
from drivestack.sim.driver import Driver
from drivestack.sim.interventions.divergence import separate
from drivestack.sim.interventions.near_miss import AFTER, BEFORE, clean, near_misses
from drivestack.sim.recorder import Recorder
from drivestack.sim.runner import Lockstep
from drivestack.world import build_world
from tests.scenes import starts_of
from tests.sim.interventions.suite import write_suite

DT = 0.05


@pytest.fixture(scope="module")
def episode(tmp_path_factory: pytest.TempPathFactory) -> Episode:
    """At 15 m/s into an obstacle that stands 77.5 m ahead."""
    start, *_ = starts_of(write_suite(tmp_path_factory.mktemp("known")))
    found: list[Episode] = []
    recorder = Recorder([start], lambda number, episode: found.append(episode))
    stack = Driver("constant").stack_for(start)
    Lockstep(build_world("engine"), stack, [start], [recorder]).run(1)
    return found[0]


def test_futures_separate_until_comfortable_braking_no_longer_does(episode: Episode) -> None:
    other = int(episode.agents["id"][0])
    last = max(tick for tick in range(len(episode.ego)) if separate(episode, tick, other))
    # the gap that -3.5 m/s2 need; farther futures than 3 s are not looked at
    gap = 77.5 - 15.0 * last * DT
    speed, way = 15.0 - 3.5 * 3.0, 15.0 * 3.0 - 0.5 * 3.5 * 9.0
    assert speed > 0.0
    assert gap == pytest.approx(way, abs=1.0)
    assert all(separate(episode, tick, other) for tick in range(last))
    assert separate(episode, 3, other + 1) is None


def test_who_drives_away_is_no_danger(episode: Episode) -> None:
    agents = episode.agents.copy()
    agents["v"] = 16.0
    away = replace(episode, agents=agents)
    tick = int(episode.ego["tick"][-10])
    other = int(agents["id"][0])
    assert separate(away, tick, other)
    assert not separate(episode, tick, other)


def test_near_misses_and_clean_driving(episode: Episode) -> None:
    missed = near_misses(episode)
    first = int(np.argmax(missed))
    assert missed[first:].all()
    # a second before the contact, at constant speed
    assert (len(missed) - 1 - first) * DT == pytest.approx(1.0, abs=DT)
    # the whole drive is shorter than how far ahead is looked
    assert first * DT < AFTER
    assert not clean(episode).any()


@pytest.mark.parametrize("tick", [10, 102])
def test_driving_is_clean_long_before_and_after(episode: Episode, tick: int) -> None:
    agents = episode.agents.copy()
    beside = agents["tick"] == tick
    agents["x"], agents["y"] = 1e3, 50.0
    ego = episode.ego[episode.ego["tick"] == tick]
    agents["x"][beside], agents["y"][beside] = ego["x"], ego["y"] + 2.0 + 0.2
    part = replace(episode, agents=agents)
    assert np.flatnonzero(near_misses(part)).tolist() == [tick]
    first, end = max(tick - round(AFTER / DT), 0), tick + round(BEFORE / DT) + 1
    dirty = np.flatnonzero(~clean(part))
    assert dirty.tolist() == list(range(first, min(end, len(part.ego))))
