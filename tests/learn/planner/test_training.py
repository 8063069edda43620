"""Training: it learns, the same bits again, also after an interruption; what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivestack.behavior.checkpoint import POLICY, checkpoint_bytes, facts_of, policy_of
from drivestack.behavior.heads import HEADS
from drivestack.behavior.tokens import Ego
from drivestack.cli.main import main
from drivestack.core.errors import InputError
from drivestack.learn.planner.course import Course
from drivestack.learn.planner.demonstrations import Demonstrations, write
from drivestack.learn.planner.judging import judged
from drivestack.learn.planner.making import Making, make_policy, split
from drivestack.learn.planner.training import Trainee, cumulated, trained
from tests.learn.planner.made import made

SHORT = Course(steps=6, batch=16, noises=2, keep=2, warm=2)


def course_of(head: str = "flow", **changes: Any) -> Course:
    return replace(SHORT, head=head, **changes)


def run(found: Demonstrations, course: Course, kept: Callable[[Trainee], None]) -> bytes:
    trainee = trained(found, Trainee.begun(found, course), kept)
    return checkpoint_bytes(trainee.averaged, {})


def quiet(trainee: Trainee) -> None:
    pass


@pytest.mark.parametrize("head", HEADS)
def test_every_head_can_be_trained(head: str) -> None:
    found = made(100)
    trainee = trained(found, Trainee.begun(found, course_of(head)), quiet)
    assert np.isfinite(trainee.loss)
    figures = judged(trainee.averaged.eval(), found.some(np.arange(20)), course_of(head))
    assert all(np.isfinite(value) for value in figures.values())


def test_it_learns_the_rule() -> None:
    found = made(600)
    course = course_of("mse", steps=150, batch=64, noises=1, warm=10)
    begun = Trainee.begun(found, course)
    before = judged(begun.averaged.eval(), found, course)
    after = judged(trained(found, begun, quiet).averaged.eval(), found, course)
    assert after["loss"] < 0.3 * before["loss"]
    assert after["ade"] < 0.4 * before["ade"]


def test_what_varies_only_while_it_is_learned_is_seen() -> None:
    found = made(100)
    ego = found.tokens.ego.copy()  # as it is collected: all is told, nothing committed
    ego[:, Ego.KNOWN], ego[:, Ego.PREFIX :] = 1.0, 0.0
    found = replace(found, tokens=replace(found.tokens, ego=ego))
    policy = Trainee.begun(found, course_of()).policy
    scale = policy.encoder.get_buffer("ego_scale")
    for column in (Ego.KNOWN, Ego.PREFIX, Ego.PREFIX_TIME, Ego.PREFIX_ALONG, Ego.PREFIX_ACROSS):
        assert scale[column] > 0.0


def test_the_same_bits_again() -> None:
    found = made(100)
    assert run(found, SHORT, quiet) == run(found, SHORT, quiet)
    assert run(found, SHORT, quiet) != run(found, replace(SHORT, seed=1), quiet)


def test_an_interrupted_training_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    write(tmp_path / "data.npz", made(200))
    asked = Making((tmp_path / "data.npz",), tmp_path / "whole.safetensors", SHORT)
    make_policy(asked, lambda *told: None)
    again = replace(asked, out=tmp_path / "halves.safetensors")

    def stop(step: str, done: int, of: int, loss: float) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_policy(again, stop)
    state = tmp_path / "halves.safetensors.state"
    assert state.exists()
    assert not again.out.exists()
    make_policy(again, lambda *told: None)
    assert again.out.read_bytes() == asked.out.read_bytes()
    assert not state.exists()


def test_another_training_is_not_gone_on_with(tmp_path: Path) -> None:
    write(tmp_path / "data.npz", made(200))
    asked = Making((tmp_path / "data.npz",), tmp_path / "policy.safetensors", SHORT)

    def stop(step: str, done: int, of: int, loss: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_policy(asked, stop)
    with pytest.raises(InputError, match="other data, settings or code were begun here"):
        make_policy(replace(asked, course=replace(SHORT, seed=4)), stop)


def test_moments_are_drawn_in_proportion_to_their_weights() -> None:
    found = made(4)
    chances = cumulated(replace(found, weight=np.array([1, 0, 2, 1], np.float32)))
    np.testing.assert_allclose(chances, [0.25, 0.25, 0.75, 1.0])


def test_what_is_held_out() -> None:
    learned, held = split(made(200, first_seed=7960))
    assert learned.seed.max() < 8000 <= held.seed.min()
    learned, held = split(made(200))
    assert set(held.seed % 20) == {0}
    assert not set(held.seed) & set(learned.seed)
    with pytest.raises(InputError, match="are never learned from"):
        split(made(200, first_seed=8960))
    with pytest.raises(InputError, match="nothing is left to hold out"):
        split(made(1))


def test_what_is_always_the_same_teaches_nothing() -> None:
    found = made(30)
    with pytest.raises(InputError, match="always the same"):
        Trainee.begun(replace(found, knots=np.zeros_like(found.knots)), SHORT)


def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "data.npz", made(200))
    out = tmp_path / "mse.safetensors"
    words = ["train", "mse", str(tmp_path), "--out", str(out), "--steps", "3"]
    assert main([*words, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["course"]["head"] == "mse"
    assert facts_of(out, POLICY)["figures"] == facts["figures"]
    assert facts["data"]["families"] == {"made": facts["data"]["moments"]}
    assert policy_of(out).name == "mse"
    assert main(["train", "no-such-head", str(tmp_path), "--out", str(out)]) == 2
    assert "unknown head 'no-such-head'" in capsys.readouterr().err
