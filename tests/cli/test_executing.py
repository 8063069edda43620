"""--execute: what is refused, what a run keeps of it, and that it is what drives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from drivestack.cli.main import main
from drivestack.core.errors import InputError
from drivestack.sim.settings import settings_of
from tests.scenes import write_road

FEW = {"replan": 10, "open:4": 5, "open:8": 3, "open:16": 2, "ensembled": 10}
"""Plans in one second of planning at 10 Hz with 20 ticks."""


@pytest.mark.parametrize("said", FEW)
def test_a_run_drives_by_it_and_keeps_its_name(tmp_path: Path, said: str) -> None:
    road, out = write_road(tmp_path, limit=1.0), tmp_path / "run"
    words = ["run", str(road), "--stack", "pdm_lane", "--execute", said, "--no-report"]
    assert main([*words, "--out", str(out)]) == 0
    assert json.loads((out / "manifest.json").read_text())["settings"]["execute"] == said
    (plans,) = duckdb.from_parquet(str(out / "plans.parquet")).count("*").fetchall()
    assert plans == (FEW[said],)


def test_a_wrong_word_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    road = write_road(tmp_path)
    assert main(["run", str(road), "--execute", "open"]) == 2
    said = capsys.readouterr().err.strip()
    assert said.endswith(
        "execute should be replan, open:N (N ticks, such as open:8) or ensembled, got 'open'"
    )
    assert len(said.splitlines()) == 1
    assert main(["run", str(road), "--execute", "open:21"]) == 2
    assert "at most 1 s" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("told", [{"stack": "oracle"}, {"perfect": "choice"}])
def test_who_is_told_the_world_replans(told: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"execute open:8: who is told the world can only replan"):
        settings_of(execute="open:8", **told)
