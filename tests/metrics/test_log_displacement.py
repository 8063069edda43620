"""Displacement from the recorded driver: known answers, both frames, where the log ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.episode import Episode
from drivestack.core.types import Floats
from drivestack.metrics.evidence import gathered
from drivestack.metrics.log_displacement import LogDisplacement
from tests.contracts.test_metrics import driven


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Episode:
    _, episode = driven(tmp_path_factory.mktemp("roads"))
    return episode


def beside(episode: Episode, metres: float) -> Floats:
    """The drive itself, so far to its left."""
    ego = episode.ego
    aside = ego["y"] + metres * np.cos(ego["yaw"])
    return np.stack([ego["x"] - metres * np.sin(ego["yaw"]), aside, ego["yaw"], ego["v"]], axis=-1)


def measure(episode: Episode, log: Floats) -> dict[str, float]:
    """What there is to measure."""
    start = replace(episode.start, log=log)
    reasons = LogDisplacement().measure(gathered(replace(episode, start=start)))
    return {reason.measure: reason.value for reason in reasons if reason.value is not None}


def test_it_is_the_distance_at_equal_times(quiet: Episode) -> None:
    found = measure(quiet, beside(quiet, 2.0))
    assert found == pytest.approx({"log_ade_m": 2.0, "log_fde_m": 2.0})
    log = beside(quiet, 0.0)
    log[:, 0] += np.arange(len(log))
    found = measure(quiet, log)
    assert found == pytest.approx({"log_ade_m": (len(log) - 1) / 2, "log_fde_m": len(log) - 1})


def test_it_ends_with_the_log_and_is_absent_without_one(quiet: Episode) -> None:
    log = beside(quiet, 0.0)
    log[:, 0] += np.arange(len(log))
    assert measure(quiet, log[:3].copy()) == pytest.approx({"log_ade_m": 1.0, "log_fde_m": 2.0})
    longer = np.concatenate([log, log])
    assert measure(quiet, longer) == measure(quiet, log)
    assert measure(quiet, np.zeros((0, 4))) == {}


def test_a_log_of_a_mirrored_map_is_turned(quiet: Episode) -> None:
    map = replace(quiet.start.map, y_right=True)
    mirrored = beside(quiet, 1.0) * [1.0, -1.0, -1.0, 1.0]
    found = measure(replace(quiet, start=replace(quiet.start, map=map)), mirrored)
    assert found == pytest.approx({"log_ade_m": 1.0, "log_fde_m": 1.0})
