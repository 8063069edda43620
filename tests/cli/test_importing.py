"""The verb `import`: what it writes can be run."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from drivestack.cli.main import main
from drivestack.scenario.loader import documents
from drivestack.scenario.resolve import first_start
from drivestack.scenario.sources.highway_env import load
from tests.scenario.writing import SCENARIO, write


def test_a_scene_of_highway_env_becomes_a_scenario(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", "merge-v1", "--out", str(tmp_path / "new")]) == 0
    (path,) = (tmp_path / "new").iterdir()
    assert capsys.readouterr().out == f"{path}\n"
    (document,) = documents(path)
    start = first_start(document)
    assert (document.scenario.id, start.scenario) == ("merge-v1", "merge-v1@1#0")
    assert start.reference == load("merge-v1", 0, rates=start.rates).reference


@pytest.fixture
def varied(tmp_path: Path) -> Path:
    """Three scenarios."""
    return write(tmp_path, "s.yaml", SCENARIO + "vary: {ego.speed: [1, 2, 3]}\n")


def test_either_all_is_written_or_nothing(
    varied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that the last one would need is taken."""
    out = tmp_path / "out"
    write(out, "two-lanes.3.yaml", "mine")
    words = ["import", str(varied), "--first", "3", "--out", str(out)]
    assert main(words) == 2
    shown, told = capsys.readouterr()
    assert shown == ""
    assert "two-lanes.3.yaml: this file exists" in told
    assert [file.read_text() for file in out.iterdir()] == ["mine"]
    (out / "two-lanes.3.yaml").unlink()
    assert main(words) == 0
    names = [f"two-lanes.{number}.yaml" for number in (1, 2, 3)]
    assert capsys.readouterr().out.splitlines() == [str(out / name) for name in names]
    assert sorted(file.name for file in out.iterdir()) == names


def test_two_of_one_name_are_refused(
    varied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "out"
    assert main(["import", str(varied), str(varied), "--out", str(out)]) == 2
    assert "two scenarios have this name" in capsys.readouterr().err
    assert not out.parent.exists()


def test_a_folder_that_cannot_be_made_is_the_machines_fault(
    varied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert main(["import", str(varied), "--out", str(tmp_path / "out")]) == 3
    told = capsys.readouterr().err
    assert "out: cannot be written to (Read-only file system)" in told
    assert told.count("\n") == 1
