"""Compiled networks say what torch's say, on real scenes, and each scenario its own to the bit."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from drivestack.behavior.appraiser import Appraiser
from drivestack.behavior.checkpoint import (
    appraiser_of,
    foreteller_of,
    policy_of,
    sampler_of,
    scorer_bytes,
)
from drivestack.behavior.checkpoint import shipped as checkpoint
from drivestack.behavior.described import OUTCOMES, WIDTH
from drivestack.behavior.encoder import statistics_of
from drivestack.behavior.features import tokens_of
from drivestack.behavior.forward import CompiledFlow, CompiledScorer
from drivestack.behavior.forward.panels import PANEL, in_panels
from drivestack.behavior.forward.shapes import fits
from drivestack.behavior.forward.weights import PERIODS, waves
from drivestack.behavior.heads import modulated
from drivestack.behavior.noise import bank
from drivestack.behavior.sizes import Shape, Sizes
from drivestack.behavior.tokens import Tokens, mirrored
from drivestack.behavior.torch_setup import torch
from drivestack.core.rows import take_rows
from drivestack.core.types import Bools, Floats
from drivestack.route import ROUTERS
from tests.behavior.elsewhere import FLIP, bend_here_and_there, mirror_of
from tests.contracts.situations import all_of_them
from tests.scenes import no_goal

NEAR = 1e-4
"""Of torch's numbers: knots [m/s2], and chances."""

WILD = 100.0
"""No knot is so large [m/s2]."""

COUNT = 7


@cache
def tokens() -> Tokens:
    seen = all_of_them()
    goal = no_goal(len(seen.tick))
    return tokens_of(seen, ROUTERS["lanes"]().route(seen, goal), goal)


def flow() -> CompiledFlow:
    found = sampler_of(checkpoint("flow"))
    assert isinstance(found, CompiledFlow)
    return found


@cache
def written() -> Path:
    """A scoring model of weights as they are drawn, told of these scenes' tokens."""
    torch.manual_seed(5)
    made = Appraiser(Shape())
    made.encoder.normalise(statistics_of(tokens()))
    made.scale.fill_(0.5)
    made.slope.copy_(torch.linspace(2.0, 4.0, len(OUTCOMES)))
    path = Path(tempfile.mkdtemp()) / "scorer.safetensors"
    path.write_bytes(scorer_bytes(made, {}))
    return path


def scorer() -> CompiledScorer:
    found = foreteller_of(written())
    assert isinstance(found, CompiledScorer)
    return found


@cache
def told() -> tuple[np.ndarray, Bools]:
    """Candidates, some of which are not valid."""
    draw = np.random.default_rng(4)
    scenarios = len(tokens().ego)
    chunks = draw.normal(0.0, 2.0, (scenarios, COUNT, WIDTH)).astype(np.float32)
    return chunks, draw.random((scenarios, COUNT)) < 0.7


def sampled(given: Tokens) -> Floats:
    return flow().candidates(given, bank(16, flow().width))


def test_candidates_are_those_of_torch() -> None:
    expected = policy_of(checkpoint("flow")).candidates(tokens(), bank(16, 20))
    # a scene that is like none in training may be answered with nonsense; then digits are lost
    sane = np.abs(expected).max(axis=(1, 2, 3)) < WILD
    assert sane.mean() >= 0.8
    assert np.ptp(expected[sane]) > 1.0
    np.testing.assert_allclose(sampled(tokens())[sane], expected[sane], rtol=0.0, atol=NEAR)


def test_chances_are_those_of_torch() -> None:
    expected = appraiser_of(written()).foretold(tokens(), *told())
    found = scorer().foretold(tokens(), *told())
    assert np.ptp(expected) > 0.3
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=NEAR)
    assert not found[~told()[1]].any()


def test_no_number_depends_on_batch_order_or_place() -> None:
    draw, (chunks, valid) = np.random.default_rng(0), told()
    each = [np.array([b]) for b in range(len(valid))]
    alone = np.concatenate([sampled(take_rows(tokens(), b)) for b in each])
    chance = np.concatenate(
        [scorer().foretold(take_rows(tokens(), b), chunks[b], valid[b]) for b in each]
    )
    for size in range(1, 97):
        rows = draw.integers(len(alone), size=size)
        given = take_rows(tokens(), rows)
        assert sampled(given).tobytes() == alone[rows].tobytes(), f"a batch of {size}"
        found = scorer().foretold(given, chunks[rows], valid[rows])
        assert found.tobytes() == chance[rows].tobytes(), f"a batch of {size}"


