"""From scenarios to demonstrations, at the smallest size: resumable, and the same again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from drivestack.behavior.tokens import Ego
from drivestack.cli.main import main
from drivestack.core.errors import InputError
from drivestack.learn.planner import demonstrations
from drivestack.learn.planner.demonstrations import Demonstrations
from drivestack.learn.planner.teaching import FACTS, Teaching, make_demonstrations
from tests.test_readme import ROOT

FILE = ROOT / "scenarios/rare/debris.yaml"


def silent(step: str, done: int, total: int) -> None:
    assert 0 <= done <= total


def asked(out: Path, **changes: object) -> Teaching:
    plain = Teaching((FILE,), out, ("oracle",), unseen=(), seeds=2, held_out=2)
    return replace(plain, **changes)  # pyright: ignore


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("demonstrations") / "made"
    make_demonstrations(asked(out), silent)
    return out


def joined(folder: Path) -> Demonstrations:
    return demonstrations.read_all([folder])


def test_it_says_what_was_demonstrated(folder: Path) -> None:
    facts, found = json.loads((folder / FACTS).read_text()), joined(folder)
    assert facts["moments"] == len(found) > 20
    assert set(facts["collected"]) == set(facts["drawn"]) == {"family", "manoeuvre", "speed"}
    for shares in (facts["collected"] | facts["drawn"]).values():
        assert sum(shares.values()) == pytest.approx(100.0, abs=0.1)
    assert found.names == ("rare-debris",)
    assert (found.seed < 8000).any()
    assert ((found.seed >= 8000) & (found.seed < 9000)).any()
    assert (found.tokens.ego[:, Ego.ROUTED] == 1.0).all()


def test_who_goes_on_gets_the_same(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    first = sorted(folder.glob("*.npz"))[0]
    other.mkdir()
    (other / first.name).write_bytes(first.read_bytes())  # as if stopped after one job
    facts = make_demonstrations(asked(other, workers=2), silent)
    assert facts["sha256"] == json.loads((folder / FACTS).read_text())["sha256"]


def test_a_folder_of_something_else_is_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="demonstrations of something else"):
        make_demonstrations(asked(folder, seeds=4), silent)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--experts", "orakel"], "unknown expert 'orakel'; did you mean 'oracle'?"),
        (["--drivers", "expert,pdm_line"], "unknown driver 'pdm_line'; did you mean 'pdm_lane'?"),
        (["--unseen", "rare-debriss"], "did you mean 'rare-debris'?"),
        (["--unseen", "rare-debris"], "no family is left"),
    ],
)
def test_mistakes_are_told_in_a_sentence(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["collect", str(FILE), "--out", str(tmp_path / "out"), *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.strip().splitlines()) == 1
