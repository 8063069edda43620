"""Reliability of foretold chances: of numbers by hand, and of runs whose end is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.sim.interventions.evaluate import evaluate
from drivestack.sim.interventions.foretold import EDGES, reliability, reliability_in
from drivestack.sim.suite import run
from tests.safety.networks import checkpoint, saying
from tests.sim.interventions.suite import write_suite

ROAD = (
    "map: {kind: lanes, lanes: [{kind: straight, from: a, to: b, start: [0, 0], end: [600, 0], "
    "speed_limit: 30}]}"
)


def test_of_four_decisions() -> None:
    chance, came = np.array([0.0005, 0.2, 0.2, 0.5]), np.array([False, False, True, True])
    found = reliability(np.array([3, 3, 7, 7]), chance, came, left_out=5)
    assert (found.decisions, found.episodes, found.unsafe, found.left_out) == (4, 2, 2, 5)
    assert found.brier.value == pytest.approx((0.0005**2 + 0.04 + 0.64 + 0.25) / 4)
    assert found.brier_of_rate == 0.25
    assert found.ece == pytest.approx((0.0005 + 0.6 + 0.5) / 4)
    filled = [one for one in found.bins if one.decisions]
    assert [(one.least, one.most) for one in filled] == [(0.0, 0.001), (0.1, 0.3), (0.3, 1.0)]
    assert [one.decisions for one in filled] == [1, 2, 1]
    assert [one.episodes for one in filled] == [1, 2, 1]
    assert [one.foretold for one in filled] == pytest.approx([0.0005, 0.2, 0.5])
    assert [one.seen.value for one in filled] == [0.0, 0.5, 1.0]
    # drawn again, both episodes of the second bin may be the first, or the second one
    assert (filled[1].seen.low, filled[1].seen.high) == (0.0, 1.0)


def test_a_chance_on_an_edge_is_in_the_bin_above_and_1_in_the_last() -> None:
    edges = np.array(EDGES)
    found = reliability(np.arange(len(edges)), edges, np.zeros(len(edges), np.bool_))
    assert [one.decisions for one in found.bins] == [1, 1, 1, 1, 1, 1, 2]
    assert found.bins[0].foretold == 0.0


def test_chances_that_come_true_as_often_as_foretold_have_no_error() -> None:
    came = np.arange(100) % 5 == 0
    found = reliability(np.arange(100), np.full(100, 0.2), came)
    assert found.ece == pytest.approx(0.0)
    assert found.brier.value == pytest.approx(found.brier_of_rate)


def test_on_the_run_without_the_layer(tmp_path: Path) -> None:
    """One chance for all: only who is about to hit something within 3 s is unsafe."""
    network = checkpoint(tmp_path, saying(-2.0))
    found = evaluate(
        write_suite(tmp_path), out=tmp_path / "out", stack="constant", checks=(),
        bind=("time_to_collision",), critic=str(network),
    ).reliability  # fmt: skip
    assert found is not None
    # contacts at ticks 104 and 14: 60 and 14 decisions no more than 3 s before; three episodes of
    # 9 s have none, and the last 60 of 180 decisions do not tell
    assert (found.unsafe, found.left_out) == (60 + 14, 3 * 60)
    assert (found.decisions, found.episodes) == (104 + 14 + 3 * 120, 5)
    chance, share = 1.0 / (1.0 + np.exp(2.0)), found.unsafe / found.decisions
    assert found.ece == pytest.approx(abs(chance - share), abs=1e-6)
    known = share * (1.0 - chance) ** 2 + (1.0 - share) * chance**2
    assert found.brier.value == pytest.approx(known, abs=1e-6)
    assert found.brier.low is not None
    assert found.brier.low < known
    (filled,) = (one for one in found.bins if one.decisions)
    assert (filled.least, filled.most) == (0.1, 0.3)
    assert filled.seen.value == pytest.approx(share)


def test_whom_another_strikes_from_behind_has_nothing_to_answer_for(tmp_path: Path) -> None:
    follower = "{kind: scripted, lane: [a, b, 0], s: 10, speed: 25, length: 5, width: 2}"
    path = tmp_path / "struck.yaml"
    path.write_text(
        f"id: struck\n{ROAD}\nego: {{lane: [a, b, 0], s: 40, speed: 10}}\ntime_limit: 9\n"
        f"actors: [{follower}]\n"
    )
    network = checkpoint(tmp_path, saying(-2.0))
    out = tmp_path / "run"
    run(path, out=out, stack="constant", checks=(), critic=str(network))
    found = reliability_in(out)
    assert found is not None
    assert (found.unsafe, found.left_out) == (0, 0)
    assert found.decisions > 20


def test_without_a_critic_there_is_none(tmp_path: Path) -> None:
    path = write_suite(tmp_path)
    run(path, out=tmp_path / "run", stack="constant", checks=(), only=("quiet@1#0",))
    assert reliability_in(tmp_path / "run") is None