def test_no_candidate_depends_on_the_others() -> None:
    chunks, _ = told()
    every = np.ones(chunks.shape[:2], np.bool_)
    found = scorer().foretold(tokens(), chunks, every)
    for count in range(1, COUNT):
        first = scorer().foretold(tokens(), chunks[:, :count].copy(), every[:, :count].copy())
        assert first.tobytes() == found[:, :count].tobytes()
    few = flow().candidates(tokens(), bank(16, flow().width)[:5].copy())
    assert few.tobytes() == sampled(tokens())[:, :5].tobytes()


def test_a_scenario_beyond_all_numbers_harms_no_other_one() -> None:
    ego = tokens().ego.copy()
    ego[0, 0] = 3e38
    found = sampled(replace(tokens(), ego=ego))
    assert not np.isfinite(found[0]).all()
    assert found[1:].tobytes() == sampled(tokens())[1:].tobytes()


def test_a_moved_world_gives_the_same_candidates() -> None:
    found = []
    for seen in bend_here_and_there():
        route = ROUTERS["lanes"]().route(seen, no_goal(1))
        found.append(sampled(tokens_of(seen, route, no_goal(1))))
    np.testing.assert_allclose(found[0], found[1], atol=1e-3)


def test_a_mirrored_world_gives_what_is_said_of_mirrored_tokens() -> None:
    seen = all_of_them()
    goal = no_goal(len(seen.tick))
    route = ROUTERS["lanes"]().route(seen, goal)
    turned = replace(route, line=route.line * FLIP[:3] + 0.0)
    other = tokens_of(mirror_of(seen), turned, goal)
    assert sampled(other).tobytes() == sampled(mirrored(tokens())).tobytes()


def test_the_order_of_road_users_hardly_matters() -> None:
    given = tokens()
    order = np.random.default_rng(1).permutation(given.agents.shape[1])
    agents, there = given.agents[:, order].copy(), given.agents_there[:, order].copy()
    other = replace(given, agents=agents, agents_there=there)
    np.testing.assert_allclose(sampled(other), sampled(given), atol=NEAR)


def test_what_is_not_there_does_not_matter() -> None:
    given = tokens()
    agents, lanes, route = given.agents.copy(), given.lanes.copy(), given.route.copy()
    agents[~given.agents_there], lanes[~given.lanes_there] = 7.0, -3.0
    route[~given.route_there] = 5.0
    other = replace(given, agents=agents, lanes=lanes, route=route)
    assert sampled(other).tobytes() == sampled(given).tobytes()


def test_panels_hold_a_weight() -> None:
    weight = np.random.default_rng(2).normal(size=(5, 40)).astype(np.float32)
    panels = in_panels(weight)
    assert panels.shape == (2, 5, PANEL)
    np.testing.assert_array_equal(np.concatenate(list(panels), axis=1)[:, :40], weight)
    assert not panels[1, :, 8:].any()


def test_times_are_told_as_torch_tells_them() -> None:
    assert PERIODS == modulated.PERIODS
    found = waves(np.array([0.0, 0.125]), 32)
    np.testing.assert_array_equal(found[0], np.repeat([0.0, 1.0], 32))
    assert found[1, 31] == pytest.approx(np.sin(0.125 * 2.0 * np.pi / 4.0))


def test_what_is_no_whole_panel_is_left_to_torch() -> None:
    sizes = Sizes(condition=128, chunk=20)
    assert fits(Shape(), sizes)
    assert not fits(Shape(tokens=48), sizes)
    assert not fits(Shape(width=64), sizes)
    assert not fits(Shape(), replace(sizes, hidden=100))


def test_the_default_stack_loads_no_torch() -> None:
    code = (
        "import sys; from pathlib import Path; from drivestack.behavior.checkpoint import *; "
        f"sampler_of(shipped('flow')); foreteller_of(Path('{written()}')); "
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
