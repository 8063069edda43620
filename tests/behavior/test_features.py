"""Tokens: known answers, and what must not matter - place, side, order, company."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import numpy as np
import pytest

from drivestack.behavior.features import tokens_of
from drivestack.behavior.stop_lines import STOP_LINE_ID
from drivestack.behavior.tokens import (
    AGENTS,
    REACH,
    Agent,
    Ego,
    Piece,
    Point,
    Prefix,
    Tokens,
    mirrored,
    untold,
    with_prefix,
)
from drivestack.core.rows import take_rows
from drivestack.core.tables import Kind
from drivestack.core.types import Goal, Observation, Route
from drivestack.route import ROUTERS
from tests.behavior.elsewhere import FLIP, bend_here_and_there, mirror_of
from tests.contracts.situations import SITUATIONS, all_of_them, each_alone, straight_on
from tests.scenes import goal_on, no_goal, observation, two_lanes


def told(seen: Observation, goal: Goal | None = None) -> Tokens:
    goal = goal or no_goal(len(seen.tick))
    return tokens_of(seen, ROUTERS["lanes"]().route(seen, goal), goal)


def one(ego: tuple[float, ...], *tracks: tuple[float, ...]) -> Observation:
    return observation([two_lanes()], [ego], [np.array(tracks).reshape(-1, 4)])


def assert_equal(a: Tokens, b: Tokens, atol: float = 0.0) -> None:
    for field in fields(Tokens):
        np.testing.assert_allclose(
            getattr(a, field.name).astype(float), getattr(b, field.name).astype(float),
            atol=atol, rtol=atol, err_msg=field.name,
        )  # fmt: skip


def test_the_ego_and_its_route() -> None:
    found = told(one((100.0, 0.5, 0.1, 12.0)))
    ego = found.ego[0]
    assert ego[Ego.SPEED] == 12.0
    assert ego[Ego.KNOWN] == 1.0
    assert ego[Ego.ROUTED] == 1.0
    assert ego[Ego.LANE_ASIDE] == 0.5
    assert ego[Ego.LANE_LEFT] == 1.0
    assert ego[Ego.LANE_RIGHT] == 0.0
    assert ego[Ego.ALONG_SIN] == pytest.approx(math.sin(0.1), abs=1e-6)
    points = found.route[0]
    assert found.route_there.all()
    np.testing.assert_array_equal(points[:, Point.AHEAD], REACH)
    ahead = np.array(REACH)
    np.testing.assert_allclose(
        points[:, Point.X], ahead * math.cos(0.1) - 0.5 * math.sin(0.1), atol=1e-4
    )
    assert (points[:, Point.LIMIT] == 20.0).all()


def test_a_lane_change_that_the_route_needs() -> None:
    seen = one((500.0, 0.0, 0.0, 20.0))
    ego = told(seen, goal_on([0])).ego[0]
    assert ego[Ego.SIDE] == 1.0
    assert ego[Ego.URGENCY] > 0.0
    assert ego[Ego.NEED_HERE] > ego[Ego.NEED_LEFT]


def test_the_goal_is_so_far_ahead() -> None:
    goal = replace(goal_on([1]), position=np.array([[150.0, 0.0]]))
    ego = told(one((100.0, 0.0, 0.0, 5.0)), goal).ego[0]
    assert ego[Ego.GOAL] == 1.0
    assert ego[Ego.GOAL_AHEAD] == pytest.approx(50.0, abs=1e-3)


def test_a_car_ahead() -> None:
    agent = told(one((100.0, 0.0, 0.0, 12.0), (130.0, 0.0, 0.0, 7.0))).agents[0, 0]
    assert agent[Agent.X] == 30.0
    assert agent[Agent.VX] == -5.0
    assert agent[Agent.GAP] == 25.0
    assert agent[Agent.NEAREST_TIME] == 5.0
    assert agent[Agent.NEAREST] == pytest.approx(5.0)


def test_only_the_nearest_are_told() -> None:
    crowd = [(100.0 + 7.0 * i, 4.0, 0.0, 5.0) for i in range(1, 40)]
    found = told(one((100.0, 0.0, 0.0, 12.0), *crowd))
    assert found.agents_there.all()
    assert found.agents[0, :, Agent.X].max() == 7.0 * AGENTS


def test_a_stop_line_is_one() -> None:
    seen = one((100.0, 0.0, 0.0, 12.0), (130.0, 0.0, 0.0, 0.0))
    tracks = replace(
        seen.tracks,
        id=np.full((1, 1), STOP_LINE_ID, np.int32),
        kind=np.full((1, 1), Kind.UNKNOWN, np.int32),
    )
    assert told(replace(seen, tracks=tracks)).agents[0, 0, Agent.LINE] == 1.0
    assert told(seen).agents[0, 0, Agent.LINE] == 0.0


def test_pieces_of_the_present_lane_come_first() -> None:
    found = told(one((100.0, 0.0, 0.0, 12.0)))
    nearest = found.lanes[0, 0]
    assert nearest[Piece.HERE] == 1.0
    assert nearest[Piece.X1] < 5.0
    assert found.lanes_there[0].sum() == 14
    assert set(found.lanes[0, :14, Piece.Y0].tolist()) == {0.0, 4.0}


def test_the_order_of_road_users_does_not_matter() -> None:
    seen = all_of_them()
    turned = np.random.default_rng(0).permutation(seen.tracks.size.shape[1])
    arrays = {f.name: getattr(seen.tracks, f.name)[:, turned] for f in fields(seen.tracks)}
    other = replace(seen, tracks=replace(seen.tracks, **arrays))
    assert_equal(told(other), told(seen))


def test_a_row_does_not_depend_on_its_batch() -> None:
    together = told(all_of_them(), straight_on(all_of_them()))
    for b, seen in enumerate(each_alone()):
        alone = told(seen, straight_on(seen))
        for field in fields(Tokens):
            whole = getattr(take_rows(together, np.array([b])), field.name)
            assert whole.tobytes() == getattr(alone, field.name).tobytes(), list(SITUATIONS)[b]


def test_the_mirrored_world_gives_mirrored_tokens() -> None:
    seen = all_of_them()
    other = mirror_of(seen)
    route = ROUTERS["lanes"]().route(seen, no_goal(len(seen.tick)))
    turned = replace(route, line=route.line * FLIP[:3] + 0.0)
    found = tokens_of(other, turned, no_goal(len(seen.tick)))
    assert_equal(found, mirrored(tokens_of(seen, route, no_goal(len(seen.tick)))))


def test_a_mirror_image_of_a_mirror_image() -> None:
    found = told(all_of_them())
    assert_equal(mirrored(mirrored(found)), found)
    assert np.abs(mirrored(found).ego - found.ego).max() > 0.0


def test_a_moved_world_gives_the_same_tokens() -> None:
    here, there = bend_here_and_there()
    found: list[tuple[Observation, Route]] = [
        (seen, ROUTERS["lanes"]().route(seen, no_goal(1))) for seen in (here, there)
    ]
    tokens = [tokens_of(seen, route, no_goal(1)) for seen, route in found]
    assert_equal(tokens[0], tokens[1], atol=2e-5)


def test_a_prefix_is_told_where_there_is_one() -> None:
    found = told(all_of_them())
    batch = len(found.ego)
    time = np.where(np.arange(batch) % 2 == 0, 0.2, 0.0).astype(np.float32)
    ones = np.ones(batch, np.float32)
    ego = with_prefix(found, Prefix(time, ones, 2 * ones)).ego
    assert ego[0, [Ego.PREFIX, Ego.PREFIX_ALONG, Ego.PREFIX_ACROSS]].tolist() == [1.0, 1.0, 2.0]
    assert ego[1, [Ego.PREFIX, Ego.PREFIX_ALONG, Ego.PREFIX_ACROSS]].tolist() == [0.0, 0.0, 0.0]


def test_what_the_ego_did_last_can_be_left_out_but_not_its_speed() -> None:
    seen = observation([two_lanes()], [(100.0, 0.0, 0.0, 12.0)], steer=0.1)
    ego = untold(told(seen), np.array([True])).ego[0]
    assert ego[[Ego.ACCEL, Ego.STEER, Ego.KNOWN]].tolist() == [0.0, 0.0, 0.0]
    assert ego[Ego.SPEED] == 12.0
