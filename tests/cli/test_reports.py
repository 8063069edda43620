"""The verbs `report` and `replay`, and what `run` writes at its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from drivestack.cli.main import main
from tests.scenes import write_road


def test_a_run_ends_with_a_report_that_can_be_written_again(tmp_path: Path, capsys: Any) -> None:
    path, run = write_road(tmp_path, limit=0.3), tmp_path / "run"
    chosen = ["--stack", "constant", "--controller", "pid"]
    assert main(["run", str(path), "--out", str(run), *chosen]) == 0
    assert f"report: {run / 'report.html'}" in capsys.readouterr().out
    other = tmp_path / "other.html"
    assert main(["report", str(run), "--out", str(other), "--episodes", "0"]) == 0
    assert 'id="episode-0"' in (run / "report.html").read_text()
    assert 'id="episode-0"' not in other.read_text()
    assert main(["replay", str(run), "--episode", "0"]) == 0
    assert f"{run / 'report.html'}#ep=0" in capsys.readouterr().out
    one = tmp_path / "one.html"
    assert main(["replay", str(run), "--episode", "0", "--html", str(one)]) == 0
    assert 'id="episode-0"' in one.read_text()


def test_a_run_without_a_report(tmp_path: Path) -> None:
    path, run = write_road(tmp_path, limit=0.3), tmp_path / "run"
    words = ["run", str(path), "--out", str(run), "--stack", "constant", "--no-report"]
    assert main(words) == 0
    assert not (run / "report.html").exists()


def test_mistakes_are_one_sentence(tmp_path: Path, capsys: Any) -> None:
    path, run = write_road(tmp_path, limit=0.3), tmp_path / "run"
    page = tmp_path / "page.html"
    words = ["run", str(path), "--out", str(run), "--stack", "constant", "--no-report"]
    assert main(words) == 0
    for given, told in (
        (["report", str(tmp_path / "nowhere")], "no such run folder"),
        (["replay", str(run), "--episode", "7"], "no episode 7"),
        (["replay", str(run), "--html", "a.html"], "need --episode"),
        (["report", str(run), "--out", str(tmp_path / "no" / "a.html")], "there is no folder"),
        (["report", str(run), "--out", str(tmp_path)], "is a folder"),
        (["replay", str(run), "--episode", "0", "--html", "."], "is a folder"),
        (["compare", str(run), str(run), "--html", "."], "is a folder"),
        (["replay", str(run), "--episode", "0", "--html", str(page), "--mp4", "."], "is a folder"),
    ):
        capsys.readouterr()
        assert main(given) == 2
        error = capsys.readouterr().err
        assert told in error
        assert error.count("\n") == 1
    assert not page.exists()


def test_damaged_runs_are_one_sentence(tmp_path: Path, capsys: Any) -> None:
    path, run = write_road(tmp_path, limit=0.3), tmp_path / "run"
    words = ["run", str(path), "--out", str(run), "--stack", "constant", "--no-report"]
    assert main(words) == 0
    whole = {name: (run / name).read_bytes() for name in ("ticks.parquet", "manifest.json")}
    for name, left in (("ticks.parquet", -100), ("ticks.parquet", 0), ("manifest.json", 0)):
        (run / name).write_bytes(whole[name][:left] or b'{"interrupted": false}')
        for given in (
            ["report", str(run)],
            ["replay", str(run), "--episode", "0"],
            ["resume", str(run)],
            [*words, "--resume"],
            ["merge", str(run), "--out", str(tmp_path / "merged")],
            ["compare", str(run), str(run)],
        ):
            capsys.readouterr()
            assert main(given) == 2
            error = capsys.readouterr().err
            assert error.count("\n") == 1
            assert str(run) in error
        (run / name).write_bytes(whole[name])
    assert not (run / "report.html").exists()
    assert not (tmp_path / "merged").exists()
