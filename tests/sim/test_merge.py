"""Shards put together are the whole run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from drivestack.cli.main import main
from drivestack.core.errors import InputError
from drivestack.sim.merging import merge
from tests.sim.resuming import drive, episodes, facts, small_suite

SHARDS = 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole run, and its shards."""
    folder = tmp_path_factory.mktemp("runs")
    path = small_suite(folder, "0-10")
    drive(path, folder / "whole")
    for index in range(1, SHARDS + 1):
        drive(path, folder / str(index), shard=f"{index}/{SHARDS}")
    return folder


def test_shards_make_the_whole(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = merge(folder / "3", folder / "1", folder / "2", out=out)
    assert result.digest == facts(folder / "whole")["digest"]
    assert episodes(out) == episodes(folder / "whole")
    assert (out / "events.jsonl").read_bytes() == (folder / "whole/events.jsonl").read_bytes()
    assert facts(out)["settings"]["shard"] == "1/1"
    assert {file.name for file in out.iterdir()} == {*facts(out)["sha256"], "manifest.json"}


def test_the_verb_shows_the_table(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    words = [str(folder / str(index)) for index in (1, 2, 3)]
    assert main(["merge", *words, "--out", str(tmp_path / "out"), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["table"][-1]["episodes"] == 11


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ("1 2", "of 3 shards these are missing: 3"),
        ("1 2 2", "2: is shard 2/3, and so is"),
        ("1 2 whole", "whole: is shard 1/1, and .*1 is 1/3"),
        ("1 2 nothing", "nothing: not the folder of a run"),
        ("1 2 other", "other: is no shard of the same run as .*: other settings"),
        ("1 2 begun", "begun: was interrupted; finish it with 'drivestack resume"),
    ],
)
def test_what_is_no_whole_is_refused(
    folder: Path, tmp_path: Path, names: str, sentence: str
) -> None:
    if "other" in names:
        drive(folder / "road.yaml", folder / "other", shard="3/3", plan_latency=1)
    if "begun" in names:
        shutil.copytree(folder / "3", folder / "begun")
        manifest = {**facts(folder / "3"), "interrupted": True}
        (folder / "begun" / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=sentence):
        merge(*(folder / name for name in names.split()), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_ticks_stay_in_their_order(folder: Path, tmp_path: Path) -> None:
    merge(*(folder / str(index) for index in (1, 2, 3)), out=tmp_path / "out")
    query = "SELECT * FROM read_parquet(?)"
    for table in ("ticks", "agents", "reasons"):
        found = [
            duckdb.execute(query, [str(run / f"{table}.parquet")]).fetchall()
            for run in (tmp_path / "out", folder / "whole")
        ]
        assert found[0] == found[1]
