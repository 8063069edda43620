"""What the README shows is run as it stands there: one scene on both backends, and in Python."""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
from pathlib import Path

import duckdb
import pytest

from drivestack.cli.main import main
from tests.portable import differing_functions

ROOT = Path(__file__).resolve().parents[1]
SECTION = "One scene on both backends"


def blocks() -> dict[str, list[str]]:
    """The section's blocks by language; shell commands have none."""
    text = (ROOT / "README.md").read_text().split(f"## {SECTION}\n")[1].split("\n## ")[0]
    found: dict[str, list[str]] = {}
    for language, block in re.findall(r"```(\w*)\n(.*?)```", text, re.DOTALL):
        found.setdefault(language, []).append(block)
    return found


def run_block(folder: Path, block: str) -> dict[str, object]:
    """The names that a block of Python leaves behind."""
    file = folder / "block.py"
    file.write_text(block)
    return runpy.run_path(str(file))


def test_both_backends_agree_as_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    (shell,), (query, verb) = blocks()[""], blocks()["python"]
    commands = [shlex.split(line) for line in shell.splitlines()]
    assert [command[0] for command in commands] == ["drivestack"] * 2
    for command in commands:
        assert main([*command[1:], "--seed", "0"]) == 0  # one seed of the file's is enough here
    tables = capsys.readouterr().out
    assert "idm/mpc on engine" in tables
    assert "idm/mpc on highway_env" in tables

    sql = str(run_block(tmp_path, query)["query"])
    ticks, *differences = duckdb.sql(sql).fetchall()[0]
    assert ticks > 100
    # highway-env computes with numpy, whose functions are libm's on some processors only
    assert max(differences) <= (1e-6 if differing_functions(0) else 0.0)

    result = run_block(tmp_path, verb)["result"]
    (logged,) = duckdb.sql("SELECT digest FROM 'runs/engine/episodes.parquet'").fetchall()
    assert result.episodes[0]["digest"] == logged[0]  # type: ignore[attr-defined]


def test_the_tick_of_the_docs_is_driven_by_hand_and_read_from_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "tick.md").read_text()
    (block,), (query,) = (
        re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL) for language in ("python", "sql")
    )
    left = run_block(tmp_path, block)
    (command,) = re.findall(r"`drivestack (run [^`]*)`", text)
    assert main([*shlex.split(command), "--seed", "0"]) == 0
    rows = duckdb.sql(query).fetchall()
    assert [row[0] for row in rows] == [0, 1, 2, 3, 4]
    logged = "SELECT v FROM 'runs/tick/ticks.parquet' WHERE episode = 0 AND tick = 20"
    ((speed,),) = duckdb.sql(logged).fetchall()
    assert f"speed {speed} m/s" in capsys.readouterr().out
    assert left["tick"] == 19
