"""From scenarios to a checkpoint, at the smallest size: resumable, and the same again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drivestack.cli.main import main
from drivestack.core.errors import InputError
from drivestack.learn.critic.making import CHECKPOINT, FIGURES, Making, make_critic
from drivestack.learn.critic.page import page_of, summary
from drivestack.learn.critic.plan import Amounts
from drivestack.learn.critic.samples import Samples, none, read, write
from drivestack.learn.critic.training import Course, trained
from drivestack.safety.critic import Critic
from drivestack.safety.critic_features import MOST, OTHER, OWN

torch = pytest.importorskip("torch")

ROOT = Path(__file__).resolve().parents[3]
FILES = (ROOT / "scenarios/rare/debris.yaml", ROOT / "scenarios/rare/wrong_way.yaml")


def silent(step: str, done: int, total: int) -> None:
    assert 0 <= done <= total


def planted(count: int, seed: int = 0) -> Samples:
    """Unsafe where the nearest road user's smallest gap is below 1."""
    draw = np.random.default_rng(seed)
    others = draw.normal(2.0, 2.0, (count, MOST, OTHER)).astype(np.float32)
    there = draw.uniform(size=(count, MOST)) < 0.6
    unsafe = (np.where(there, others[:, :, 0], 9.0).min(axis=1) < -1.0) & there.any(axis=1)
    zero = np.zeros(count, np.int32)
    return Samples(
        own=draw.normal(size=(count, OWN)).astype(np.float32),
        others=others,
        there=there,
        contact=unsafe,
        answered=unsafe,
        after=np.zeros(count, np.float32),
        variation=zero,
        group=zero.copy(),
        seed=zero.copy(),
        tick=zero.copy(),
    )


def test_a_planted_rule_is_learned_and_the_same_again() -> None:
    from drivestack.learn.critic.calibrating import odds_of
    from drivestack.learn.critic.measures import area_under_curve

    course = Course(epochs=12, batch=256)
    trainee = trained(planted(6000), course, lambda at, of: None)
    again = trained(planted(6000), course, lambda at, of: None)
    for left, right in zip(trainee.network, again.network, strict=True):
        assert left.tobytes() == right.tobytes()
    fresh = planted(4000, seed=1)
    assert area_under_curve(odds_of(trainee.network, fresh), fresh.answered) > 0.97
    share = planted(6000).answered.mean()
    shift = np.log(share / (1 - share)) - np.log(0.25 / 0.75) if share < 0.25 else 0.0
    assert trainee.shift == pytest.approx(shift, abs=0.01)
    assert trainee.history[-1] < trainee.history[0]


def test_samples_come_back_from_files(tmp_path: Path) -> None:
    file, given = tmp_path / "part.npz", planted(5)
    write(file, given)
    assert read(file).digest() == given.digest()
    assert Samples.joined([none(), given]).digest() == given.digest()
    assert given.some(np.array([0, 1])).digest() != given.digest()
    file.write_bytes(file.read_bytes()[:-30])
    with pytest.raises(InputError, match=r"part\.npz: no samples of this version"):
        read(file)


@pytest.mark.slow
def test_a_critic_is_made_and_made_again_from_its_parts(tmp_path: Path) -> None:
    asked = Making(
        FILES,
        tmp_path / "critic",
        unseen=("rare-wrong-way",),
        amounts=Amounts(2, 1, 2, 1, 2),
        course=Course(epochs=2, batch=16),
        stacks=("idm", "reckless"),
    )
    facts = make_critic(asked, silent)
    whole = (asked.out / CHECKPOINT).read_bytes()
    assert json.loads((asked.out / FIGURES).read_text()) == json.loads(json.dumps(facts))
    assert set(facts["report"]) >= {"all", "seen families", "unseen families", "rare-debris"}
    critic = Critic.read(asked.out / CHECKPOINT)
    assert not critic.binds  # nowhere near 500 unsafe episodes
    assert "it only advises" in summary(facts)
    page = page_of(facts)
    assert all(f"| {family} |" in page for family in ("rare-debris", "rare-wrong-way"))
    (asked.out / CHECKPOINT).unlink()
    next((asked.out / "collected").iterdir()).unlink()
    assert make_critic(asked, silent)["data"] == facts["data"]
    assert (asked.out / CHECKPOINT).read_bytes() == whole
    with pytest.raises(
        InputError, match="a critic of something else, or by other code, was begun here"
    ):
        make_critic(replace(asked, unseen=("rare-debris",)), silent)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--unseen", "rare-debri"], "unknown family 'rare-debri'; did you mean 'rare-debris'?"),
        (["--missed", "1.5"], "missed should be one of 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, got 1.5"),
        (["--unseen", "rare-debris"], "unseen: no family is left to learn from"),
        (
            ["--unseen", "none", "--page", "nowhere/critic.md"],
            "there is no folder nowhere",
        ),
    ],
)
def test_mistakes_are_told_before_anything_is_driven(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], why: str
) -> None:
    out = tmp_path / "critic"
    assert main(["train", "critic", str(FILES[0]), "--out", str(out), *words]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert why in said
    assert not out.exists()


def test_a_file_in_the_way_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "critic"
    out.write_text("")
    assert main(["train", "critic", str(FILES[0]), "--unseen", "none", "--out", str(out)]) == 2
    assert "critic: a file is in the way" in capsys.readouterr().err
