"""The verb `import`: what it writes can be run."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.cli.main import main
from drivestack.scenario.loader import documents
from drivestack.scenario.resolve import first_start
from drivestack.scenario.sources.highway_env import load


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
