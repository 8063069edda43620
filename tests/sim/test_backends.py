"""One scenario on both backends, driven by the same stack, gives the same trajectories."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.core.episode import Episode
from drivestack.core.start import Physics, Rates, Start
from drivestack.scenario.sources.highway_env import load as scene
from drivestack.sim.recorder import Recorder
from drivestack.sim.runner import Lockstep
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
