"""`drivestack safety SUITE`: tables, JSON, the page, recorded drivers, wrong words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drivestack.cli.main import main
from tests.safety.networks import checkpoint, saying
from tests.sim.interventions.suite import write_suite

LAYER = ["--stack", "constant", "--checks", "none", "--bind", "time_to_collision"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the known scenarios are, and what was found out about them."""
    place = tmp_path_factory.mktemp("cli")
    words = ["safety", str(write_suite(place)), *LAYER, "--out", str(place / "out")]
    assert main(words) == 0
    return place


def test_the_tables_say_what_the_layer_was_worth(folder: Path, capsys: Any) -> None:
    words = ["safety", str(folder / "known.yaml"), *LAYER, "--out", str(folder / "out")]
    assert main([*words, "--resume"]) == 0
    shown = capsys.readouterr().out
    assert "episodes: 5, with the layer and without" in shown
    assert "4      2     1         1         0      0        1    1" in shown
    assert "  time_to_collision" in shown
    assert "harm: harm@1#0: first acted at" in shown
    for case in ("cases/000001-needless.yaml", "cases/000002-harm.yaml"):
        assert str(folder / "out" / case) in shown
        assert (folder / "out" / case).is_file()
    assert f"all of it in {folder / 'out' / 'report.html'}" in shown
    assert (folder / "out" / "report.html").read_text().startswith("<!doctype html>")


def test_json_is_the_file(folder: Path, capsys: Any) -> None:
    words = ["safety", "suite", str(folder / "known.yaml"), *LAYER, "--out", str(folder / "out")]
    assert main([*words, "--resume", "--json", "--no-report"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == json.loads((folder / "out" / "safety.json").read_text())
    assert found["layers"]["layer"]["episodes"]["harm"] == 1


def test_the_monitors_and_the_critic_are_told(folder: Path, tmp_path: Path, capsys: Any) -> None:
    network = checkpoint(tmp_path, saying(-2.0))
    words = ["safety", str(folder / "known.yaml"), *LAYER, "--critic", str(network)]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "monitors, without the layer: decisions past the limit" in shown
    assert "critic, without the layer: chance of a contact within 3 s" in shown
    assert "Brier 0.13" in shown
    assert "decisions in 5 episodes were unsafe" in shown
    found = json.loads((tmp_path / "out" / "safety.json").read_text())
    assert [one["monitor"] for one in found["monitors"]][-1] == "critic"
    assert found["critic"]["episodes"] == 5


def test_options_may_come_first(folder: Path, capsys: Any) -> None:
    words = ["safety", "--horizon", "nan", str(folder / "known.yaml"), *LAYER]
    assert main(words) == 2
    assert "twins must be followed for more than 0 s" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--checks", "what_iff"], "did you mean 'what_if'?"),
        (["--bind", "time_to_colision"], "did you mean 'time_to_collision'?"),
        (["--prices", "0.1;1"], "--prices must be such as 0.01,0.1,1, got '0.1;1'"),
        (["--prices", "1,1.0"], "prices must differ"),
        (["--price", "inf"], "price must be a number from 0"),
        (["--resume"], "--resume needs --out"),
        (["--stack", "replay"], "nobody recorded its ego"),
    ],
)
def test_wrong_words_are_one_sentence(
    folder: Path, tmp_path: Path, more: list[str], told: str, capsys: Any
) -> None:
    out = [] if "--resume" in more else ["--out", str(tmp_path / "out")]
    assert main(["safety", str(folder / "known.yaml"), *out, *more]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_there_is_refused(folder: Path, capsys: Any) -> None:
    words = ["safety", str(folder / "known.yaml"), *LAYER, "--out", str(folder / "out")]
    assert main(words) == 2
    assert "this folder exists" in capsys.readouterr().err


def test_run_takes_a_layer(folder: Path, tmp_path: Path, capsys: Any) -> None:
    words = ["run", str(folder / "known.yaml"), "--out", str(tmp_path / "out"), "--json"]
    assert main([*words, *LAYER, "--price", "0.3", "--twins", "4", "--no-report"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["outcome"] for row in found["episodes"][:2]] == ["timeout", "timeout"]
    settings = json.loads((tmp_path / "out" / "manifest.json").read_text())["settings"]
    assert (settings["checks"], settings["bind"]) == ([], ["time_to_collision"])
    assert (settings["price"], settings["twins"], settings["shadow_layer"]) == (0.3, 4.0, False)


def test_recorded_drivers_are_only_watched(shared: Path, tmp_path: Path, capsys: Any) -> None:
    path = shared / "data" / "commonroad_ngsim_head" / "USA_Peach-4_8_T-1.xml.gz"
    layer = ["--checks", "none", "--bind", "time_to_collision"]
    words = ["safety", str(path), "--stack", "replay", "--every-vehicle", "--shard", "1/3"]
    assert main([*words, *layer, "--out", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr().out
    assert "interventions on human driving, each 10 minutes" in shown
    found = json.loads((tmp_path / "out" / "safety.json").read_text())["layers"]["layer"]
    assert found["drives"] == 3
    assert 0.0 < found["clean_minutes"] <= found["minutes"] < 2.0
    assert sum(found["agreement"].values()) == found["spells"]
    assert found["clean_spells"] == sum(found["by_check"].values()) <= found["spells"]
