"""Disturbed driving: pushes are bounded and slow, and leave alone who is to be left alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from drivestack.behavior.select import going_on
from drivestack.core.rng import stream
from drivestack.core.types import Floats
from drivestack.learn.planner.disturbing import Disturbed
from drivestack.motion import Actuation
from drivestack.motion.pid import Pid
from tests.scenes import observation, two_lanes

BATCH, SPEED = 200, 20.0


def pushes(speed: float = SPEED, share: float = 1.0, ticks: int = 400) -> Floats:
    """(T, B, 2) what is added to a controller's commands."""
    seen = observation([two_lanes()] * BATCH, [(50.0, 0.0, 0.0, speed)] * BATCH)
    inner = Pid(Actuation(0.05))
    disturbed = Disturbed(inner, stream("test"), share=share)
    state, plain = disturbed.start(BATCH), inner.start(BATCH)
    plan, nothing = going_on(seen, 40, np.full(BATCH, 0.1)), np.zeros((BATCH, 0, 2))
    found = []
    for tick in range(ticks):
        now = replace(seen, tick=np.full(BATCH, tick, np.int32))
        pushed, _ = disturbed.track(now, plan, nothing, state)
        own, _ = inner.track(now, plan, nothing, plain)
        found.append(pushed.control - own.control)
    return np.array(found)


def test_pushes_are_bounded_and_slow() -> None:
    found = pushes()
    assert np.abs(found[..., 0]).max() <= 1.0
    assert np.abs(found[..., 0]).max() > 0.5
    across = found[..., 1] * SPEED**2 / 5.0  # a steering angle is a curvature times the length
    assert np.abs(across).max() <= 0.8 + 1e-9
    assert np.abs(np.diff(found[..., 0], axis=0)).max() <= 1.0 * 2.0 * 0.05


def test_only_a_share_is_disturbed() -> None:
    moved = (np.abs(pushes(share=0.5, ticks=40)) > 0.0).any(axis=(0, 2))
    assert 0.38 < moved.mean() < 0.62  # three sigma of 200 draws
    assert not (np.abs(pushes(share=0.0, ticks=5)) > 0.0).any()


def test_a_standing_car_is_left_alone() -> None:
    assert not pushes(speed=0.0, ticks=10).any()


def test_pushes_go_both_ways() -> None:
    assert abs(pushes()[..., 0].mean()) < 0.05
