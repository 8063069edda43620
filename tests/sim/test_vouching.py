"""Damaged runs are refused in a sentence, by whatever reads a finished run."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drivestack.core.errors import InputError
from drivestack.report import write
from drivestack.sim.journal import NAME as JOURNAL
from drivestack.sim.journal import held
from drivestack.sim.log import FILES, TABLES
from drivestack.sim.merging import merge
from drivestack.sim.reading import manifest_in
from drivestack.sim.suite import finished_run
from drivestack.sim.vouching import check_whole
from tests.sim.hand_made import episode, write_run

REST: dict[str, Any] = {
    **dict.fromkeys(("config_hash", "reference", "frame"), ""),
    **dict.fromkeys(("wall_seconds", "compile_seconds", "reference_seconds"), 1.0),
    "paths": [],
    "command": [],
    "machine": {},
    "stage_seconds": {},
}
"""What a run of files also has in its manifest."""

SAME: dict[str, Any] = {"paths": [], "files": {}, "versions": {}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A whole run, which is the only shard."""
    path = write_run(tmp_path / "run", [episode("a#0"), episode("b#1")], **REST)
    (path / JOURNAL).touch()
    with held(path) as journal:
        journal.begin({**SAME, "settings": {"shard": "1/1"}})
    return path


def test_a_whole_run_is_read(folder: Path, tmp_path: Path) -> None:
    assert len(finished_run(folder).episodes) == 2
    assert len(merge(folder, out=tmp_path / "merged").episodes) == 2
    assert len(finished_run(tmp_path / "merged").episodes) == 2


def readers(folder: Path) -> list[Callable[[], object]]:
    """Of finished runs: going on, putting together, looking at."""
    return [
        lambda: finished_run(folder),
        lambda: merge(folder, out=folder.parent / "merged"),
        lambda: write(folder),
    ]


@pytest.mark.parametrize(
    ("name", "how"),
    [
        *itertools.product(FILES, ("other", "gone")),
        *((f"{table}.parquet", how) for table in TABLES for how in ("empty", "cut")),
    ],
)
def test_a_damaged_file_is_refused(folder: Path, name: str, how: str) -> None:
    path = folder / name
    data = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes({"empty": b"", "cut": data[: len(data) // 2], "other": b"garbage"}[how])
    for read in readers(folder):
        with pytest.raises(InputError, match=rf"{name}: (is damaged|cannot be read)"):
            read()
    assert not (folder.parent / "merged").exists()
    assert not (folder / "report.html").exists()


@pytest.mark.parametrize("name", [*REST, "sha256", "settings", "files", "versions", "digest"])
def test_a_manifest_that_lacks_something_is_refused(folder: Path, name: str) -> None:
    path = folder / "manifest.json"
    whole = json.loads(path.read_text())
    lacking = {key: value for key, value in whole.items() if key != name}
    for facts in (lacking, whole | {name: None}):
        path.write_text(json.dumps(facts))
        for read in readers(folder):
            with pytest.raises(InputError, match=rf"manifest\.json: is damaged; it lacks '{name}'"):
                read()


@pytest.mark.parametrize("facts", [{}, {"interrupted": False}, {"interrupted": "no"}])
def test_a_manifest_of_nothing_is_refused(folder: Path, facts: dict[str, Any]) -> None:
    (folder / "manifest.json").write_text(json.dumps(facts))
    for read in readers(folder):
        with pytest.raises(InputError, match=r"is damaged; it lacks 'schema_version'"):
            read()


def test_a_file_without_a_checksum_is_refused(folder: Path) -> None:
    manifest = manifest_in(folder)
    assert manifest is not None
    del manifest["sha256"]["maps.parquet"]
    with pytest.raises(InputError, match=r"has no checksum of maps\.parquet"):
        check_whole(folder, manifest)
