"""What every stage of a stack promises: checked records, rows on their own, no hidden state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from drivestack.behavior import PROPOSERS, SCORERS
from drivestack.core.map import Map
from drivestack.core.rows import put_rows, take_rows
from drivestack.core.types import (
    Aim,
    Candidates,
    Floats,
    Observation,
    Route,
    Scores,
    State,
    Status,
    Tracking,
    Verdict,
)
from drivestack.motion import CONTROLLERS, Actuation
from drivestack.route import ROUTERS
from drivestack.safety import CHECKS, GUARDS, MONITORS
from tests.contracts.situations import (
    PERIOD,
    SITUATIONS,
    all_of_them,
    assert_same,
    chain,
    each_alone,
    rolled_out,
    straight_on,
)
from tests.safety.alone import alone
from tests.scenes import goal_on, no_goal

Stage = Callable[[Observation], Any]

EVERY_CHECK = GUARDS | CHECKS | MONITORS


def routed(name: str) -> Stage:
    router = ROUTERS[name]()
    return lambda seen: router.route(seen, no_goal(len(seen.tick)))


def proposed(name: str) -> Stage:
    proposer = PROPOSERS[name]()
    return lambda seen: proposer.propose(seen, chain(seen).route, straight_on(seen))


def scored(name: str) -> Stage:
    scorer = SCORERS[name]()
    return lambda seen: scorer.score(seen, chain(seen).route, chain(seen).candidates)


def none_under_way(seen: Observation) -> Floats:
    return np.zeros((len(seen.tick), 0, 2))


def tracked(name: str) -> Stage:
    controller = CONTROLLERS[name](Actuation(PERIOD))
    return lambda seen: controller.track(
        seen, chain(seen).plan, none_under_way(seen), controller.start(len(seen.tick))
    )[0]


def verdict(name: str, control: tuple[float, float] = (1.0, 0.1)) -> Stage:
    check = EVERY_CHECK[name](PERIOD)

    def said(seen: Observation) -> Verdict:
        batch = len(seen.tick)
        asked = np.tile(control, (batch, 1))
        return alone(check, seen, chain(seen).plan, asked)[0]

    return said


STAGES = {
    **{f"router {name}": (routed, name) for name in ROUTERS},
    **{f"proposer {name}": (proposed, name) for name in PROPOSERS},
    **{f"scorer {name}": (scored, name) for name in SCORERS},
    **{f"controller {name}": (tracked, name) for name in CONTROLLERS},
    **{f"check {name}": (verdict, name) for name in EVERY_CHECK},
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_row_does_not_depend_on_its_batch(stage: str) -> None:
    make, name = STAGES[stage]
    act = make(name)
    together = act(all_of_them())
    for b, (seen, situation) in enumerate(zip(each_alone(), SITUATIONS, strict=True)):
        assert_same(take_rows(together, np.array([b])), act(seen), situation)


@pytest.mark.parametrize("stage", STAGES)
def test_there_is_no_hidden_state(stage: str) -> None:
    make, name = STAGES[stage]
    act, other = make(name), each_alone()[2]
    first = act(all_of_them())
    act(other)
    assert_same(act(all_of_them()), first)
    assert_same(make(name)(all_of_them()), first)


@pytest.mark.parametrize("name", ROUTERS)
def test_routes_are_lines_on_lanes(name: str) -> None:
    seen = all_of_them()
    for goal in (no_goal(len(SITUATIONS)), goal_on([0] * len(SITUATIONS))):
        route = ROUTERS[name]().route(seen, goal)
        assert isinstance(route, Route)
        for b, situation in enumerate(SITUATIONS):
            map = seen.maps[seen.map_index[b]]
            lanes, rows = route.lanes[b][route.lane_valid[b]], int(route.valid[b].sum())
            assert route.valid[b, :rows].all(), f"{situation}: the line has holes"
            assert route.lane_valid[b, : len(lanes)].all(), f"{situation}: the lanes have holes"
            assert ((lanes >= 0) & (lanes < len(map.lanes))).all(), situation
            assert (route.speed_limit[b, :rows] > 0.0).all(), situation
            pieces = np.hypot(*np.diff(route.line[b, :rows, :2], axis=0).T)
            assert (pieces > 0.0).all(), situation
            assert (pieces <= route.spacing[b] + 1e-9).all(), situation
            assert (route.aim[b] == Aim.NO_GOAL) == (not goal.valid[b]), situation
            if goal.valid[b] and situation == "behind a slow car":
                assert goal.lane[b] in lanes
                assert route.aim[b] == Aim.GOAL
            assert_in_corridor(route, map, b, situation)


def assert_in_corridor(route: Route, map: Map, b: int, situation: str) -> None:
    """The corridor lists the route's lanes, and where a stretch of it is to be left it says so."""
    found = take_rows(route.corridor, np.array([b]))
    count = int(found.valid.sum())
    assert found.valid[0, :count].all(), f"{situation}: the corridor has holes"
    lane, start, by = (a[0, :count] for a in (found.lane, found.start, found.leave_by))
    assert set(route.lanes[b][route.lane_valid[b]].tolist()) <= set(lane.tolist()), situation
    assert ((start >= 0.0) & (start < by) & (by <= map.lanes["length"][lane])).all(), situation
    assert len(set(zip(lane.tolist(), start.tolist(), strict=True))) == count, situation
    goes_on = found.through[0, :count]
    assert (found.leave_for[0, :count][goes_on] == lane[goes_on]).all(), situation
    changes = route.change[b][route.lane_valid[b]]
    assert not route.change[b][~route.lane_valid[b]].any(), situation
    assert len(changes) == 0 or not changes[-1], f"{situation}: there is no lane to change to"


