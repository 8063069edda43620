"""A scoring model learns a planted rule, is calibrated, and is the same again."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest

from drivestack.behavior.appraiser import Appraiser
from drivestack.behavior.checkpoint import SCORER, appraiser_of, facts_of, scorer_bytes
from drivestack.core.errors import InputError
from drivestack.learn.scorer import trials
from drivestack.learn.scorer.judging import judged
from drivestack.learn.scorer.training import Course, calibrate, odds_of, trained
from tests.learn.scorer.made import made

COURSE = Course(steps=60, batch=64, warm=10)


def silent(step: int, steps: int, loss: float) -> None:
    assert 0 < step <= steps


@pytest.fixture(scope="module")
def planted() -> Appraiser:
    """A model that has learned the planted rule."""
    return trained(made(600), COURSE, silent)


def test_a_planted_rule_is_learned_and_the_same_again(planted: Appraiser) -> None:
    one, again = planted, trained(made(600), COURSE, silent)
    other = made(200, seed=1)
    odds = odds_of(one, other)
    np.testing.assert_array_equal(odds, odds_of(again, other))
    safe, crash = other.outcome[..., 0] == 1.0, other.outcome[..., 0] == 0.0
    right = (odds[..., 0] > 0.0) == safe
    assert right[other.tried].mean() > 0.9
    assert odds[safe & other.tried, 0].mean() > odds[crash & other.tried, 0].mean() + 2.0


def test_calibration_mends_what_is_off(planted: Appraiser) -> None:
    model = deepcopy(planted)
    held_out = made(300, seed=2)
    calibrate(model, held_out)
    figures = judged(model, held_out)
    assert figures["no_collision"]["ece"] < 0.05
    assert figures["choice_learned"]["gap_closed"] > 0.15  # half of what it is told is noise
    assert (model.slope > 0.0).all()


def test_a_checkpoint_comes_back_whole_or_not_at_all(tmp_path: Path) -> None:
    model = trained(made(100), Course(steps=2, batch=16, warm=1), silent)
    whole = scorer_bytes(model, {"figures": {"a": 1.0}})
    path = tmp_path / "scorer.safetensors"
    path.write_bytes(whole)
    other = made(20, seed=3)
    np.testing.assert_array_equal(odds_of(appraiser_of(path), other), odds_of(model, other))
    assert facts_of(path, SCORER)["figures"] == {"a": 1.0}
    for name, wrong in {
        "truncated": whole[:-8],
        "empty": b"",
        "pickle": b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}\x94.",
        "other": whole.replace(b"drivestack scorer 1", b"drivestack policy 2"),
    }.items():
        broken = tmp_path / f"{name}.safetensors"
        broken.write_bytes(wrong)
        with pytest.raises(InputError, match="expected a"):
            appraiser_of(broken)


def test_trials_come_back_whole_or_not_at_all(tmp_path: Path) -> None:
    found, path = made(10), tmp_path / "part.npz"
    trials.write(path, found)
    assert trials.read(path).digest() == found.digest()
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match="no trials of this version"):
        trials.read(path)


def test_joined_trials_are_those_of_all_parts() -> None:
    one, other = made(5), made(7, seed=1)
    both = trials.Trials.joined([trials.none(), one, other])
    assert len(both) == 12
    assert both.some(np.arange(5)).digest() == one.digest()
    assert json.dumps(both.digest()) != json.dumps(one.digest())
