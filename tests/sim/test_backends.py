"""One scenario on both backends, driven by the same stack: the same trajectories and scores."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.core.episode import Episode
from drivestack.core.start import Physics, Rates, Start
from drivestack.metrics.judge import COMPOSED, MEASURES
from drivestack.scenario.sources.highway_env import load as scene
from drivestack.sim.driver import Driver
from drivestack.sim.recorder import Recorder
from drivestack.sim.runner import Lockstep
from drivestack.sim.settings import Settings
from drivestack.sim.suite import run_starts
from drivestack.stack import STACKS, Setup
from drivestack.world import WORLDS, build_world

RATES = Rates(20, 20, 10)


def driven(start: Start, backend: str) -> Episode:
    found: list[Episode] = []
    recorder = Recorder([start], lambda _, episode: found.append(episode))
    Lockstep(build_world(backend), STACKS["idm"](Setup(RATES)), [start], [recorder]).run(1)
    return found[0]


@pytest.mark.parametrize("name", ["highway-fast-v0", "roundabout-v1", "intersection-v2"])
def test_backends_agree(name: str) -> None:
    start = scene(name, 1, rates=RATES, physics=Physics.HIGHWAY_ENV, time_limit=4.0)
    engine, *others = (driven(start, backend) for backend in WORLDS)
    for other in others:
        assert other.outcome is engine.outcome
        for field in ("x", "y", "yaw", "v", "accel", "steer"):
            assert np.allclose(other.ego[field], engine.ego[field], atol=1e-6, rtol=0), field
        assert np.array_equal(other.agents["id"], engine.agents["id"])
        assert np.allclose(other.agents["x"], engine.agents["x"], atol=1e-6, rtol=0)


SCORED = ("highway-fast-v0", "merge-v1", "roundabout-v1", "intersection-v2", "exit-v1",
          "racetrack-oval-v1")  # fmt: skip
"""Scenes of unlike maps: straight, merging, with kerbs, crossing lanes, an exit, a lap."""


def test_backends_give_the_same_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every measure and composed score, against a reference that is driven on both too."""
    monkeypatch.setattr("drivestack.sim.reference.kept", lambda start, by: None)
    starts = [
        scene(name, 3, rates=RATES, physics=Physics.HIGHWAY_ENV, time_limit=4.0) for name in SCORED
    ]
    runs = [
        run_starts(starts, Settings(Driver("pdm15", "pid"), backend=backend)).episodes
        for backend in ("engine", "highway_env")
    ]
    names = (*MEASURES, *COMPOSED, "absent", "reference", "reference_progress_m")
    for one, other in zip(*runs, strict=True):
        assert one["reference"] == "pdm15/mpc"
        assert one["ego_progress"] is not None
        for name in names:
            value = one[name]
            if isinstance(value, float):
                value = pytest.approx(value, abs=1e-9, rel=0.0)
            assert other[name] == value, (one["scenario"], name)