@pytest.mark.parametrize("name", PROPOSERS)
def test_chunks_are_driven_by_their_controls(name: str) -> None:
    seen = all_of_them()
    found = chain(seen, proposer=name).candidates
    assert isinstance(found, Candidates)
    assert found.valid.shape[1] >= 1
    assert (found.dt > 0.0).all()
    assert found.valid[0].any(), "nothing is proposed on an open road"
    for b, k in np.argwhere(found.valid):
        states = rolled_out(
            seen.ego.state[b], seen.ego.size[b, 0], found.controls[b, k], found.dt[b]
        )
        turn = np.abs(np.sin((states[:, State.YAW] - found.states[b, k, :, State.YAW]) / 2.0))
        np.testing.assert_allclose(
            found.states[b, k][:, [0, 1, 3]], states[:, [0, 1, 3]], atol=1e-6
        )
        assert turn.max() < 1e-6


def three(found: Candidates) -> Candidates:
    """Each first candidate, the same braking, and the same but invalid."""
    states, controls = (np.repeat(a[:, :1], 3, axis=1) for a in (found.states, found.controls))
    states[:, 1, :, 3] *= np.linspace(1.0, 0.0, states.shape[2])
    states[:, 1, :, 0] -= np.linspace(0.0, 20.0, states.shape[2])
    valid = np.repeat(found.valid[:, :1], 3, axis=1)
    valid[:, 2] = False
    return Candidates(states, controls, np.zeros(valid.shape, np.int32), valid, found.dt)


@pytest.mark.parametrize("name", SCORERS)
def test_scores_belong_to_their_candidates(name: str) -> None:
    given = chain(all_of_them())
    candidates = three(given.candidates)
    scorer = SCORERS[name]()
    found = scorer.score(given.seen, given.route, candidates)
    assert isinstance(found, Scores)
    assert found.total.shape == candidates.valid.shape
    assert len(set(found.names)) == len(found.names)
    turned = take_candidates(candidates, [2, 0, 1])
    shifted = scorer.score(given.seen, given.route, turned)
    np.testing.assert_array_equal(shifted.total, found.total[:, [2, 0, 1]])
    wild = candidates.states.copy()
    wild[:, 2, :, :2] += 1000.0
    other = scorer.score(given.seen, given.route, replace(candidates, states=wild))
    np.testing.assert_array_equal(other.total[:, :2], found.total[:, :2])


def take_candidates(given: Candidates, order: list[int]) -> Candidates:
    return replace(
        given,
        states=given.states[:, order],
        controls=given.controls[:, order],
        source=given.source[:, order],
        valid=given.valid[:, order],
    )


@pytest.mark.parametrize("name", CONTROLLERS)
def test_controllers_answer_every_plan(name: str) -> None:
    given = chain(all_of_them())
    found = tracked(name)(given.seen)
    assert isinstance(found, Tracking)
    assert found.control.shape == (len(SITUATIONS), 2)
    np.testing.assert_array_equal(found.predicted[:, 0], given.seen.ego.state)
    assert set(found.status.tolist()) <= set(Status)
    assert (found.residual >= 0.0).all()


@pytest.mark.parametrize("name", CONTROLLERS)
def test_controllers_remember_in_rows(name: str) -> None:
    """A row's state can be taken, repeated and started afresh."""
    controller = CONTROLLERS[name](Actuation(PERIOD))
    batch = len(SITUATIONS)
    plan, state = chain(all_of_them()).plan, controller.start(batch)
    none = none_under_way(all_of_them())
    for tick in range(3):
        _, state = controller.track(all_of_them(tick), plan, none, state)
    rows = np.array([1, 0, 1])
    again, _ = controller.track(
        take_rows(all_of_them(3), rows), take_rows(plan, rows), none[rows], take_rows(state, rows)
    )
    whole, _ = controller.track(all_of_them(3), plan, none, state)
    assert_same(again, take_rows(whole, rows))
    fresh = put_rows(state, np.arange(batch), controller.start(batch))
    assert_same(
        controller.track(all_of_them(), plan, none, fresh)[0],
        controller.track(all_of_them(), plan, none, controller.start(batch))[0],
    )


@pytest.mark.parametrize("control", [(1.0, 0.1), (50.0, -3.0), (np.nan, 0.0), (0.0, np.inf)])
@pytest.mark.parametrize("name", EVERY_CHECK)
def test_checks_bound_any_control(name: str, control: tuple[float, float]) -> None:
    found = verdict(name, control)(all_of_them())
    assert isinstance(found, Verdict)
    assert len(set(found.names)) == len(found.names) >= 1
    assert (found.low <= found.high).all()
    if np.isfinite(control).all():
        np.testing.assert_array_equal(found.failed, found.value > found.limit)


@pytest.mark.parametrize("control", [(np.nan, 0.0), (0.0, np.inf)])
def test_some_check_fails_a_control_that_is_not_finite(control: tuple[float, float]) -> None:
    said = [verdict(name, control)(all_of_them()) for name in EVERY_CHECK]
    assert np.any([found.failed.any(axis=1) for found in said], axis=0).all()
