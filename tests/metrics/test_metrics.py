"""Measures on episodes made by hand: every fault class, progress, speed."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from drivestack.core.episode import AGENT_TICK, EGO_TICK, Episode
from drivestack.core.start import Start
from drivestack.metrics.collision import Fault
from drivestack.metrics.evidence import gathered
from drivestack.metrics.judge import measured
from tests.metrics.drives import made_of
from tests.scenes import starts_of, two_lanes, write_road


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return starts_of(write_road(tmp_path))[0]


def episode(
    start: Start,
    ego: tuple[float, float, float, float],
    other: tuple[float, float, float, float] | None = None,
) -> Episode:
    """An ego that drives straight for 11 ticks and meets another one at the last."""
    x, y, yaw, v = ego
    rows = np.zeros(11, EGO_TICK)
    rows["tick"] = np.arange(11)
    back = (10 - np.arange(11)) * 0.05 * v
    rows["x"], rows["y"] = x - back * math.cos(yaw), y - back * math.sin(yaw)
    rows["yaw"], rows["v"] = yaw, v
    agents = np.zeros(0 if other is None else 1, AGENT_TICK)
    if other is not None:
        rows["contact"][-1], rows["contact_with"][-1] = 1, 7
        agents["tick"], agents["id"] = 10, 7
        agents["x"], agents["y"], agents["yaw"], agents["v"] = other
        agents["length"], agents["width"] = 5.0, 2.0
    return made_of(start, two_lanes(), 0.05, rows, agents)


@pytest.mark.parametrize(
    ("ego", "other", "kind", "guilty"),
    [
        ((100, 0, 0, 0.0), (104.9, 0, 0, -2.0), Fault.STOPPED_EGO, False),
        ((100, 0, 0, 5.0), (104.9, 0, 0, 0.0), Fault.STOPPED_TRACK, True),
        ((100, 0, 0, 5.0), (95.1, 0, 0, 9.0), Fault.REAR, False),
        ((100, 0, 0, 9.0), (104.9, 0, 0, 5.0), Fault.FRONT, True),
        ((100, 0, 0, 9.0), (98.0, 1.9, 0, 9.0), Fault.LATERAL, False),
        ((100, 1.9, 0, 9.0), (98.0, 3.8, 0, 9.0), Fault.LATERAL, True),
        ((100, -1.9, 0, 9.0), (98.0, -3.8, 0, 9.0), Fault.LATERAL, True),
    ],
)
def test_fault_classes(start: Start, ego: tuple, other: tuple, kind: Fault, guilty: bool) -> None:
    found = episode(start, ego, other)
    assert [collision.fault for collision in gathered(found).collisions] == [kind]
    values = measured(found)
    assert (values["contact"], values["at_fault"]) == (1.0, float(guilty))
    assert values["no_at_fault_collision"] == float(not guilty)
    assert values["no_at_fault_collision_navsim"] == float(not guilty)


def test_no_contact_is_no_fault(start: Start) -> None:
    found = episode(start, (100, 0, 0, 8.0))
    values = measured(found)
    assert gathered(found).collisions == ()
    assert (values["contact"], values["at_fault"], values["goal_reached"]) == (0.0, 0.0, 0.0)
    assert values["progress_m"] == pytest.approx(4.0)
    assert values["mean_speed"] == pytest.approx(8.0)


def test_backwards_is_not_progress(start: Start) -> None:
    assert measured(episode(start, (100, 0, 0.4, -6.0)))["progress_m"] == pytest.approx(-3.0)
