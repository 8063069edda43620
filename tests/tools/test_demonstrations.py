"""The tables of demonstrations, by command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drivestack.learn.planner.demonstrations import write
from tests.learn.planner.made import made
from tools import demonstrations


def test_tables_of_what_is_learned_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "a.npz", made(200, first_seed=7960))
    assert demonstrations.main([str(tmp_path), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["moments"] == 160
    assert facts["held_out"] == 40
    assert facts["above_a_quarter"][0] == "family made 100 %"
    assert demonstrations.main([str(tmp_path)]) == 0
    assert "| made | 100.00 | 100.00 |" in capsys.readouterr().out


def test_mistakes_are_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demonstrations.main([str(tmp_path / "nothing")]) == 2
    assert "no such file or folder" in capsys.readouterr().err
