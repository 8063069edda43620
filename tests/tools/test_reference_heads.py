"""The comparison of heads: what is trained once is kept, and the valley is where it is planted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivestack.behavior.knots import KNOTS
from drivestack.behavior.tokens import Ego
from drivestack.learn.planner import demonstrations
from drivestack.learn.planner.demonstrations import Demonstrations
from drivestack.learn.planner.teaching import FACTS
from tests.learn.planner.made import made
from tools import reference_heads
from tools.reference_heads import FORK, in_the_valley, main


def swerve(side: float) -> np.ndarray:
    """Knots (10, 2) that end some metres aside and go straight on."""
    knots = np.zeros((KNOTS, 2), np.float32)
    knots[:4, 1], knots[4:8, 1] = 1.2 * side, -1.2 * side
    return knots


def at_the_fork(count: int) -> Demonstrations:
    """Half pass on each side; two have begun to steer."""
    found = made(count, name=FORK)
    knots = np.stack([swerve(1.0 if number % 2 else -1.0) for number in range(count)])
    ego = found.tokens.ego.copy()
    ego[:, Ego.SPEED], ego[:, Ego.STEER] = 15.0, 0.0
    ego[:2, Ego.STEER] = 0.1
    return replace(found, knots=knots, tokens=replace(found.tokens, ego=ego))


class Saying:
    """A policy that says the same everywhere."""

    def __init__(self, *chunks: np.ndarray) -> None:
        self.head = self
        self.width = 2
        self._chunks = chunks

    def candidates(self, tokens: Any, noise: Any) -> np.ndarray:
        """16 of them, in turns."""
        knots = np.stack([self._chunks[k % len(self._chunks)] for k in range(16)])
        return np.repeat(knots[None], len(tokens.ego), axis=0).astype(np.float64)


BRAKING = np.stack([np.full(KNOTS, -6.0), np.zeros(KNOTS)], axis=1)


@pytest.mark.parametrize(
    ("chunks", "shares"),
    [
        ([swerve(0.0)], [1.0, 0.0, 0.0]),
        ([swerve(1.0), swerve(-1.0)], [0.0, 0.5, 0.5]),
        ([swerve(1.0), swerve(-1.0), swerve(-1.0), swerve(0.0)], [0.25, 0.25, 0.5]),
        ([BRAKING], [0.0, 0.0, 0.0]),  # who stops before it has not driven into it
    ],
)
def test_the_valley_is_where_it_is_planted(chunks: list[np.ndarray], shares: list[float]) -> None:
    found = in_the_valley(Saying(*chunks), at_the_fork(10))  # pyright: ignore
    assert found is not None
    assert found.tolist() == [*shares, 8.0]


def test_there_may_be_no_fork() -> None:
    assert in_the_valley(Saying(swerve(0.0)), made(10)) is None  # pyright: ignore


def test_heads_are_trained_once_on_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "demonstrations").mkdir()
    joined = Demonstrations.joined([made(60), at_the_fork(60)])
    demonstrations.write(tmp_path / "demonstrations" / "some.npz", joined)
    (tmp_path / "demonstrations" / FACTS).write_text("{}")
    out = tmp_path / "heads.md"
    words = ["--folder", str(tmp_path), "--steps", "2", "--heads", "mse,flow", "--out", str(out)]
    assert main(words) == 0
    text = out.read_text()
    assert [line.split(" | ")[0] for line in text.splitlines() if " MB " in line] == [
        "| mse", "| flow",
    ]  # fmt: skip
    monkeypatch.setattr(reference_heads, "make_policy", None)  # nothing is trained again
    assert main(words) == 0
    assert out.read_text() == text
    # the policy that is there is taken, if it is of the same data and course
    (tmp_path / "heads" / "flow.safetensors").rename(tmp_path / "flow.safetensors")
    assert main(words) == 0
    assert out.read_text() == text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "has no demonstrations; tools/reference_model.py makes them there"),
        (["--heads", "mze"], "unknown head 'mze'; did you mean 'mse'?"),
    ],
)
def test_mistakes_are_told_in_a_sentence(
    tmp_path: Path, words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--folder", str(tmp_path), *words]) == 2
    said = capsys.readouterr().err.strip()
    assert said.endswith(sentence)
    assert len(said.splitlines()) == 1


def test_what_is_half_collected_is_not_learned_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "demonstrations").mkdir()
    assert main(["--folder", str(tmp_path)]) == 2
    assert "is not whole; tools/reference_model.py goes on" in capsys.readouterr().err


def test_who_interrupts_is_told_how_to_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(reference_heads, "trained", interrupted)
    assert main(["--folder", str(tmp_path)]) == 130
    assert capsys.readouterr().err == "interrupted; the same command goes on\n"
