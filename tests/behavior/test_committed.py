"""What is committed: means of the plan in force, nothing where it is not what is driven."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drivestack.behavior.checkpoint import checkpoint_bytes
from drivestack.behavior.committed import Committing, committed_by, prefix_of
from drivestack.behavior.kept import Keeping
from drivestack.behavior.proposers.learned import Learned
from drivestack.behavior.proposers.together import Together
from drivestack.behavior.proposers.wide import EASY
from drivestack.core.types import Observation, Plan, PlanSource, Route
from drivestack.learn.planner.course import Course
from drivestack.learn.planner.training import Trainee, trained
from drivestack.route import ROUTERS
from drivestack.stack.planners import flow
from tests.learn.planner.made import made
from tests.scenes import no_goal, observation, two_lanes

ROAD = two_lanes(2000)


def braking(by: float, source: PlanSource = PlanSource.CANDIDATE) -> Plan:
    """A plan of now that brakes by so much [m/s2] from 15 m/s, straight on."""
    speed = 15.0 - by * 0.1 * np.arange(1, 41)
    x = 300.0 + np.cumsum(0.1 * (speed + 0.05 * by))
    states = np.stack([x, np.zeros(40), np.zeros(40), speed], axis=1)[None]
    controls = np.tile([-by, 0.0], (1, 40, 1))
    kind = np.array([source], np.int32)
    zero = np.zeros(1, np.int32)
    return Plan(states, controls, zero, kind, zero.copy(), np.full(1, 0.1))


def scene(accel: float) -> tuple[Observation, Route]:
    seen = observation([ROAD], [(300.0, 0.0, 0.0, 15.0)])
    seen = replace(seen, ego=replace(seen.ego, accel=np.full(1, accel)))
    return seen, ROUTERS["lanes"]().route(seen, no_goal(1))


@pytest.mark.parametrize(
    ("applied", "source", "time"),
    [
        (-2.0, PlanSource.CANDIDATE, 0.2),
        (-8.0, PlanSource.CANDIDATE, 0.0),  # the safety layer brakes for dear life
        (-2.0, PlanSource.FALLBACK, 0.0),  # nothing was planned
    ],
)
def test_a_plan_commits_who_drives_by_it(applied: float, source: PlanSource, time: float) -> None:
    seen, route = scene(applied)
    kept = Keeping().alone(seen, route, braking(2.0, source), 40)
    prefix = committed_by(seen, route, kept, 0.2)
    assert prefix.time[0] == pytest.approx(time)
    assert prefix.along[0] == pytest.approx(-2.0 if time else 0.0, abs=0.05)
    assert prefix.across[0] == pytest.approx(0.0, abs=1e-6)


def test_no_more_is_told_than_was_learned() -> None:
    seen, route = scene(-2.0)
    kept = Keeping().alone(seen, route, braking(2.0), 40)
    assert committed_by(seen, route, kept, 3.0).time[0] == pytest.approx(0.4)


def test_the_mean_of_a_ramp_is_in_its_middle() -> None:
    knots = np.zeros((1, 10, 2), np.float32)
    knots[0, :, 0] = np.arange(10)
    told = prefix_of(knots, np.array([0.4]))
    assert told.along[0] == pytest.approx(0.5)


def test_who_can_be_told_is_told() -> None:
    prefix = prefix_of(np.ones((1, 10, 2), np.float32), np.array([0.2]))
    both = Together((Learned(), EASY))
    assert isinstance(both, Committing)
    assert not isinstance(EASY, Committing)
    learned, rules = both.after(prefix).proposers
    assert isinstance(learned, Learned)
    assert learned.prefix is prefix
    assert rules is EASY


def test_the_policy_answers_to_what_is_committed(tmp_path: Path) -> None:
    found, course = made(100), Course(head="mse", steps=30, batch=32, noises=1, warm=2)
    trainee = trained(found, Trainee.begun(found, course), lambda _: None)
    path = tmp_path / "small.safetensors"
    path.write_bytes(checkpoint_bytes(trainee.averaged, {}))
    seen, route = scene(0.0)
    free = Learned(path).propose(seen, route, no_goal(1))
    braked = prefix_of(np.full((1, 10, 2), (-4.0, 0.0), np.float32), np.array([0.4]))
    bound = Learned(path).after(braked).propose(seen, route, no_goal(1))
    assert (bound.controls != free.controls).any()


def test_without_latency_nothing_is_committed() -> None:
    assert flow().committed == 0.0  # pyright: ignore[reportAttributeAccessIssue]
    assert flow(committed="0.2").committed == 0.2  # pyright: ignore[reportAttributeAccessIssue]
