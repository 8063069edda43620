"""What every head promises in a policy: a scenario's candidates are its own, to the last bit."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from drivestack.behavior.encoder import statistics_of
from drivestack.behavior.features import tokens_of
from drivestack.behavior.heads import HEADS
from drivestack.behavior.noise import bank
from drivestack.behavior.policy import Policy
from drivestack.behavior.tokens import Tokens, mirrored
from drivestack.behavior.torch_setup import torch
from drivestack.core.rows import take_rows
from drivestack.core.types import Floats
from drivestack.route import ROUTERS
from tests.behavior.elsewhere import FLIP, bend_here_and_there, mirror_of
from tests.contracts.situations import all_of_them
from tests.scenes import no_goal

EVERY = range(1, 97)
SOME = (1, 2, 3, 4, 5, 7, 8, 31, 32, 33, 64, 96)
"""Sizes of batches: all for the default head, some for the others, which share its layers."""


@cache
def tokens() -> Tokens:
    seen = all_of_them()
    goal = no_goal(len(seen.tick))
    return tokens_of(seen, ROUTERS["lanes"]().route(seen, goal), goal)


@cache
def policy(head: str) -> Policy:
    torch.manual_seed(3)
    made = Policy.of(head)
    made.encoder.normalise(statistics_of(tokens()))
    return made.eval()


def sampled(head: str, given: Tokens) -> Floats:
    own = policy(head)
    return own.candidates(given, bank(16, own.head.width))


@pytest.mark.parametrize("head", HEADS)
def test_candidates_do_not_depend_on_batch_order_or_place(head: str) -> None:
    draw = np.random.default_rng(0)
    alone = np.concatenate(
        [sampled(head, take_rows(tokens(), np.array([b]))) for b in range(len(tokens().ego))]
    )
    for size in EVERY if head == "flow" else SOME:
        rows = draw.integers(len(alone), size=size)
        found = sampled(head, take_rows(tokens(), rows))
        assert found.tobytes() == alone[rows].tobytes(), f"a batch of {size}"


@pytest.mark.parametrize("head", HEADS)
def test_candidates_depend_on_scene_and_noise(head: str) -> None:
    found = sampled(head, tokens())
    assert np.isfinite(found).all()
    assert np.ptp(found, axis=0).max() > 1e-3
    if head != "mse":
        assert np.ptp(found, axis=1).max() > 1e-3


@pytest.mark.parametrize("head", HEADS)
def test_a_moved_world_gives_the_same_candidates(head: str) -> None:
    found = []
    for seen in bend_here_and_there():
        route = ROUTERS["lanes"]().route(seen, no_goal(1))
        found.append(sampled(head, tokens_of(seen, route, no_goal(1))))
    np.testing.assert_allclose(found[0], found[1], atol=1e-3)


@pytest.mark.parametrize("head", HEADS)
def test_a_mirrored_world_gives_what_is_said_of_mirrored_tokens(head: str) -> None:
    seen = all_of_them()
    goal = no_goal(len(seen.tick))
    route = ROUTERS["lanes"]().route(seen, goal)
    turned = replace(route, line=route.line * FLIP[:3] + 0.0)
    other = tokens_of(mirror_of(seen), turned, goal)
    assert sampled(head, other).tobytes() == sampled(head, mirrored(tokens())).tobytes()


def test_the_order_of_road_users_hardly_matters_to_the_encoder() -> None:
    """Tokens come in one order; in another one sums round otherwise, and no more than that."""
    given = tokens()
    turned = np.random.default_rng(1).permutation(given.agents.shape[1])
    other = Tokens(
        given.ego, given.route, given.route_there, given.lanes, given.lanes_there,
        given.agents[:, turned].copy(), given.agents_there[:, turned].copy(),
    )  # fmt: skip
    np.testing.assert_allclose(sampled("flow", other), sampled("flow", given), atol=1e-4)


def test_what_is_not_there_does_not_matter_to_the_encoder() -> None:
    given = tokens()
    agents, lanes = given.agents.copy(), given.lanes.copy()
    agents[~given.agents_there] = 7.0
    lanes[~given.lanes_there] = -3.0
    route = given.route.copy()
    route[~given.route_there] = 5.0
    other = Tokens(
        given.ego, route, given.route_there, lanes, given.lanes_there, agents, given.agents_there
    )
    assert sampled("flow", other).tobytes() == sampled("flow", given).tobytes()
