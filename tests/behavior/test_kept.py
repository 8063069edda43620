"""The plan in force, gone on with: where it leads, when it is none, and by how much it is kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivestack.behavior.kept import Keeping
from drivestack.behavior.knots import unrolled
from drivestack.behavior.origin import Origin
from drivestack.behavior.proposers.pdm_lane import PdmLane
from drivestack.behavior.select import select
from drivestack.core.rows import take_rows
from drivestack.core.types import Candidates, Observation, Plan, PlanSource, Route, Scores
from drivestack.route import ROUTERS
from tests.contracts.situations import all_of_them, chain, rolled_out
from tests.scenes import bend, no_goal, observation, two_lanes

ROAD = two_lanes()


def routed(seen: Observation) -> Route:
    return ROUTERS["lanes"]().route(seen, no_goal(len(seen.tick)))


def proposed(seen: Observation) -> Candidates:
    return PdmLane().propose(seen, routed(seen), no_goal(len(seen.tick)))


def kept_by(seen: Observation, plan: Plan) -> Candidates:
    return Keeping().first(seen, routed(seen), plan, proposed(seen))


def planned() -> tuple[Plan, Candidates]:
    """A lane change to the left at 15 m/s."""
    found = proposed(observation([ROAD], [(100.0, 0.0, 0.0, 15.0)]))
    k = int(np.argmax(np.where(found.valid[0], found.states[0, :, -1, 1], -np.inf)))
    plan = Plan(
        found.states[:, k], found.controls[:, k], np.array([k], np.int32),
        np.array([PlanSource.CANDIDATE], np.int32), np.zeros(1, np.int32), found.dt,
    )  # fmt: skip
    assert plan.states[0, -1, 1] > 3.0
    return plan, found


def later(plan: Plan, steps: int) -> Observation:
    x, y, yaw, v = plan.states[0, steps - 1].tolist()
    steer = float(plan.controls[0, steps - 1, 1])
    return observation([ROAD], [(x, y, yaw, v)], tick=2 * steps, steer=steer)


@pytest.mark.parametrize("steps", [1, 5, 9])
def test_who_is_where_it_planned_to_be_goes_on_as_planned(steps: int) -> None:
    plan, _ = planned()
    seen = later(plan, steps)
    kept = kept_by(seen, plan)
    assert kept.source[0, 0] == Origin.KEPT
    assert kept.valid[0, 0]
    rest = plan.states[0, steps:]
    off = np.hypot(*(kept.states[0, 0, : len(rest), :2] - rest[:, :2]).T)
    assert off.max() < 0.35
    np.testing.assert_allclose(kept.states[0, 0, : len(rest) - 1, 3], rest[:-1, 3], atol=1e-9)


def test_a_wrong_speed_is_made_good_softly() -> None:
    plan, _ = planned()
    seen = later(plan, 5)
    slower = replace(seen, ego=replace(seen.ego, state=seen.ego.state - [0.0, 0.0, 0.0, 0.3]))
    right, late = kept_by(seen, plan), kept_by(slower, plan)
    # 0.3 m/s within a step of 0.1 s would be 3 m/s2; within half a second it is 0.6
    assert late.controls[0, 0, 0, 0] - right.controls[0, 0, 0, 0] == pytest.approx(0.6, abs=0.05)
    missing = right.states[0, 0, :, 3] - late.states[0, 0, :, 3]
    assert missing[-1] < 0.01 < missing[0] < 0.3


def test_a_plan_that_is_kept_for_long_goes_on_beside_the_route() -> None:
    """100 plans of a tenth of a second, kept from one to the next, through a whole bend."""
    x, y, yaw, v = 40.0, 0.5, 0.0, 8.0
    steer, plan = 0.0, None
    off = []
    for number in range(100):
        seen = observation([bend()], [(x, y, yaw, v)], tick=2 * number, steer=steer)
        found = proposed(seen)
        if plan is None:
            states, controls = unrolled(seen.ego, routed(seen), np.zeros((1, 1, 10, 2)))
        else:
            kept = Keeping().first(seen, routed(seen), plan, found)
            assert kept.valid[0, 0]
            states, controls = kept.states[:, :1], kept.controls[:, :1]
        plan = Plan(
            states[:, 0], controls[:, 0], np.zeros(1, np.int32),
            np.array([PlanSource.CANDIDATE], np.int32), seen.tick.copy(), found.dt,
        )  # fmt: skip
        x, y, yaw, v = states[0, 0, 0].tolist()
        steer = float(controls[0, 0, 0, 1])
        if x > 85.0 and y < 40.0:
            off.append(abs(float(np.hypot(x - 80.0, y - 40.0)) - 39.5))
    assert len(off) > 40
    assert max(off) < 2.0
    assert v == pytest.approx(8.0, abs=1e-6)


def test_past_its_end_it_goes_straight_on() -> None:
    plan, _ = planned()
    seen = later(plan, 10)
    chunk = kept_by(seen, plan).states[0, 0]
    assert chunk[-1, 1] == pytest.approx(plan.states[0, -1, 1], abs=0.5)
    assert chunk[-1, 3] == pytest.approx(plan.states[0, -1, 3], abs=1e-6)


def test_past_its_end_acceleration_fades() -> None:
    plan, _ = planned()
    states = plan.states.copy()
    states[0, :, 3] = 15.0 - 0.2 * np.arange(1, states.shape[1] + 1)  # 2 m/s2 to its end
    braking = replace(plan, states=states)
    accel = kept_by(later(braking, 6), braking).controls[0, 0, :, 0]
    assert accel[-8] == pytest.approx(-2.0, abs=0.01)
    np.testing.assert_allclose(np.diff(accel[-6:]), Keeping().fade * 0.1, atol=1e-6)


def test_it_is_driven_by_its_controls() -> None:
    plan, _ = planned()
    seen = observation([ROAD], [(101.0, 0.5, 0.1, 12.0)], tick=2)  # not where it planned to be
    kept = kept_by(seen, plan)
    own = rolled_out(seen.ego.state[0], 5.0, kept.controls[0, 0], 0.1)
    np.testing.assert_allclose(kept.states[0, 0][:, [0, 1, 3]], own[:, [0, 1, 3]], atol=1e-9)


@pytest.mark.parametrize(
    ("source", "tick", "there"),
    [
        (PlanSource.CANDIDATE, 2, True),
        (PlanSource.HELD, 2, True),
        (PlanSource.FALLBACK, 2, False),
        (PlanSource.CANDIDATE, 22, False),
    ],
)
def test_when_there_is_something_to_keep(source: PlanSource, tick: int, there: bool) -> None:
    plan, _ = planned()
    plan = replace(
        plan,
        source=np.array([source], np.int32),
        chosen=np.array([-1 if source != PlanSource.CANDIDATE else 0], np.int32),
    )
    seen = observation([ROAD], [(101.0, 0.0, 0.0, 15.0)], tick=tick)
    others = proposed(seen)
    kept = Keeping().first(seen, routed(seen), plan, others)
    assert kept.valid[0, 0] == there
    np.testing.assert_array_equal(kept.states[:, 1:], others.states)


def test_a_plan_of_another_length_is_none() -> None:
    plan, others = planned()
    short = replace(plan, states=plan.states[:, :20].copy(), controls=plan.controls[:, :20].copy())
    seen = observation([ROAD], [(101.0, 0.0, 0.0, 15.0)], tick=2)
    assert not Keeping().first(seen, routed(seen), short, others).valid[0, 0]


@pytest.mark.parametrize(("better", "chosen"), [(0.0, 0), (0.009, 0), (0.011, 2)])
def test_another_has_to_be_better_by_a_margin(better: float, chosen: int) -> None:
    plan, others = planned()
    seen = observation([ROAD], [(101.0, 0.0, 0.0, 15.0)], tick=2)
    kept = Keeping().first(seen, routed(seen), plan, others)
    total = np.zeros(kept.valid.shape)
    total[0, 0], total[0, 2] = 0.5, 0.5 + better
    valid = np.ones(kept.valid.shape, np.bool_)
    scores = Scores(np.zeros((*total.shape, 1)), ("none",), total)
    found = select(seen, replace(kept, valid=valid), scores, margin=0.01)
    assert found.chosen[0] == chosen


def test_a_row_does_not_depend_on_its_batch() -> None:
    given = chain(all_of_them(), proposer="pdm_lane")
    seen = all_of_them(tick=2)
    whole = Keeping().first(seen, given.route, given.plan, given.candidates)
    for b in range(len(seen.tick)):
        row = np.array([b])
        alone = Keeping().first(
            take_rows(seen, row),
            take_rows(given.route, row),
            take_rows(given.plan, row),
            take_rows(given.candidates, row),
        )
        assert alone.states.tobytes() == whole.states[row].tobytes()
        assert alone.valid.tobytes() == whole.valid[row].tobytes()
