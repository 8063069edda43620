"""The recorder: what is written is what the reference did, and can be replayed from the file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np

from drivestack.core.start import EgoKind
from drivestack.core.tables import Meta
from drivestack.scenario.sources.highway_env import load
from drivestack.world.highway_env import HighwayEnvWorld
from tests.parity.episodes import Episode, all_episodes, default_ticks, read, seen
from tests.parity.record import given_actions, record


def test_a_file_replays_the_reference(tmp_path: Path) -> None:
    episode = Episode("intersection-v2", 3, EgoKind.META, ticks=32)
    record([asdict(episode)], str(tmp_path))
    recorded = read(tmp_path / f"{episode.name}.npz")
    assert len(recorded.n) == 33
    assert (recorded.regulation_steps == 45 + np.arange(33)).all()
    assert len(set(recorded.generators.tolist())) == 3  # drawn from at ticks 15 and 30
    assert (np.flatnonzero(recorded.meta != Meta.NONE) % 15 == 0).all()
    world = HighwayEnvWorld()
    world.reset([recorded.start])
    for tick in range(33):
        rows = seen(world.raw()[0])
        assert (rows == recorded.bodies[tick, : recorded.n[tick]]).all()
        if tick < 32:
            world.step(recorded.controls[tick : tick + 1], recorded.meta[tick : tick + 1])


def test_noise_disturbs_the_last_digits_only(tmp_path: Path) -> None:
    episodes = [Episode("highway-fast-v0", 0, ticks=10, noise=size) for size in (0.0, 1e-15)]
    record([asdict(episode) for episode in episodes], str(tmp_path))
    quiet, noisy = (read(tmp_path / f"{e.name}.npz").bodies["x"][-1] for e in episodes)
    assert (quiet != noisy).any()
    np.testing.assert_allclose(quiet, noisy, rtol=0.0, atol=1e-9)


def test_actions_are_fixed_and_held() -> None:
    start = load("merge-v1", 0, ego=EgoKind.PLAIN)
    controls, meta = given_actions(start, 100)
    again, _ = given_actions(start, 100)
    assert (controls == again).all()
    assert len(np.unique(controls[:, 0])) == 7  # one a second
    assert len(meta) == 100


def test_names_tell_episodes_apart() -> None:
    episodes = all_episodes(range(2))
    episodes += [
        Episode("merge-v1", 0, config={"policy_frequency": 5}),
        Episode("merge-v1", 0, physics_hz=20),
    ]
    episodes += [Episode("merge-v1", 0, noise=1e-15)]
    assert len({episode.name for episode in episodes}) == len(episodes) == 14 * 3 * 2 + 3
    assert default_ticks("merge-v1") == 600
    assert default_ticks("racetrack-v1", 20) == 6000
