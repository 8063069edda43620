"""Manoeuvres with ease: what they ask for, and that one of them is abrupt."""

from __future__ import annotations

import numpy as np

from drivestack.behavior.proposers.lane_courses import LINES
from drivestack.behavior.proposers.lane_manners import MANNERS
from drivestack.behavior.proposers.pdm_lane import PdmLane
from drivestack.behavior.proposers.wide import EASY, wide
from drivestack.core.types import Candidates
from drivestack.route.lane_router import LaneRouter
from tests.scenes import no_goal, observation, two_lanes

ABRUPT = range(MANNERS - 1, LINES * MANNERS, MANNERS)
"""The last manner along each line."""


def proposed(proposer: PdmLane) -> Candidates:
    """Behind somebody slower; the ego rolls, neither braking nor steering."""
    seen = observation([two_lanes(2000)], [(300, 0, 0, 15.0)], [np.array([[340.0, 0, 0, 6.0]])])
    goal = no_goal(1)
    return proposer.propose(seen, LaneRouter().route(seen, goal), goal)


def test_all_begin_with_ease_but_those_that_brake_for_dear_life() -> None:
    chunk = proposed(EASY)
    accel = chunk.controls[0, :, :, 0]
    gentle = np.setdiff1d(np.flatnonzero(chunk.valid[0]), ABRUPT)
    steps = np.diff(accel, axis=1, prepend=0.0)[gentle, :20] / EASY.dt
    assert len(gentle) > 8
    assert (np.abs(steps) <= EASY.jerk + 1e-9).all()
    assert (accel[gentle, :20] >= -EASY.max_decel - 1e-9).all()
    abrupt = [k for k in ABRUPT if chunk.valid[0, k]]
    assert abrupt
    np.testing.assert_allclose(accel[abrupt, 0], -EASY.brakings[1])


def test_without_ease_they_begin_at_once() -> None:
    chunk = proposed(PdmLane())
    first = chunk.controls[0, chunk.valid[0], 0, 0]
    assert (np.abs(first) / EASY.dt > EASY.jerk).any()


def test_what_is_tried_out_is_wide() -> None:
    seen = observation([two_lanes(2000)], [(300, 0, 0, 15.0)])
    goal = no_goal(1)
    assert wide().propose(seen, LaneRouter().route(seen, goal), goal).valid.shape == (1, 128)
