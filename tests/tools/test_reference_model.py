"""The cards of the shipped models are those of the files that are shipped."""

from __future__ import annotations

import multiprocessing
import os
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import ClassVar

import pytest

import drivestack
from drivestack.core.errors import DrivestackError, InputError
from drivestack.learn.critic import making as critic
from drivestack.learn.planner.making import Making
from drivestack.learn.planner.recorded import Recorded
from tests.test_readme import ROOT
from tools import reference_model
from tools.reference_model import Beside as CriticBeside


class Alongside:
    """Stands for the process that makes a critic."""

    said: ClassVar[list[str]] = []

    def __init__(self, folder: Path) -> None:
        self.said.clear()

    def begin(self) -> None:
        self.said.append("begun")

    def wait(self) -> None:
        self.said.append("waited for")

    def end(self) -> None:
        self.said.append("ended")


@pytest.fixture(autouse=True)
def _no_critic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference_model, "Beside", Alongside)


def test_the_page_is_of_what_is_shipped() -> None:
    assert (ROOT / "docs" / "models.md").read_text() == reference_model.page()


def test_what_is_shipped_is_small() -> None:
    package = Path(drivestack.__file__).parent
    total = sum(file.stat().st_size for file in package.rglob("*.safetensors"))
    assert total <= 8_000_000


def test_nothing_shipped_was_made_of_seeds_of_reports() -> None:
    text = reference_model.page()
    assert text.count("seeds 0 to 7,999 and 8,000 to 8,999") == 2


def test_mistakes_are_told_in_a_sentence(
    tmp_path: object, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference_model, "FILES", (ROOT / "nothing.yaml",))
    assert reference_model.main(["--folder", str(tmp_path)]) == 2
    error = capsys.readouterr().err.strip()
    assert "nothing.yaml" in error
    assert len(error.splitlines()) == 1


def test_without_recordings_the_others_are_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    learned_from: list[tuple[Path, ...]] = []

    def nothing(asked: object, advance: object) -> None:
        learned_from.append(getattr(asked, "data", ()))

    monkeypatch.setenv("DRIVESTACK_SHARED", str(tmp_path / "nowhere"))
    for name in ("make_demonstrations", "make_policy", "make_scorer"):
        monkeypatch.setattr(reference_model, name, nothing)
    assert reference_model.main(["--folder", str(tmp_path)]) == 0
    assert "nothing is learned from recorded drivers" in capsys.readouterr().err
    first, last = (data for data in learned_from if data)
    assert first == (tmp_path / "demonstrations",)
    assert tmp_path / "recorded" not in last
    assert Alongside.said == ["begun", "waited for", "ended"]


def test_a_critic_that_cannot_be_made_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(critic, "make_critic", _refuse)
    with pytest.raises(SystemExit, match="2"):
        reference_model.make_critic(tmp_path / "critic")
    assert capfd.readouterr().err == "reference_model: critic: no such family\n"


@pytest.mark.slow
def test_so_is_one_that_fails_in_a_process_of_its_own(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    in_the_way = tmp_path / "critic"
    in_the_way.write_text("a file")
    beside = CriticBeside(in_the_way)
    beside.begin()
    with pytest.raises(DrivestackError, match="the critic was not made"):
        beside.wait()
    beside.end()
    assert f"critic: {in_the_way}: a file is in the way" in capfd.readouterr().err


def _sleep(pids: Connection) -> None:
    reference_model.end_with_parent()
    pids.send(os.getpid())
    time.sleep(600.0)


def _begin(pids: Connection) -> None:
    multiprocessing.get_context("spawn").Process(target=_sleep, args=(pids,)).start()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kills are POSIX's")
def test_the_process_beside_ends_with_the_one_that_began_it() -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    parent = context.Process(target=_begin, args=(theirs,))
    parent.start()
    theirs.close()
    assert ours.poll(120.0)
    child = int(ours.recv())
    os.kill(child, 0)  # it is there
    parent.kill()
    parent.join()
    assert ours.poll(120.0)  # closed, as nobody is left who might write
    with pytest.raises(EOFError):
        ours.recv()


def _refuse(*_: object) -> None:
    raise InputError("no such family")


def test_recorded_drivers_are_learned_from_by_both_policies(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setenv("DRIVESTACK_SHARED", str(shared))
    for name in ("make_demonstrations", "make_recorded", "make_policy", "make_scorer"):
        monkeypatch.setattr(reference_model, name, lambda what, advance: asked.append(what))
    assert reference_model.main(["--folder", str(tmp_path)]) == 0
    humans = [what.out for what in asked if isinstance(what, Recorded)]
    policies = [what.data for what in asked if isinstance(what, Making)]
    assert humans == [tmp_path / "recorded"]
    assert len(policies) == 2
    assert all(humans[0] in data for data in policies)
